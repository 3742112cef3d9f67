// A program that checks its types with exactOptionalPropertyTypes can import the package, and so can one without.
import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const root = new URL("../../", import.meta.url);

testWith("read", "write", "run")("every entry point checks under exactOptionalPropertyTypes", async () => {
  const { compilerOptions, exports, imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  const absolute = Object.fromEntries(
    Object.entries<string>(imports).map((
      [name, to],
    ) => [name, to.startsWith("./") ? new URL(to, root).href : to]),
  );
  const folder = await Deno.makeTempDir();
  try {
    const config = { imports: absolute, compilerOptions: { ...compilerOptions, exactOptionalPropertyTypes: true } };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ ...config, nodeModulesDir: "none" }));
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-lock", "--config", `${folder}/deno.json`].concat(
        Object.values<string>(exports).map((file) => new URL(file, root).pathname),
      ),
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(new TextDecoder().decode(stderr), "");
    assertEquals(code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
