// deno.jsr.json follows deno.json.
import { assertEquals } from "@std/assert";
import { jsrConfig } from "../../std/jsr_config.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read");

Deno.test("jsrConfig() maps the stand-ins to their originals, locks them apart and keeps the rest", () => {
  const text = JSON.stringify({
    name: "x",
    lock: { path: "./deno.lock", frozen: true },
    imports: { "@std/assert": "./std/assert.ts", "csv-parse": "npm:csv-parse@1", "fast-check": "npm:fast-check@4" },
    tasks: {},
  });
  const { name, lock, imports } = JSON.parse(jsrConfig(text));
  assertEquals({ name, lock, imports }, {
    name: "x",
    lock: { path: "./deno.jsr.lock" },
    imports: { "@std/assert": "jsr:@std/assert@^1", "csv-parse": "npm:csv-parse@1", "fast-check": "npm:fast-check@4" },
  });
});

Deno.test("jsrConfig() makes every task use the file it stands in, and adds Fresh's build", () => {
  const tasks = { web: { description: "w", command: "deno run -A web/dev.ts && deno task a" } };
  const config = JSON.parse(jsrConfig(JSON.stringify({ imports: {}, tasks })));
  assertEquals(
    config.tasks.web.command,
    "deno run --config deno.jsr.json -A web/dev.ts && deno task --config deno.jsr.json a",
  );
  assertEquals(Object.keys(config.tasks), ["web", "web:build", "web:start"]);
});

test("deno.jsr.json is what std/jsr_config.ts would write", async () => {
  const root = new URL("../../", import.meta.url);
  const wanted = jsrConfig(await Deno.readTextFile(new URL("deno.json", root)));
  assertEquals(JSON.parse(await Deno.readTextFile(new URL("deno.jsr.json", root))), JSON.parse(wanted));
});
