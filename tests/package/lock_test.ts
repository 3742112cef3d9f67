// What the package imports is what deno.lock says, and no package runs a script of its own as it is installed.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import deno from "../../deno.json" with { type: "json" };
import { testWith } from "../permissions.ts";

const root = new URL("../../", import.meta.url);
const read = (name: string): Promise<string> => Deno.readTextFile(new URL(name, root));

testWith("read", "write", "run", "env")(
  "an import that the lock does not know is refused, not written into it",
  async () => {
    const config = {
      nodeModulesDir: deno.nodeModulesDir,
      lock: deno.lock,
      imports: { "csv-parse": deno.imports["csv-parse"] },
    };
    const empty = `{"version":"5"}`;
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
      await Deno.writeTextFile(`${folder}/deno.lock`, empty);
      await Deno.writeTextFile(`${folder}/main.ts`, `import "csv-parse";\n`);
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", "main.ts"],
        cwd: folder,
        env: { NO_COLOR: "1" },
      }).output();
      assertEquals(code, 1);
      assertStringIncludes(new TextDecoder().decode(stderr), "The lockfile is out of date");
      assertEquals(await Deno.readTextFile(`${folder}/deno.lock`), empty);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testWith("read")("nothing asks for the lifecycle scripts of packages, and the gate's npm runs none", async () => {
  assertEquals("allowScripts" in deno, false);
  assertEquals(deno.nodeModulesDir, "none");
  const commands = [...Object.values(deno.tasks).map(({ command }) => command), await read(".ci/run")];
  assertEquals(commands.filter((command) => command.includes("--allow-scripts")), []);
  assert(/^export .*\bnpm_config_ignore_scripts=true\b/m.test(await read(".ci/run")));
});
