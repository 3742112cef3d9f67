/**
 * Candles from CSV. What cannot be read as a number or put in order is an error that names the file and the line; what is
 * merely suspicious (prices at or below zero, high below low, jumps) is left to `checkCandles()`. Nothing is repaired.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";
import { type CsvRow, csvRows } from "./csv_rows.ts";
import { inferInterval, intervalMs } from "./interval.ts";
import { parseDate, parseNumber, timestampUnit } from "./parse.ts";
import { type CsvSource, readText, sourceName } from "./read_bytes.ts";

/** What a CSV file does not say about itself. */
export interface CsvOptions {
  /** Name of the market. */
  readonly symbol: string;
  /** Bar length, such as `1h`; by default the most common difference between neighbouring rows. */
  readonly interval?: string;
}

const FIELDS = ["time", "open", "high", "low", "close", "volume"] as const;
type Field = typeof FIELDS[number];

/** Names a column may have, lower case, blanks and dashes as underscores; the first that is there is taken. */
const ALIASES: Readonly<Record<Field, readonly string[]>> = {
  time: ["timestamp", "time", "open_time", "opentime", "datetime", "date", "start"],
  open: ["open", "o"],
  high: ["high", "h"],
  low: ["low", "l"],
  close: ["close", "c"],
  volume: ["volume", "vol", "v"],
};

/** Column of each field, -1 where absent. */
type Columns = Readonly<Record<Field, number>>;

function findColumns(header: CsvRow, source: string): Columns {
  const names = header.cells.map((cell) => cell.trim().toLowerCase().replaceAll(/[\s-]+/g, "_"));
  const columns = Object.fromEntries(FIELDS.map((field) => {
    const alias = ALIASES[field].find((name) => names.includes(name));
    const column = alias === undefined ? -1 : names.indexOf(alias);
    if (alias !== undefined && names.lastIndexOf(alias) !== column) {
      throw new DataError(`Cannot read ${source}, line ${header.line}: two columns are named "${alias}"`);
    }
    return [field, column];
  })) as Record<Field, number>;
  const missing = ([["time", "timestamp"], ["close", "close"]] as const).filter(([field]) => columns[field] < 0);
  const prices = (["open", "high", "low"] as const).filter((field) => columns[field] < 0);
  if (missing.length > 0) {
    throw new DataError(
      `Cannot read ${source}, line ${header.line}: expected a header "timestamp,open,high,low,close,volume" or ` +
        `"timestamp,close", found no ${missing.map(([, name]) => name).join(" and no ")} in ` +
        `"${header.cells.join(",").slice(0, 80)}"`,
    );
  }
  if (prices.length === 1 || prices.length === 2) {
    throw new DataError(
      `Cannot read ${source}, line ${header.line}: expected all of open, high, low or none, found no ${
        prices.join(", no ")
      }`,
    );
  }
  return columns;
}

/** A cell of the field, or an error that shows it. */
function numberCell(row: CsvRow, field: Field, column: number, source: string): number {
  const value = parseNumber(row.cells[column]);
  if (value === undefined) {
    throw new DataError(
      `Cannot read ${source}, line ${row.line}: expected a number for ${field}, got "${row.cells[column]}"`,
    );
  }
  return value;
}

/** Open times in ms. Numeric ones share one unit, judged by the largest. */
function readTimes(rows: readonly CsvRow[], column: number, source: string): Float64Array {
  const dates = rows.map((row) => parseDate(row.cells[column]));
  const numbers = rows.map((row, i) => dates[i] === undefined ? parseNumber(row.cells[column]) : undefined);
  const unit = timestampUnit(numbers.reduce((most: number, value) => Math.max(most, Math.abs(value ?? 0)), 0));
  const time = new Float64Array(rows.length);
  rows.forEach((row, i) => {
    const number = numbers[i];
    // A division, as 1e-3 is no exact factor: 1735689600000000 µs must come out whole.
    const ms = dates[i] ?? (number === undefined ? NaN : unit < 1 ? number / Math.round(1 / unit) : number * unit);
    if (!Number.isInteger(ms) || Math.abs(ms) > 8.64e15) {
      throw new DataError(
        `Cannot read ${source}, line ${row.line}: expected a time (ISO date, or seconds, ms, µs or ns since 1970), ` +
          `got "${row.cells[column]}"`,
      );
    }
    time[i] = ms;
    if (i > 0 && ms <= time[i - 1]) {
      const how = ms === time[i - 1] ? "the same time as" : "a time before";
      throw new DataError(
        `Cannot read ${source}, line ${row.line}: expected times in ascending order, got ${how} line ${
          rows[i - 1].line
        } ("${row.cells[column]}")`,
      );
    }
  });
  return time;
}

