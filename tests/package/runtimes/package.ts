/**
 * Writes the package as JSR serves it to npm: every module that the entry points reach, as JavaScript of its own with the types
 * stripped and nothing else rewritten but the endings of imports, and a package.json with its exports and dependencies.
 * @module
 */
import config from "../../../deno.json" with { type: "json" };

const ROOT = new URL("../../../", import.meta.url);

const EXPORTS: Readonly<Record<string, string>> = config.exports;
const IMPORTS: Readonly<Record<string, string>> = config.imports;

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly specifier: string; readonly code?: unknown }[];
  }[];
}

/** The modules that the entry points reach, statically or when called. */
async function readGraph(): Promise<Graph> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "info",
      "--json",
      `data:text/javascript,${Object.values(EXPORTS).map((file) => `import "${new URL(file, ROOT).href}";`).join("")}`,
    ],
    cwd: ROOT,
    stderr: "null",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const asScript = (path: string): string => path.replace(/\.ts$/, ".js");

/** The package of a module that is imported by its name, or by that of a file in it. */
const packageOf = (name: string): string => name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");

/** Imports of files end in `.js`, as the files do. */
function withScriptEndings(text: string): string {
  return text.replaceAll(/(\bfrom ?|\bimport ?\(?)"(\.[^"\n]+)\.ts"/g, '$1"$2.js"');
}

/**
 * Writes the package.
 *
 * @param folder Where to; it holds package.json then.
 * @returns The names and versions of what it depends on, as package.json has them.
 */
export async function writePackage(folder: string): Promise<Readonly<Record<string, string>>> {
  const { stop, transform } = await import("esbuild"); // it reads the environment when it loads
  const { modules } = await readGraph();
  const files = modules.filter(({ specifier }) => specifier.startsWith(ROOT.href));
  await Promise.all(files.map(async ({ specifier }) => {
    const target = `${folder}/${asScript(specifier.slice(ROOT.href.length))}`;
    const options = { loader: "ts", target: "esnext", format: "esm" } as const;
    const { code } = await transform(await Deno.readTextFile(new URL(specifier)), options);
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(target, withScriptEndings(code));
  }));
  await stop();
  const named = files.flatMap(({ dependencies = [] }) =>
    dependencies.filter(({ code, specifier }) => code && !/^\.|^node:/.test(specifier)).map(({ specifier }) =>
      specifier
    )
  );
  const dependencies = Object.fromEntries(named.map((name) => {
    const [, from, version] = /^npm:(.+)@([^@]+)$/.exec(IMPORTS[packageOf(name)])!;
    return [from, version];
  }));
  const exports = Object.fromEntries(Object.entries(EXPORTS).map(([name, file]) => [name, asScript(file)]));
  const { name, version } = config;
  await Deno.writeTextFile(
    `${folder}/package.json`,
    JSON.stringify({ name, version, type: "module", exports, dependencies }, null, 2),
  );
  return dependencies;
}
