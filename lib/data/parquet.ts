/**
 * Candles from and to Parquet, by npm hyparquet, which is imported when called. Names, times and what is refused are those of
 * CSV; values need no dialect. It reads flat columns alone.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";
import { collectBytes, type CsvSource, openBytes, sourceName } from "./csv/bytes.ts";
import type { TableOptions } from "./table/head.ts";
import { oneMarket, type TableMarkets } from "./table/markets.ts";
import { checkOptions } from "./table/options.ts";
import type { FileMetaData } from "hyparquet";
import { readTable } from "./table/values.ts";
import type { Cell } from "./table/times.ts";

/** ns since 1970 to a `Date`; a part of a ms makes none, as it does in CSV. */
function dateOfNs(value: bigint): Date {
  return value % 1_000_000n === 0n ? new Date(Number(value / 1_000_000n)) : new Date(NaN);
}

function dateOfUs(value: bigint): Date {
  return value % 1000n === 0n ? new Date(Number(value / 1000n)) : new Date(NaN);
}

/** Rows that are made values at a time. */
const BATCH = 1 << 16;

/** What went wrong within hyparquet, as an error of ours. */
function broken(name: string, cause: unknown): DataError {
  return new DataError(`Cannot read ${name}: it is no Parquet file, or a broken one (${(cause as Error).message})`, {
    cause,
  });
}

/** Rows of some columns, batch by batch. */
async function* readBatches(
  file: ArrayBuffer,
  name: string,
  { metadata, columns }: { readonly metadata: FileMetaData; readonly columns: readonly string[] },
): AsyncGenerator<Cell[][], void, void> {
  const [{ parquetReadObjects }, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet-compressors"),
  ]);
  const parsers = { timestampFromMicroseconds: dateOfUs, timestampFromNanoseconds: dateOfNs };
  const total = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < total; rowStart += BATCH) {
    const range = { rowStart, rowEnd: Math.min(total, rowStart + BATCH) };
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({ file, metadata, columns: [...columns], compressors, parsers, ...range });
    } catch (cause) {
      throw broken(name, cause);
    }
    yield rows.map((row) => columns.map((column) => row[column] as Cell));
  }
}

/**
 * Reads a Parquet file with all markets that are in it.
 *
 * @param source Path, URL or stream.
 * @param options What the file does not say.
 * @throws {DataError} As {@linkcode readCandlesParquet} does.
 */
export async function readParquetMarkets(source: CsvSource, options: TableOptions): Promise<TableMarkets> {
  const name = sourceName(source, options.symbol);
  const { buffer } = await collectBytes(await openBytes(source, name));
  const { parquetMetadata, parquetSchema } = await import("hyparquet");
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(buffer);
  } catch (cause) {
    throw broken(name, cause);
  }
  const flat = parquetSchema(metadata).children.filter(({ children }) => children.length === 0);
  const columns = flat.map(({ element }) => element.name);
  const batches = readBatches(buffer, name, { metadata, columns });
  return await readTable(columns, batches, { format: "parquet", source: name, options });
}

/**
 * Reads candles from a Parquet file (uncompressed, Snappy, gzip, Brotli, LZ4 or Zstandard), as pandas, polars and DuckDB write
 * them. Names, times, order and what is refused are those of {@linkcode readCandlesCsv}; an index of times without a name is
 * the time. Rows count from 1 in messages.
 *
 * @param source A path, a `file:`, `http:` or `https:` URL, or a stream of bytes.
 * @param options Symbol, and what the file does not say.
 * @returns Candles, `[rows]` each, oldest first.
 * @throws {DataError} The source is missing or no Parquet file, or its rows are no candles.
 * @throws {TypeError} No symbol, a source of another kind, or an option that is unknown or of the wrong kind.
 * @throws {RangeError} The interval is not a name such as `"1h"`.
 *
 * @example
 * ```ts
 * import { readCandlesParquet, sampleMarkets } from "@adaptrade/adaptrade";
 * import { candlesToParquet } from "@adaptrade/adaptrade/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const file = new Blob([await candlesToParquet(dax)]);
 * const read = await readCandlesParquet(file.stream(), { symbol: "DAX" });
 * assertEquals(read.close, dax.close);
 * ```
 */
export async function readCandlesParquet(source: CsvSource, options: TableOptions): Promise<Candles> {
  checkOptions(options);
  return oneMarket(await readParquetMarkets(source, options), options);
}

/**
 * Writes candles as a Parquet file that {@linkcode readCandlesParquet}, pandas, polars and DuckDB read: `timestamp` (ms, UTC),
 * `open`, `high`, `low`, `close`, `volume` as float64, Snappy; a close-only series has `timestamp`, `close`, `volume`.
 *
 * @param candles The series, `[bars]`.
 * @returns The bytes of the file.
 * @throws {RangeError} A value is not finite.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { candlesToParquet } from "@adaptrade/adaptrade/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const bytes = await candlesToParquet(dax);
 * assertEquals(new TextDecoder().decode(bytes.subarray(0, 4)), "PAR1");
 * ```
 */
export async function candlesToParquet(candles: Candles): Promise<Uint8Array<ArrayBuffer>> {
  const fields = candles.closeOnly ? ["close", "volume"] as const : ["open", "high", "low", "close", "volume"] as const;
  for (const field of ["time", ...fields] as const) {
    const bad = candles[field].findIndex((value) => !Number.isFinite(value));
    if (bad < 0) continue;
    throw new RangeError(
      `Cannot write ${candles.symbol} as Parquet: expected finite numbers, got ${
        candles[field][bad]
      } as ${field} of bar ${bad}`,
    );
  }
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const file = parquetWriteBuffer({
    columnData: [
      { name: "timestamp", data: Array.from(candles.time, (ms) => new Date(ms)), type: "TIMESTAMP", nullable: false },
      ...fields.map((name) => ({ name, data: candles[name], type: "DOUBLE" as const, nullable: false })),
    ],
  });
  return new Uint8Array(file);
}