/**
 * Candles from the text of a CSV file; {@linkcode readCandlesCsv} says what it takes.
 *
 * @param text The text.
 * @param source Its name, for errors.
 * @param options Symbol and interval.
 * @throws {DataError} As {@linkcode readCandlesCsv} does.
 */
export function parseCandlesCsv(text: string, source: string, options: CsvOptions): Candles {
  const rows = [...csvRows(text, source)];
  const header = rows.shift();
  if (header === undefined) throw new DataError(`Cannot read ${source}: the file is empty`);
  const columns = findColumns(header, source);
  if (rows.length === 0) throw new DataError(`Cannot read ${source}: expected rows behind the header, found none`);
  for (const row of rows) {
    if (row.cells.length !== header.cells.length) {
      throw new DataError(
        `Cannot read ${source}, line ${row.line}: expected ${header.cells.length} cells, got ${row.cells.length}`,
      );
    }
  }
  const time = readTimes(rows, columns.time, source);
  const column = (field: Field): Float64Array =>
    Float64Array.from(rows, (row) => numberCell(row, field, columns[field], source));
  const closeOnly = columns.open < 0;
  const close = column("close");
  const series = {
    time,
    open: closeOnly ? close.slice() : column("open"),
    high: closeOnly ? close.slice() : column("high"),
    low: closeOnly ? close.slice() : column("low"),
    close,
    volume: columns.volume < 0 ? new Float64Array(rows.length) : column("volume"),
  };
  const interval = options.interval ?? inferInterval(time);
  if (interval === undefined) {
    throw new DataError(
      rows.length === 1
        ? `Cannot read ${source}: expected at least 2 rows to tell the interval, got 1; pass interval`
        : `Cannot read ${source}: its rows lie at no constant interval of less than 28 days; pass interval`,
    );
  }
  return { symbol: options.symbol, interval, ...series, ...(closeOnly ? { closeOnly } : {}) };
}

/**
 * Reads candles from a CSV file, plain or gzipped (told by its first bytes). The header is
 * `timestamp,open,high,low,close,volume` or `timestamp,close`, in any order and case; `time`, `open_time`, `datetime`,
 * `date` and `start` do for the timestamp, further columns are ignored, volume may be missing (0). Times are ISO dates
 * (UTC unless they say otherwise) or numbers of one unit, judged by the largest: seconds below 1e11, ms below 1e14, then
 * µs and ns. Every number must be a plain finite decimal.
 *
 * @param source A path, a `file:`, `http:` or `https:` URL, or a stream of bytes.
 * @param options Symbol, and the interval unless it is to be taken from the times.
 * @returns Candles, `[rows]` each.
 * @throws {DataError} The source is missing, empty or no CSV; a row has a bad cell or the wrong number of them; times are
 * not strictly ascending. The message names the source and the line, the header being line 1.
 * @throws {TypeError} No symbol, or a source of another kind.
 * @throws {RangeError} The interval is not a name such as `"1h"`.
 *
 * @example
 * ```ts
 * import { readCandlesCsv } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const file = new Blob(["timestamp,close\n2024-01-01,42.5\n2024-01-02,43\n"]);
 * const candles = await readCandlesCsv(file.stream(), { symbol: "X" });
 * assertEquals(candles.interval, "1d");
 * ```
 */
export async function readCandlesCsv(source: CsvSource, options: CsvOptions): Promise<Candles> {
  if (typeof options?.symbol !== "string" || options.symbol === "") {
    throw new TypeError(`Cannot read candles: symbol must be a name, got ${JSON.stringify(options?.symbol)}`);
  }
  if (options.interval !== undefined) intervalMs(options.interval);
  const name = sourceName(source, options.symbol);
  return parseCandlesCsv(await readText(source, name), name, options);
}
