/**
 * Figures that stand in the Markdown files here, each between marks of its own: `<!-- NAME -->` and `<!-- end of NAME -->`.
 * @module
 */

/** Where a section stands. */
export interface SectionPlace {
  /** File in this folder. */
  readonly file: "README.md" | "METHODS.md" | "SKILL.md";
  /** Its marks' name. */
  readonly name: string;
}

/** Rows as a Markdown table, the first its head. */
export function markdownTable([head, ...body]: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => i === 0 ? "---" : "---:");
  return [head, rule, ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Puts a text between its marks, in place of what stood there. */
export async function keepSection({ file, name }: SectionPlace, text: string): Promise<void> {
  const path = new URL(`./${file}`, import.meta.url);
  const before = await Deno.readTextFile(path);
  const [begin, finish] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [start, end] = [begin, finish].map((mark) => before.indexOf(mark));
  if (start < 0 || end < start) {
    throw new Error(`Cannot keep ${name}: expected ${file} to hold ${begin} and ${finish}`);
  }
  await Deno.writeTextFile(path, `${before.slice(0, start)}${begin}\n\n${text}\n\n${before.slice(end)}`);
}

/** Prints a table and, where asked, keeps it. */
export async function writeTable(
  place: SectionPlace,
  rows: readonly (readonly string[])[],
  write: boolean,
): Promise<void> {
  const text = markdownTable(rows);
  console.log(`\n${text}`);
  if (write) await keepSection(place, text);
}
