// CSV rows and their lines, held against @std/csv.
import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/csv";
import fc from "fast-check";
import { DataError } from "../../lib/data/candles.ts";
import { csvRows } from "../../lib/data/csv_rows.ts";

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

Deno.test("csvRows() counts lines over blank lines, CRLF, CR, quoted line ends and a byte order mark", () => {
  const rows = [...csvRows('\ufeffa,b\r\n\r\n1,"x\ny"\n \n2,\r3,4', "f")];
  assertEquals(rows, [
    { line: 1, cells: ["a", "b"] },
    { line: 3, cells: ["1", "x\ny"] },
    { line: 6, cells: ["2", ""] },
    { line: 7, cells: ["3", "4"] },
  ]);
});

Deno.test("csvRows() throws on broken quotes, naming the line", () => {
  assertThrows(() => [...csvRows('a\n"b', "f.csv")], DataError, "f.csv, line 2: a quote is never closed");
  assertThrows(() => [...csvRows('a\n"b"c', "f.csv")], DataError, "f.csv, line 2: text behind a closing quote");
  assertThrows(() => [...csvRows('a\nb"c"', "f.csv")], DataError, "f.csv, line 2: a quote inside");
});

Deno.test("csvRows() reads what @std/csv reads", () => {
  const cell = fc.string({ unit: fc.constantFrom(...'ab1 .,"\n-'), maxLength: 6 });
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(table, fc.constantFrom("\n", "\r\n"), (rows, end) => {
    const text = rows.map((row) => row.map(quoted).join(",")).join(end);
    assertEquals([...csvRows(text, "f")].map((row) => [...row.cells]), parse(text));
  }));
});
