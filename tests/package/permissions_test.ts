// Tests that touch files, programs or the network say so through testWith(), or a plain `deno test` would fail at them.
import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../", import.meta.url);
const test = testWith("read");

/** What takes a permission: Deno's own functions, and the helpers that several test files share. */
const TAKES = [
  String.raw`Deno\.(?:makeTemp\w+|read\w+|write\w+|remove|mkdir|stat\w*|open|Command|serve|listen|connect|env)\b`,
  String.raw`\b(?:withFolder|inTempFolder|runExample|runPlainly|startExample|serveKlines|serveBybit|startDashboard)\(`,
];

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}${name}/`) : name.endsWith("_test.ts") ? [`${folder}${name}`] : []
  );
}

/** The tests of a file that take a permission, by themselves or through its functions, and ask for none. */
function careless(text: string): string[] {
  const parts = text.split(/^(?=\S)/m).reduce<string[]>((all, part) => {
    if (/^[})\]]/.test(part) && all.length > 0) all[all.length - 1] += part;
    else all.push(part);
    return all;
  }, []);
  const takes = [...TAKES];
  for (let known = 0; known < takes.length;) {
    known = takes.length;
    for (const part of parts) {
      const name = /^(?:export )?(?:async )?function (\w+)/.exec(part)?.[1];
      const call = String.raw`\b${name}\(`;
      if (name && !takes.includes(call) && RegExp(takes.join("|")).test(part.slice(part.indexOf("{")))) {
        takes.push(call);
      }
    }
  }
  return parts.filter((part) => /^\s*Deno\.test\(/m.test(part) && RegExp(takes.join("|")).test(part))
    .filter((part) => !/\bignore(?::|,)/.test(part))
    .map((part) => /Deno\.test\(\s*(?:\{\s*name:\s*)?["'`](.*?)["'`],/s.exec(part)?.[1] ?? part);
}

test("every test that takes a permission asks for it through testWith() or ignore", () => {
  const found = filesIn("./").flatMap((file) =>
    careless(Deno.readTextFileSync(new URL(file, ROOT))).map((title) => `${file}: ${title}`)
  );
  assertEquals(found, []);
});

Deno.test("what takes a permission is seen through a function of the file", () => {
  const helper = `async function inFolder(work) {\n  await Deno.makeTempDir();\n}\n`;
  assertEquals(careless(`${helper}Deno.test("a", () =>\n  inFolder(() => {}));\nDeno.test("b", () => {});\n`), ["a"]);
  assertEquals(careless(`${helper}test("a", () => inFolder(() => {}));\n`), []);
  assertEquals(
    careless(`Deno.test({\n  name: "c",\n  ignore: !hasShared,\n  fn: () => Deno.readTextFileSync("x"),\n});\n`),
    [],
  );
});
