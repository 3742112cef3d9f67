/**
 * Writes docs/vendors.md: which vendors' files are read as they come, and what the others need. Every cell is a file that is
 * read while the table is made, so the table cannot say what does not hold; with `--check` it says whether it still does.
 *
 * deno run --allow-read=. --allow-write=docs tests/data/vendor_matrix.ts [--check]
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { DataError } from "../../lib/data/candles.ts";
import { readCandlesCsv } from "../../lib/data/csv.ts";
import { readCandlesJson } from "../../lib/data/json.ts";
import { VENDOR_FILES, type VendorFile } from "./vendors.ts";

const TARGET = new URL("../../docs/vendors.md", import.meta.url);

const HEAD = `# Vendors' files

What \`readCandlesCsv()\` and \`readCandlesJson()\` make of files as vendors write them. Every row is a test
([tests/data/vendors.ts](../tests/data/vendors.ts)): the file is read as it comes, or refused and read with the options
that the refusal names. This page is generated from them. What was decided of a file is in \`candles.dialect\`.

| vendor | form | as it comes | said in \`dialect\` |
| ------ | ---- | ----------- | ------------------- |
`;

const FOOT = `
Beside these: Parquet as pandas, polars and DuckDB write it (\`readCandlesParquet()\`), gzip of several members, UTF-16
with a mark, months of one market in a folder (\`readCandlesDir()\`). Refused in every form: times outside 1980 to 2100 in
numbers, bars of unequal length, a file whose rows are in no order, cells that are no numbers.
`;

/** A text inside a cell of the table. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

async function rowOf(file: VendorFile): Promise<string> {
  const reader = file.format === "json" ? readCandlesJson : readCandlesCsv;
  const read = (options: VendorFile["options"]) =>
    reader(new Blob([file.bytes]).stream(), { symbol: file.symbol ?? "X", ...options });
  let came = "read";
  try {
    await read(undefined);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    came = `refused; read with \`${
      JSON.stringify(file.options).replaceAll(/"(\w+)":/g, " $1: ").replaceAll(/\}$/g, " }")
    }\``;
  }
  const { dialect } = await read(file.options);
  const { separator, decimal, dateOrder, timeUnits, order, notes } = dialect!;
  const said = [
    separator === undefined ? "" : `separator \`${separator === "\t" ? "tab" : separator}\``,
    decimal === "," ? "decimal comma" : "",
    timeUnits.length > 0 ? `times in ${timeUnits.join(", then ")}` : "dates",
    dateOrder ?? "",
    order === "newest first" ? order : "",
    ...notes,
  ];
  return `| ${cell(file.vendor)} | ${cell(file.form)} | ${came.replaceAll("|", "\\|")} | ${
    cell(said.filter(Boolean).join("; "))
  } |`;
}

const rows: string[] = [];
for (const file of VENDOR_FILES) rows.push(await rowOf(file));
const text = `${HEAD}${rows.join("\n")}\n${FOOT}`;
if (process.argv.includes("--check")) {
  // Format aligns the table: compared are its words.
  const words = (page: string): string => page.replaceAll(/[\s|-]+/g, " ");
  if (words(await readFile(TARGET, "utf8")) !== words(text)) {
    console.error(
      "docs/vendors.md is not what the vendors' files say: run tests/data/vendor_matrix.ts and deno fmt docs",
    );
    process.exitCode = 1;
  }
} else await writeFile(TARGET, text);
