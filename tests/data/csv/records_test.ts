// CSV records and their lines, held against @std/csv; cut anywhere they ask for more bytes.
import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/csv";
import fc from "fast-check";
import { DataError } from "../../../lib/data/candles.ts";
import { recordAt } from "../../../lib/data/csv/records.ts";

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** All records that are no blank lines. */
function recordsOf(text: string, separator = ","): Row[] {
  const bytes = new TextEncoder().encode(text);
  const rows: Row[] = [];
  let [from, line] = [0, 1];
  while (from < bytes.length) {
    const place = { from, to: bytes.length, line, separator: separator.charCodeAt(0), last: true, source: "f.csv" };
    const { cells, end, nextLine } = recordAt(bytes, place)!;
    if (cells.length > 1 || cells[0].trim() !== "") rows.push({ line, cells });
    [from, line] = [end, nextLine];
  }
  return rows;
}

function quoted(cell: string): string {
  return /[",\r\n]|^ +$/.test(cell) || cell.startsWith(" ") ? `"${cell.replaceAll('"', '""')}"` : cell;
}

Deno.test("recordAt() counts lines over blank lines, CRLF, CR and quoted line ends", () => {
  assertEquals(recordsOf('a,b\r\n\r\n1,"x\ny"\n \n2,\r3,4'), [
    { line: 1, cells: ["a", "b"] },
    { line: 3, cells: ["1", "x\ny"] },
    { line: 6, cells: ["2", ""] },
    { line: 7, cells: ["3", "4"] },
  ]);
});

Deno.test("recordAt() takes other separators, and blanks around quotes", () => {
  assertEquals(recordsOf('1,5; "d;e" ;f\n', ";"), [{ line: 1, cells: ["1,5", "d;e", "f"] }]);
});

Deno.test("recordAt() throws on broken quotes and bytes that are no UTF-8, naming the line", () => {
  assertThrows(() => recordsOf('a\n"b'), DataError, "f.csv, line 2: a quote is never closed");
  assertThrows(() => recordsOf('a\n"b"c'), DataError, "f.csv, line 2: text behind a closing quote");
  assertThrows(() => recordsOf('a\nb"c"'), DataError, "f.csv, line 2: a quote inside");
  const place = { from: 0, to: 3, line: 7, separator: 44, last: true, source: "f.csv" };
  assertThrows(() => recordAt(Uint8Array.of(0x41, 0xfc, 10), place), DataError, "f.csv, line 7: it is not UTF-8 text");
});

Deno.test("recordAt() asks for more bytes wherever a record is cut, and never reads another than the whole one", () => {
  const cell = fc.string({ unit: fc.constantFrom(...'ab1 .,"\n\r-é'), maxLength: 6 });
  fc.assert(fc.property(fc.array(cell, { minLength: 2, maxLength: 4 }), fc.constantFrom("\n", "\r\n"), (cells, end) => {
    const bytes = new TextEncoder().encode(`${cells.map(quoted).join(",")}${end}x`);
    const place = { from: 0, line: 1, separator: 44, source: "f" };
    const whole = recordAt(bytes, { ...place, to: bytes.length, last: true });
    for (let to = 1; to < bytes.length; to++) {
      const part = recordAt(bytes.subarray(0, to), { ...place, to, last: false });
      if (part !== undefined) assertEquals(part, whole);
    }
  }));
});

Deno.test("recordAt() reads what @std/csv reads", () => {
  const cell = fc.string({ unit: fc.constantFrom(...'ab1 .,"\n-'), maxLength: 6 });
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(table, fc.constantFrom("\n", "\r\n"), (rows, end) => {
    const text = rows.map((row) => row.map(quoted).join(",")).join(end);
    assertEquals(recordsOf(text).map((row) => [...row.cells]), parse(text));
  }));
});
