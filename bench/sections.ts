/**
 * Tables of figures, printed and kept in README.md between their marks.
 * @module
 */
const README = new URL("./README.md", import.meta.url);

/** Rows as a Markdown table, the first its head. */
function table([head, ...body]: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => i === 0 ? "---" : "---:");
  return [head, rule, ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Prints a table and, where asked, puts it in README.md between `<!-- NAME -->` and `<!-- end of NAME -->`. */
export async function writeSection(name: string, rows: readonly (readonly string[])[], write: boolean): Promise<void> {
  const text = table(rows);
  console.log(`\n${text}`);
  if (!write) return;
  const before = await Deno.readTextFile(README);
  const [begin, finish] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [start, end] = [begin, finish].map((mark) => before.indexOf(mark));
  if (start < 0 || end < start) {
    throw new Error(`Cannot keep ${name}: expected README.md to hold ${begin} and ${finish}`);
  }
  await Deno.writeTextFile(README, `${before.slice(0, start)}${begin}\n\n${text}\n\n${before.slice(end)}`);
}
