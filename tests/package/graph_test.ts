// What the package drags in when it is imported: nothing that a browser or a plain http import lacks.
import { assert, assertEquals } from "@std/assert";
import deno from "../../deno.json" with { type: "json" };
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

interface Graph {
  modules: {
    specifier: string;
    dependencies?: { specifier: string; code?: { specifier: string }; isDynamic?: boolean }[];
  }[];
}

const root = new URL("../../", import.meta.url).href;

/** Files of the package's entry points, as `exports` of deno.json names them. */
const entries = Object.values<string>(deno.exports).map((file) => new URL(file, root).href);

/** Every specifier imported statically from the entry points on, by the file that imports it. */
async function staticImports(): Promise<Map<string, string[]>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "info",
      "--json",
      "--no-lock",
      `data:text/javascript,${entries.map((file) => `import "${file}";`).join("")}`,
    ],
    stderr: "null",
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Map<string, string[]>();
  const visit = (specifier: string): void => {
    if (found.has(specifier)) return;
    const imports = (bySpecifier.get(specifier)?.dependencies ?? []).filter(({ isDynamic, code }) =>
      !isDynamic && code
    );
    found.set(specifier, imports.map(({ specifier }) => specifier));
    for (const { code } of imports) if (code!.specifier.startsWith("file:")) visit(code!.specifier);
  };
  for (const entry of entries) visit(entry);
  return found;
}

test("no entry point imports more than files of its own when it loads: no node:, no npm:, no bare name", async () => {
  const imports = await staticImports();
  assert(imports.size > 30, "the graph was read");
  const foreign = [...imports].flatMap(([file, names]) =>
    names.filter((name) => !name.startsWith("./") && !name.startsWith("../")).map((name) => `${file}: ${name}`)
  );
  assertEquals(foreign, []);
});

test("every entry point loads without Deno, process or any permission, and mod.ts computes", async () => {
  const mod = new URL("../../mod.ts", import.meta.url).href;
  const program = `
    for (const name of ["Deno", "process", "Buffer", "SharedArrayBuffer"]) delete globalThis[name];
    const loaded = [${entries.map((entry) => `await import(${JSON.stringify(entry)})`).join()}];
    if (loaded.some((names) => Object.keys(names).length === 0)) throw new Error("an entry point exports nothing");
    const { openEngine, mlp, maml, metaInit, metaStep } = await import(${JSON.stringify(mod)});
    const engine = await openEngine({ backend: "cpu" });
    const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [4], outputs: 1 }) }));
    const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
    const { loss } = await metaStep(engine, state, [{ support: samples, query: samples }]);
    console.log(engine.info.threads, Number.isFinite(loss));
    await engine[Symbol.asyncDispose]();
  `;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/main.js`, program);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-lock",
        "--no-prompt",
        `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
        `${folder}/main.js`,
      ],
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assertEquals(new TextDecoder().decode(stdout).trim(), "1 true");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
