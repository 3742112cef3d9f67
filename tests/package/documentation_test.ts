// The examples in the documentation, run as programs: deno test reads code blocks only where it is told to. And what the README
// says that the programs in examples/ write.
import { assert, assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const test = testWith("read", "write", "run", "env", "sys", "net", "import");

test("every example in docstrings and guides runs", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "-P=test", "--ignore=tests"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  assertEquals(code, 0, text);
  const passed = Number(/ (\d+) passed/.exec(text)?.[1]);
  assert(passed > 50, `${passed} examples, expected those of the whole library\n${text}`);
});

testWith("read")("README names the examples that write a page, as their help does, and no others", async () => {
  const pages: string[] = [];
  for await (const { name, isFile } of Deno.readDir(`${ROOT}examples`)) {
    if (!isFile || !name.endsWith(".ts")) continue;
    const source = await Deno.readTextFile(`${ROOT}examples/${name}`);
    if (/^ +--out FILE .*\(default out\/\w+\.html\)/m.test(source)) pages.push(name.slice(0, -3));
  }
  const readme = (await Deno.readTextFile(`${ROOT}README.md`)).replaceAll(/\s+/g, " ");
  const [sentence] = /A self-contained page goes into `out\/` .*?(?=\. )/.exec(readme) ?? [""];
  assertEquals(Array.from(sentence.matchAll(/`(\w+)`/g), ([, name]) => name).sort(), pages.sort());
});
