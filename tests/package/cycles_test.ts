// No two files of the library import each other, types included, nor does any longer circle of them.
import { assertEquals, assertGreater } from "@std/assert";
import { testWith } from "../permissions.ts";

const test = testWith("read");

const ROOT = new URL("../../", import.meta.url);

/** Files of TypeScript under a folder, by their path from the root. */
function sourceFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? sourceFiles(`${folder}${name}/`) : /\.tsx?$/.test(name) ? [folder + name] : []
  );
}

/** What each file imports of the others, statically or when called, as values or as types. */
function importsOf(files: readonly string[]): Map<string, string[]> {
  return new Map(files.map((file) => {
    const text = Deno.readTextFileSync(new URL(file, ROOT)).replaceAll(/^\s*(\/\/|\*).*$/gm, "");
    const names = text.matchAll(/(?:\bfrom\s+|\bimport\s*\(?\s*)"(\.[^"]+)"/g);
    const paths = Array.from(names, ([, name]) => new URL(name, new URL(file, ROOT)).href.slice(ROOT.href.length));
    return [file, paths];
  }));
}

/** Sets of more than one file that reach each other (Tarjan 1972), each sorted. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const [order, low, found] = [new Map<string, number>(), new Map<string, number>(), [] as string[][]];
  const path: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file)!);
    path.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!imports.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (path.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== order.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found.sort((a, b) => a[0] < b[0] ? -1 : 1);
}

test("circles() finds a pair, a longer circle, and none in a chain", () => {
  const imports = new Map([["a", ["b"]], ["b", ["a", "c"]], ["c", ["d"]], ["d", ["e", "x"]], ["e", ["c"]], ["x", []]]);
  assertEquals(circles(imports), [["a", "b"], ["c", "d", "e"]]);
  assertEquals(circles(new Map([["a", ["b", "c"]], ["b", ["c"]], ["c", []]])), []);
});

test("no two files of lib/ and kernels/ import each other", () => {
  const imports = importsOf([...sourceFiles("lib/"), ...sourceFiles("kernels/")]);
  assertGreater([...imports.values()].flat().length, 500, "the imports were read");
  assertEquals(circles(imports), []);
});
