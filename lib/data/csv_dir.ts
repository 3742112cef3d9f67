/**
 * A folder of CSV files as many markets. File names are symbols; what is neither `.csv` nor `.csv.gz` is left alone.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";
import { readCandlesCsv } from "./csv.ts";

const EXTENSION = /\.csv(\.gz)?$/i;

/**
 * Reads every `*.csv` and `*.csv.gz` of a folder, in the order of their names; the name without its ending is the symbol.
 *
 * @param dir Path of the folder.
 * @param options `interval`: bar length of all files; by default each file tells its own.
 * @throws {DataError} The folder is missing or holds no such file, two files have one symbol, or a file is bad.
 */
export async function readCandlesDir(dir: string, options: { readonly interval?: string } = {}): Promise<Candles[]> {
  const { readdir } = await import("node:fs/promises");
  let entries: string[];
  try {
    entries = await readdir(dir);
  } catch (cause) {
    const code = cause instanceof Error ? Reflect.get(cause, "code") : undefined;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
    throw new DataError(`Cannot read the folder ${dir}: no such folder`, { cause });
  }
  const files = entries.filter((name) => EXTENSION.test(name)).sort();
  if (files.length === 0) {
    throw new DataError(`Cannot read the folder ${dir}: expected .csv or .csv.gz files, found none`);
  }
  const markets: Candles[] = [];
  for (const file of files) {
    const symbol = file.replace(EXTENSION, "");
    if (markets.some((market) => market.symbol === symbol)) {
      throw new DataError(`Cannot read the folder ${dir}: two files hold ${symbol}`);
    }
    markets.push(await readCandlesCsv(`${dir.replace(/\/+$/, "")}/${file}`, { symbol, ...options }));
  }
  return markets;
}
