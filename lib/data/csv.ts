/**
 * Candles from CSV, whoever wrote it: separator, header, decimal sign, order and kinds of time are told by the file or the
 * caller, and said in the result. What cannot be read for sure is an error that names the line and the option that helps;
 * what is merely suspicious (prices at or below zero, high below low, jumps) is left to `checkCandles()`. Nothing is repaired.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";
import { type Chunks, type CsvSource, openText, sourceName } from "./csv/bytes.ts";
import { planFastRows, readFastRows } from "./csv/fast_rows.ts";
import { findTable } from "./csv/layout.ts";
import { recordAt } from "./csv/records.ts";
import type { TableOptions } from "./table/head.ts";
import { decideTable } from "./table/layout.ts";
import { oneMarket, type TableMarkets } from "./table/markets.ts";
import { checkOptions } from "./table/options.ts";
import { addRow, openRows, type TableRows } from "./table/rows.ts";

/** What a CSV file does not say about itself. */
export type CsvOptions = TableOptions;

/** The head by which a file is judged; and the longest record. */
const HEAD_BYTES = 1 << 18;
const WINDOW_BYTES = 1 << 20;

/** Bytes of a text as they come: a window that moves over it. */
interface Window {
  readonly chunks: Chunks;
  bytes: Uint8Array;
  /** Bytes that are there. */
  length: number;
  /** Whether no more will come. */
  last: boolean;
  /** Rest of a chunk that did not fit. */
  rest: Uint8Array;
}

/** Drops what lies before `from`, and fills the window up to `wanted` bytes or the end. */
async function fill(window: Window, from: number, wanted: number): Promise<void> {
  window.bytes.copyWithin(0, from, window.length);
  window.length -= from;
  while (window.length < wanted && !window.last) {
    if (window.rest.length === 0) {
      const { done, value } = await window.chunks.next();
      if (done) window.last = true;
      else window.rest = value;
      continue;
    }
    const taken = window.rest.subarray(0, wanted - window.length);
    window.bytes.set(taken, window.length);
    window.length += taken.length;
    window.rest = window.rest.subarray(taken.length);
  }
}

/** Behind the last line end that is surely one: a CR at the very end may be half of one. */
function wholeLines({ bytes, length, last }: Window): number {
  if (last) return length;
  const feed = bytes.subarray(0, length).lastIndexOf(10);
  const carriage = bytes.subarray(0, length - 1).lastIndexOf(13);
  return Math.max(feed, carriage) + 1;
}

/** A line end behind the last line, so that every scan ends there. */
function closeText(window: Window): void {
  const { length } = window;
  const end = window.bytes[length - 1];
  if (!window.last || end === 10 || end === 13) return;
  window.bytes[length] = 10;
  window.length++;
}

function endlessRow(source: string, line: number): DataError {
  return new DataError(
    `Cannot read ${source}, line ${line} or behind: expected a row, got more than 1 MB without an end`,
  );
}

/** Reads all rows of a text. */
async function readRows(
  chunks: Chunks,
  source: string,
  options: TableOptions,
): Promise<{ readonly rows: TableRows; readonly begin: ReturnType<typeof findTable>; readonly facts: TableFacts }> {
  // One byte to spare for the line end of a last line without one.
  const window: Window = {
    chunks,
    bytes: new Uint8Array(WINDOW_BYTES + 1),
    length: 0,
    last: false,
    rest: new Uint8Array(0),
  };
  await fill(window, 0, HEAD_BYTES);
  const look = (): ReturnType<typeof findTable> | undefined => {
    const head = window.bytes.subarray(0, wholeLines(window));
    if (head.length === 0 && !window.last) return undefined;
    const found = findTable(head, { last: window.last, source, options });
    return found.head.rows.length === 0 && !window.last ? undefined : found;
  };
  let begin = look();
  if (begin === undefined) {
    await fill(window, 0, WINDOW_BYTES);
    begin = look();
  }
  if (begin === undefined) throw endlessRow(source, 1);
  if (begin.head.rows.length === 0) {
    throw new DataError(`Cannot read ${source}: expected rows behind the header, found none`);
  }
  const { layout, facts } = decideTable(begin.head);
  const rows = openRows(layout);
  const cursor = { position: begin.from, line: begin.line };
  const fast = planFastRows(rows, begin.separator, cursor);
  const separator = begin.separator.charCodeAt(0);
  while (true) {
    closeText(window);
    const to = wholeLines(window);
    while (cursor.position < to) {
      // Behind a line of text alone only the careful way notices that the table goes on.
      if (fast !== undefined && rows.footer === undefined) readFastRows(fast, window.bytes, to);
      if (cursor.position >= to) break;
      const { position: from, line } = cursor;
      const record = recordAt(window.bytes.subarray(0, window.length), {
        from,
        to,
        line,
        separator,
        last: window.last,
        source,
      });
      if (record === undefined) break;
      addRow(rows, record.cells, line);
      [cursor.position, cursor.line] = [record.end, record.nextLine];
    }
    if (window.last && cursor.position >= window.length) return { rows, begin, facts };
    if (cursor.position === 0 && window.length >= WINDOW_BYTES) {
      throw new DataError(
        `Cannot read ${source}, line ${cursor.line}: expected a row, got more than 1 MB without an end`,
      );
    }
    await fill(window, cursor.position, WINDOW_BYTES);
    cursor.position = 0;
  }
}

