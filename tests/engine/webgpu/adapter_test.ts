// What a user sees of the drivers when an engine opens.
import { assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";

const test = testWith("read", "run", "env");

test("openEngine() prints nothing, whatever the drivers say of a machine without a desktop", async () => {
  const mod = new URL("../../../mod.ts", import.meta.url).href;
  const program = `import { openEngine } from "${mod}";
    await using engine = await openEngine();
    console.log(engine.info.isFallback, Deno.env.get("XDG_RUNTIME_DIR"));`;
  const { HOME, PATH, DENO_DIR, VK_DRIVER_FILES } = Deno.env.toObject();
  const kept = Object.entries({ HOME, PATH, DENO_DIR, VK_DRIVER_FILES }).filter(([, value]) => value !== undefined);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-lock", "--allow-env=XDG_RUNTIME_DIR"],
      ...[
        `--config=${new URL("../../../deno.json", import.meta.url).pathname}`,
        `data:text/javascript,${encodeURIComponent(program)}`,
      ],
    ],
    clearEnv: true,
    env: { NO_COLOR: "1", ...Object.fromEntries(kept) },
  }).output();
  const text = new TextDecoder();
  assertEquals([code, text.decode(stderr), text.decode(stdout)], [0, "", "false undefined\n"]);
});
