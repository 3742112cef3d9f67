// The examples in the documentation, run as programs: those that `deno test --doc` finds, read once and run one after another in
// one place, where that command loads the whole library again for each of them. And what the README says that the programs in
// examples/ write.
import { assert, assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const test = testWith("read", "write", "run", "env", "sys", "net", "import");

/** A block of TypeScript in the documentation. */
interface Block {
  /** File and line that it begins at. */
  readonly at: string;
  readonly code: string;
}

/** The blocks of a text that are meant to run: fenced as `ts`, within comments of their own where it is a program. */
function blocksOf(path: string, text: string): Block[] {
  const isProgram = path.endsWith(".ts");
  // Text that is no documentation leaves its lines blank, so that lines keep their numbers.
  const documentation = isProgram
    ? text.split(/(\/\*\*[^]*?\*\/)/).map((part, i) =>
      i % 2 === 1 ? part.replaceAll(/^ *\* ?/gm, "") : part.replaceAll(/.*/g, "")
    ).join("")
    : text;
  return Array.from(documentation.matchAll(/^```ts\n([^]*?)^```$/gm), ({ index, 1: code }) => ({
    at: `${path}:${documentation.slice(0, index).split("\n").length}`,
    code,
  }));
}

/** Every block of the project, outside of its tests. */
async function documentedBlocks(folder = ""): Promise<Block[]> {
  const blocks: Block[] = [];
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    const path = folder + name;
    if (isDirectory) {
      const ours = !name.startsWith(".") && !["tests", "node_modules", "out", "_fresh"].includes(name);
      if (ours) blocks.push(...await documentedBlocks(`${path}/`));
    } else if (/\.(ts|md)$/.test(name)) blocks.push(...blocksOf(path, await Deno.readTextFile(ROOT + path)));
  }
  return blocks;
}

test("every example in docstrings and guides runs", async () => {
  const blocks = await documentedBlocks();
  assert(blocks.length > 250, `${blocks.length} examples, expected those of the whole library`);
  const folder = await Deno.makeTempDir();
  try {
    const tests = await Promise.all(blocks.map(async ({ at, code }, i) => {
      const imports = (code.match(/^import [^]*?;$/gm) ?? []).map((line) =>
        line.replace(/"(\.[^"]+)"/, (_, to) => JSON.stringify(new URL(to, `file://${ROOT}${at}`).href))
      );
      const body = code.replaceAll(/^import [^]*?;$/gm, "").replaceAll(/^export /gm, "");
      const source = `${imports.join("\n")}\nexport default async () => {\n${body}\n};\n`;
      await Deno.writeTextFile(`${folder}/${i}.ts`, source);
      return `import run${i} from "./${i}.ts";\nDeno.test(${JSON.stringify(at)}, run${i});\n`;
    }));
    await Deno.writeTextFile(`${folder}/all_test.ts`, tests.join(""));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", `--config=${ROOT}deno.json`, "-P=test", `${folder}/all_test.ts`],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
    assertEquals(code, 0, text);
    assertEquals(Number(/ (\d+) passed/.exec(text)?.[1]), blocks.length, text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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
