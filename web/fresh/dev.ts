/**
 * The subset of `fresh/dev`: `Builder`, which finds routes and islands, bundles the islands, and serves. It builds once, in
 * memory, and does not watch.
 * @module
 */
import type { ComponentType } from "preact";
import { extname, join, relative, resolve, sep as SEPARATOR } from "node:path";
import { pathToFileURL } from "node:url";
import type { App, ListenOptions } from "./app.ts";
import { bundle } from "./bundle.ts";
import { setBuildId } from "./runtime.ts";
import type { BuildSnapshot, IslandChunk, RouteFile, ServedFile } from "./snapshot.ts";

/** Where the app's files lie. */
export interface BuildOptions {
  /** The folder that holds `routes`, `islands` and `static`; the current one by default. */
  readonly root?: string;
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/vnd.microsoft.icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
};

/** Builds an app and serves it. */
// deno-lint-ignore no-explicit-any
export class Builder<State = any> {
  readonly #root: string;

  /** @param options where the app's files lie */
  constructor(options: BuildOptions = {}) {
    this.#root = resolve(options.root ?? ".");
  }

  /** Builds, and returns what hands an app its build. */
  async build(): Promise<(app: App<State>) => void> {
    const snapshot = await buildSnapshot(this.#root);
    return (app) => app.applySnapshot(snapshot);
  }

  /** Builds and serves. */
  async listen(importApp: () => Promise<{ app: App<State> }>, options: ListenOptions = {}): Promise<void> {
    const [apply, { app }] = await Promise.all([this.build(), importApp()]);
    apply(app);
    await app.listen(options);
  }
}

async function buildSnapshot(root: string): Promise<BuildSnapshot> {
  const buildId = crypto.randomUUID().slice(0, 8);
  const prefix = `/_fresh/js/${buildId}/`;
  setBuildId(buildId);
  const [routes, islandFiles] = await Promise.all([routeFiles(join(root, "routes")), sources(join(root, "islands"))]);
  const names = new Map(islandFiles.map((path, index) => [path, `island-${index}`]));
  const client = new URL("./client.ts", import.meta.url).pathname;
  const bundled = await bundle({
    boot: client,
    ...Object.fromEntries(islandFiles.map((path) => [names.get(path)!, path])),
  });
  const chunks = new Map<string, ServedFile>(
    bundled.map(({ name, bytes }) => [`${prefix}${name}`, { bytes, type: TYPES[".js"], immutable: true }]),
  );
  const islands = new Map<ComponentType, IslandChunk>();
  for (const path of islandFiles) {
    const module: Record<string, unknown> = await import(pathToFileURL(path).href);
    for (const [exportName, component] of Object.entries(module)) {
      if (typeof component !== "function") continue;
      islands.set(component as ComponentType, { url: `${prefix}${names.get(path)}.js`, exportName });
    }
  }
  return {
    routes,
    islands,
    bootUrl: `${prefix}boot.js`,
    readFile: async (pathname) => chunks.get(pathname) ?? await readStatic(join(root, "static"), pathname),
  };
}

async function readStatic(folder: string, pathname: string): Promise<ServedFile | null> {
  const path = join(folder, decodeURIComponent(pathname));
  const type = TYPES[extname(path)];
  if (type === undefined || !path.startsWith(folder + SEPARATOR)) return null;
  try {
    return { bytes: await Deno.readFile(path), type, immutable: false };
  } catch (error) {
    const { NotFound, IsADirectory, NotADirectory } = Deno.errors;
    const absent = [NotFound, IsADirectory, NotADirectory].some((kind) => error instanceof kind);
    if (absent || (error as { readonly code?: string }).code === "ENAMETOOLONG") return null;
    throw error;
  }
}

async function routeFiles(folder: string): Promise<readonly RouteFile[]> {
  return await Promise.all((await sources(folder)).map(async (path) => ({
    id: relative(folder, path).replaceAll(SEPARATOR, "/").slice(0, -extname(path).length),
    module: await import(pathToFileURL(path).href),
  })));
}

/** The .ts and .tsx files of a folder and those below it, sorted. */
async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) found.push(...await sources(path));
    else if (/\.tsx?$/.test(entry.name)) found.push(path);
  }
  return found.sort();
}