/** What is known of a table beside its rows. */
type TableFacts = ReturnType<typeof decideTable>["facts"];

/**
 * Reads a CSV file with all markets that are in it.
 *
 * @param source Path, URL or stream.
 * @param options What the file does not say.
 * @throws {DataError} As {@linkcode readCandlesCsv} does.
 */
export async function readCsvMarkets(source: CsvSource, options: TableOptions): Promise<TableMarkets> {
  const name = sourceName(source, options.symbol);
  const { chunks, encoding } = await openText(source, name);
  try {
    const { rows, begin, facts } = await readRows(chunks, name, options);
    const { notes, ...known } = facts;
    return {
      rows,
      facts: {
        format: "csv",
        encoding,
        separator: begin.separator,
        decimal: rows.layout.decimal.decimal,
        ...known,
        notes: [...begin.notes, ...notes],
      },
    };
  } finally {
    await chunks.return();
  }
}

/**
 * Reads candles from a CSV file, plain or gzipped (told by its first bytes), of any length: it is never held as text.
 *
 * The file decides what it can: the separator (comma, semicolon, tab, bar), UTF-8 or UTF-16 with a mark, lines above and
 * below the table, a header in any order and in the vendors' names (yfinance's three rows too), or none where the columns'
 * shape leaves no doubt; decimal point or comma, thousands, currency signs, `1.2M`, `5%` (as 0.05); newest or oldest first;
 * ISO dates (UTC unless they say otherwise), named months, 20240131, date and time in two columns, day or month first where
 * a day above 12 tells; numeric times by magnitude row by row: seconds, ms, µs or ns between 1980 and 2100. What was decided
 * is in `dialect`. What stays open is refused with the option that settles it. Bars marked as not closed are left out.
 * Where a column of symbols holds several, the rows of `symbol` are read.
 *
 * @param source A path, a `file:`, `http:` or `https:` URL, or a stream of bytes.
 * @param options Symbol, and what the file does not say.
 * @returns Candles, `[rows]` each, oldest first.
 * @throws {DataError} The source is missing, empty or no CSV; a row has a bad cell or the wrong number of them; times are in no
 * order; bars are of unequal length; something can be read in two ways. The message names the source and the line, from 1.
 * @throws {TypeError} No symbol, a source of another kind, or an option that is unknown or of the wrong kind.
 * @throws {RangeError} The interval is not a name such as `"1h"`.
 *
 * @example
 * ```ts
 * import { readCandlesCsv } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const file = new Blob(["Datum;Schluss\n02.01.2024;42,5\n03.01.2024;43\n"]);
 * const candles = await readCandlesCsv(file.stream(), { symbol: "X" });
 * assertEquals([candles.interval, candles.close[0], candles.dialect?.decimal], ["1d", 42.5, ","]);
 * ```
 */
export async function readCandlesCsv(source: CsvSource, options: CsvOptions): Promise<Candles> {
  checkOptions(options);
  return oneMarket(await readCsvMarkets(source, options), options);
}
