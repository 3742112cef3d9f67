/**
 * Candles from JSON: rows as freqtrade, ccxt and the exchanges write them (`[[time, open, high, low, close, volume], ...]`),
 * rows as objects, or columns as arrays. They are held to the same checks as CSV. The text is held whole: it refuses none for
 * its length but what a string cannot hold.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";
import { collectBytes, type CsvSource, openText, sourceName } from "./csv/bytes.ts";
import type { TableOptions } from "./table/head.ts";
import { oneMarket, type TableMarkets } from "./table/markets.ts";
import { checkOptions } from "./table/options.ts";
import { readTable, type ValueRows } from "./table/values.ts";
import type { Cell } from "./table/times.ts";

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as a cell; what is no plain value becomes text that no reader takes. */
function cellOf(value: unknown): Cell {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value as Cell;
}

/** The table in a value of JSON, or undefined. */
function tableOf(value: unknown): { readonly header?: readonly string[]; readonly rows: ValueRows } | undefined {
  if (Array.isArray(value) && value.length > 0) {
    if (value.every(Array.isArray)) return { rows: value.map((row: unknown[]) => row.map(cellOf)) };
    if (!value.every(isObject)) return undefined;
    const names = Object.keys(value[0]);
    return { header: names, rows: value.map((row) => names.map((name) => cellOf(row[name]))) };
  }
  if (!isObject(value)) return undefined;
  const names = Object.keys(value);
  const columns = names.map((name) => value[name]);
  const [first] = columns;
  if (!Array.isArray(first) || !columns.every((column) => Array.isArray(column) && column.length === first.length)) {
    return undefined;
  }
  return { header: names, rows: first.map((_, row) => columns.map((column) => cellOf((column as unknown[])[row]))) };
}

/**
 * Reads a JSON file with all markets that are in it.
 *
 * @param source Path, URL or stream.
 * @param options What the file does not say.
 * @throws {DataError} As {@linkcode readCandlesJson} does.
 */
export async function readJsonMarkets(source: CsvSource, options: TableOptions): Promise<TableMarkets> {
  const name = sourceName(source, options.symbol);
  const { chunks, encoding } = await openText(source, name);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(await collectBytes(chunks)));
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`Cannot read ${name}: it is no JSON, cut off, or longer than a string can be`, { cause });
  }
  const table = tableOf(value);
  if (table === undefined || table.rows.length === 0) {
    throw new DataError(
      `Cannot read ${name}: expected rows as arrays or objects, or columns as arrays of one length, got ${
        JSON.stringify(value)?.slice(0, 60)
      }`,
    );
  }
  return await readTable(table.header, [table.rows], { format: "json", encoding, source: name, options });
}

/**
 * Reads candles from JSON, plain or gzipped: rows of `[time, open, high, low, close, volume]` as freqtrade and ccxt keep
 * them, rows as objects, or an object of columns. Names, times, numbers, order and what is refused are those of
 * {@linkcode readCandlesCsv}; rows count from 1 in messages.
 *
 * @param source A path, a `file:`, `http:` or `https:` URL, or a stream of bytes.
 * @param options Symbol, and what the file does not say.
 * @returns Candles, `[rows]` each, oldest first.
 * @throws {DataError} The source is missing or no such JSON, or its rows are no candles.
 * @throws {TypeError} No symbol, a source of another kind, or an option that is unknown or of the wrong kind.
 * @throws {RangeError} The interval is not a name such as `"1h"`.
 *
 * @example
 * ```ts
 * import { readCandlesJson } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const file = new Blob(["[[1704067200000, 1, 3, 1, 2, 10], [1704070800000, 2, 2, 1, 1, 5]]"]);
 * const candles = await readCandlesJson(file.stream(), { symbol: "X" });
 * assertEquals([candles.interval, ...candles.close], ["1h", 2, 1]);
 * ```
 */
export async function readCandlesJson(source: CsvSource, options: TableOptions): Promise<Candles> {
  checkOptions(options);
  return oneMarket(await readJsonMarkets(source, options), options);
}
