/**
 * The markets of a study, listed without reading any: the files of a folder one by one, symbols of Bybit, the sample.
 * @module
 */
import { join } from "node:path";
import {
  type Candles,
  DataError,
  fetchBybit,
  readCandlesCsv,
  readCandlesParquet,
  sampleMarkets,
} from "@adaptrade/adaptrade";
import { SAMPLE_INFO } from "@adaptrade/adaptrade/data";
import type { MarketSource } from "@adaptrade/adaptrade/search";
import { UsageError } from "../cli.ts";
import type { SourceValues } from "../market/source.ts";

const YEAR_MS = 365 * 86_400_000;
const FILES = /^([^.].*?)\.(csv|csv\.gz|tsv|tsv\.gz|parquet)$/i;

/** The market of one file, called as the file is. */
async function readFile(path: string, symbol: string, { adjusted, nulls }: SourceValues): Promise<Candles> {
  const options = { symbol, adjusted, ...(nulls === "drop" && { nulls: "drop" as const }) };
  return await (path.endsWith(".parquet") ? readCandlesParquet : readCandlesCsv)(path, options);
}

/** Names of a folder's files, in order. */
async function filesOf(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(folder)) if (isFile && FILES.test(name)) names.push(name);
  if (names.length > 0) return names.sort();
  throw new DataError(`Cannot study ${folder}: expected .csv, .tsv or .parquet files, found none`);
}

/** Lists what the options ask for. */
export async function listSources(values: SourceValues, signal: AbortSignal): Promise<readonly MarketSource[]> {
  const { csv: folder, source, interval, "base-url": baseUrl } = values;
  const symbols = values.symbols?.split(",").map((symbol) => symbol.trim()).filter((symbol) => symbol !== "");
  if (folder !== undefined) {
    const files = (await filesOf(folder)).map((file) => ({ file, name: FILES.exec(file)![1] }));
    return files.filter(({ name }) => symbols?.includes(name) ?? true)
      .map(({ file, name }) => ({ name, read: () => readFile(join(folder, file), name, values) }));
  }
  if (source === "sample") {
    return (symbols ?? SAMPLE_INFO.filter(({ tradable }) => tradable).map(({ symbol }) => symbol))
      .map((name) => ({ name, read: async () => (await sampleMarkets({ symbols: [name] }))[0] }));
  }
  if (source !== "bybit" || !symbols) throw new UsageError("--source must be sample or bybit; bybit needs --symbols");
  const end = values.end === undefined ? Date.now() : Date.parse(values.end);
  const start = values.start === undefined ? end - YEAR_MS : Date.parse(values.start);
  if (!(start < end)) {
    throw new UsageError(`--start and --end must be ISO dates, start first, got "${values.start}" and "${values.end}"`);
  }
  return symbols.map((name) => ({
    name,
    read: () => fetchBybit({ symbol: name, interval, start, end, baseUrl, signal }),
  }));
}
