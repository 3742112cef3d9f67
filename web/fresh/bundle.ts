/**
 * Bundles browser modules with esbuild, resolving imports as Deno does: `deno info` says which file or npm package every
 * import of every module is. Packages come from Deno's cache, so no node_modules folder is needed.
 * @module
 */
import { build, type Loader, type Plugin, stop } from "esbuild";
import { dirname, extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly specifier: string; readonly code?: { readonly specifier: string } }[];
  }[];
  readonly redirects: Readonly<Record<string, string>>;
  readonly npmPackages: Readonly<Record<string, { readonly name: string; readonly localPath: string }>>;
}

/** A bundled file. */
export interface BundledFile {
  /** Its name: that of its entry, or `chunk-HASH.js`. */
  readonly name: string;
  /** Its text, encoded. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Bundles entries into ES modules that share chunks; a dynamic import becomes a chunk of its own.
 *
 * @param entries names of the outputs, and the files they come from
 * @throws {Error} An import cannot be resolved, or a module does not parse.
 */
export async function bundle(entries: Readonly<Record<string, string>>): Promise<readonly BundledFile[]> {
  const graph = await readGraph(Object.values(entries));
  const result = await build({
    entryPoints: entries,
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: ["es2023"],
    minify: true,
    write: false,
    jsx: "automatic",
    jsxImportSource: "preact",
    chunkNames: "chunk-[hash]",
    logLevel: "silent",
    plugins: [denoPlugin(graph)],
  });
  await stop();
  return result.outputFiles.map((file) => ({
    name: file.path.replace(/^.*[\\/]/, ""),
    bytes: new Uint8Array(file.contents),
  }));
}

/** What Deno says of all files at once: of a module that imports each of them. */
async function readGraph(files: readonly string[]): Promise<Graph> {
  const root = files.map((file) => `import ${JSON.stringify(pathToFileURL(file).href)};`).join("\n");
  const args = ["info", "--json", `data:text/javascript,${encodeURIComponent(root)}`];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (code !== 0) throw new Error(`Cannot bundle ${files.join(", ")}: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

const LOADERS: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".mjs": "js",
  ".json": "json",
};

function denoPlugin(graph: Graph): Plugin {
  const targets = new Map(
    graph.modules.flatMap(({ specifier, dependencies = [] }) =>
      dependencies.map((dependency) => [`${specifier} ${dependency.specifier}`, dependency.code?.specifier] as const)
    ),
  );
  const folders = new Map(Object.values(graph.npmPackages).map(({ name, localPath }) => [name, localPath]));
  return {
    name: "deno",
    setup({ onResolve, onLoad, resolve }) {
      // A package's own name resolves through its `exports` from inside its folder; one without `exports` by path.
      const fromPackage = async (path: string) => {
        const name = path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/");
        const resolveDir = folders.get(name);
        if (resolveDir === undefined) return { errors: [{ text: `Cannot find the package ${name}` }] };
        const options = { resolveDir, kind: "import-statement", pluginData: SELF } as const;
        const found = await resolve(path, options);
        return found.errors.length === 0 ? found : await resolve(`./${path.slice(name.length + 1)}`, options);
      };
      onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /.*/ }, (args) => {
        if (args.pluginData === SELF || args.kind === "entry-point") return null;
        if (args.importer.startsWith("/") && args.namespace === "file") {
          const target = targets.get(`${new URL(`file://${args.importer}`).href} ${args.path}`);
          const found = target === undefined ? undefined : graph.redirects[target] ?? target;
          if (found?.startsWith("file:")) return { path: fileURLToPath(found) };
          if (found?.startsWith("npm:")) return fromPackage(found.replace(/^npm:\/?/, "").replace(/(?<=.)@[^/]+/, ""));
        }
        if (args.path.startsWith(".") || args.path.startsWith("/")) return null;
        return fromPackage(args.path);
      });
      onLoad({ filter: /^.*$/, namespace: "file" }, async ({ path }) => {
        const loader = LOADERS[extname(path)];
        if (loader === undefined) return null;
        return { contents: await Deno.readTextFile(path), loader, resolveDir: dirname(path) };
      });
    },
  };
}

const SELF = Symbol("resolve inside the package");
