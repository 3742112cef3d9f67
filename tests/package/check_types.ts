/** Checks the types of every entry point as another project would, with compiler options of its own. */
import { assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };

const root = new URL("../../", import.meta.url);

/**
 * Checks them.
 *
 * @param compilerOptions What that project sets beside our options.
 * @param globals Declarations that it has, as text.
 */
export async function checkEntryPoints(
  compilerOptions: Readonly<Record<string, unknown>>,
  globals = "",
): Promise<void> {
  const imports = Object.fromEntries(
    Object.entries(config.imports).map(([name, to]) => [name, to.startsWith("./") ? new URL(to, root).href : to]),
  );
  const options = { ...config.compilerOptions, ...compilerOptions };
  const folder = await Deno.makeTempDir();
  try {
    const own = { imports, compilerOptions: options, nodeModulesDir: "none" };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(own));
    await Deno.writeTextFile(`${folder}/globals.ts`, `declare global {\n${globals}\n}\nexport {};\n`);
    const files = Object.values<string>(config.exports).map((file) => new URL(file, root).pathname);
    const args = ["check", "--quiet", "--no-lock", "--config", `${folder}/deno.json`, `${folder}/globals.ts`, ...files];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
