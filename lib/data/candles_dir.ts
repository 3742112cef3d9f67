/**
 * A folder of files as markets: CSV, Parquet and freqtrade's JSON, one market a file, or a market in several files, or
 * several in one. What has another ending, and names that begin with a dot, are left alone.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";
import { readCsvMarkets } from "./csv.ts";
import { intervalMs } from "./interval.ts";
import { joinCandles, type Piece } from "./join_candles.ts";
import { readJsonMarkets } from "./json.ts";
import { marketName } from "./market_name.ts";
import { readParquetMarkets } from "./parquet.ts";
import type { TableOptions } from "./table/head.ts";
import { everyMarket } from "./table/markets.ts";
import { checkOptions, TABLE_KEYS } from "./table/options.ts";
import { groupBy } from "../group_by.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { hostModule } from "../runtime.ts";

/** What the files of a folder do not say about themselves; it holds for all of them. */
export type CandlesDirOptions = Omit<TableOptions, "symbol">;

/** Endings that are read. JSON is much else too: it is candles where its name has a bar length, as freqtrade's has. */
const KINDS = [
  { ending: /\.(?:csv|tsv)(?:\.gz)?$/i, read: readCsvMarkets },
  { ending: /\.parquet$/i, read: readParquetMarkets },
  { ending: /(?<=-\d{1,3}[smhdw](?:-futures|-spot)?)\.json(?:\.gz)?$/i, read: readJsonMarkets },
] as const;

const { symbol: _, ...rest } = TABLE_KEYS;
const DIR_KEYS: OptionKeys<CandlesDirOptions> = rest;

/** Bars that two series of unequal bar length have to share to be one market under two names. */
const LEAST_SHARED = 20;

/** Names of the files that are read, in order. */
async function listFiles(dir: string): Promise<string[]> {
  const { readdir } = await hostModule(`Cannot read the folder ${dir}`, "node:fs", () => import("node:fs/promises"));
  let entries: string[];
  try {
    const found = await readdir(dir, { withFileTypes: true });
    // No pipes and sockets: whoever opened one would wait for what is on its other side.
    entries = found.filter((entry) => entry.isFile() || entry.isSymbolicLink()).map(({ name }) => name);
  } catch (cause) {
    const code = cause instanceof Error ? Reflect.get(cause, "code") : undefined;
    if (code !== "ENOENT" && code !== "ENOTDIR") throw cause;
    throw new DataError(`Cannot read the folder ${dir}: no such folder`, { cause });
  }
  const files = entries.filter((name) => !name.startsWith(".") && KINDS.some(({ ending }) => ending.test(name))).sort();
  if (files.length > 0) return files;
  throw new DataError(`Cannot read the folder ${dir}: expected .csv, .csv.gz, .tsv or .parquet files, found none`);
}

/** Refuses files that differ in their endings alone. */
function requireOnce(dir: string, files: readonly string[]): void {
  const stems = new Set<string>();
  for (const name of files) {
    const stem = KINDS.reduce((rest, { ending }) => rest.replace(ending, ""), name);
    if (stems.has(stem)) throw new DataError(`Cannot read the folder ${dir}: two files hold ${stem}`);
    stems.add(stem);
  }
}

/** Whether two series are one market in bars of two lengths: where bars end together they close alike. */
function isOneMarket(a: Candles, b: Candles): boolean {
  const [lengthA, lengthB] = [intervalMs(a.interval), intervalMs(b.interval)];
  if (lengthA === lengthB) return false;
  const closes = new Map(Array.from(a.time, (time, i) => [time + lengthA, a.close[i]]));
  let [shared, equal] = [0, 0];
  const values = new Set<number>();
  for (let i = 0; i < b.time.length; i++) {
    const close = closes.get(b.time[i] + lengthB);
    if (close === undefined) continue;
    shared++;
    if (close === b.close[i]) equal++;
    values.add(close);
  }
  return shared >= LEAST_SHARED && equal >= 0.9 * shared && values.size >= LEAST_SHARED / 2;
}

/** Refuses a folder in which one market stands under two names in bars of two lengths. */
function requireDistinct(markets: readonly Piece[]): void {
  for (const [i, a] of markets.entries()) {
    for (const b of markets.slice(i + 1)) {
      if (!isOneMarket(a.candles, b.candles)) continue;
      throw new DataError(
        `Cannot read ${a.file} and ${b.file} as two markets: they hold one, in bars of ${a.candles.interval} and ` +
          `${b.candles.interval}: where bars end together they close alike; keep one of them`,
      );
    }
  }
}

/** What a file's name says of its market, and how it is read. */
function describeFile(dir: string, file: string): { symbol: string; key: string; read: typeof KINDS[number]["read"] } {
  const { ending, read } = KINDS.find((kind) => kind.ending.test(file))!;
  const { market, key } = marketName(file.replace(ending, ""));
  const folder = dir.split(/[/\\]/).at(-1) || "market";
  return { symbol: market === "" ? folder : market, key, read };
}

/** The markets of one file, each with the key that says which market it is. */
async function readFile(
  dir: string,
  file: string,
  options: CandlesDirOptions,
): Promise<(Piece & { readonly key: string })[]> {
  const { symbol, key, read } = describeFile(dir, file);
  const table = await read(`${dir}/${file}`, { ...options, symbol });
  const several = table.rows.markets.size > 1;
  return everyMarket(table, { ...options, symbol }).map((candles) => ({
    file,
    candles,
    key: several ? marketName(candles.symbol).key : key,
  }));
}

/** The folder that the caller names, once the options are known to be sound. */
function checkedFolder(dir: string, options: CandlesDirOptions): string {
  requireKnownKeys("Cannot read a folder", "options", options, DIR_KEYS);
  checkOptions({ ...options, symbol: "any" });
  return dir.replace(/(?<=.)[/\\]+$/, "");
}

/**
 * Reads the candles of a folder, in the order of the files' names: every `.csv`, `.csv.gz`, `.tsv`, `.parquet`, and JSON named
 * as freqtrade names it (`BTC_USDT-1h.json`). A market is called as its file but for dates and bar length
 * (`BTCUSDT-4h-2024-01.csv` is `BTCUSDT`), or as a column of symbols calls it. Files of one market are joined where they
 * follow each other; they are refused where they contradict each other or differ in bar length.
 *
 * @param dir Path of the folder.
 * @param options What the files do not say; it holds for all of them.
 * @returns Markets, each once.
 * @throws {DataError} The folder is missing or holds no such file, files of one market do not fit together, or a file is bad.
 * @throws {TypeError} An option is unknown or of the wrong kind.
 *
 * @example
 * ```ts
 * import { readCandlesDir } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const markets = await readCandlesDir("lib/data/sample", { nulls: "drop" });
 * assertEquals(markets.map(({ symbol }) => symbol).slice(0, 3), ["CAC", "DAX", "FTSE"]);
 * ```
 */
export async function readCandlesDir(dir: string, options: CandlesDirOptions = {}): Promise<Candles[]> {
  const folder = checkedFolder(dir, options);
  const groups = new Map<string, Piece[]>();
  const files = await listFiles(folder);
  requireOnce(folder, files);
  for (const file of files) {
    for (const { key, ...piece } of await readFile(folder, file, options)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [piece]);
      else group.push(piece);
    }
  }
  const markets = Array.from(groups.values(), (pieces) => ({ file: pieces[0].file, candles: joinCandles(pieces) }));
  requireDistinct(markets);
  return markets.map(({ candles }) => candles);
}

/** A market of a folder that was listed. */
export interface ListedMarket {
  /** Its name, as {@linkcode readCandlesDir} has it. */
  readonly symbol: string;
  /** Names of its files, in order. */
  readonly files: readonly string[];
  /** Reads and joins them; it rejects with a `DataError` where they hold several markets, do not fit together, or are bad. */
  readonly read: () => Promise<Candles>;
}

/** The one market of some files. */
async function readJoined(dir: string, files: readonly string[], options: CandlesDirOptions): Promise<Candles> {
  requireOnce(dir, files);
  const pieces: Piece[] = [];
  for (const file of files) {
    const found = await readFile(dir, file, options);
    if (found.length > 1) {
      const names = found.map(({ candles }) => candles.symbol);
      throw new DataError(
        `Cannot read ${file} as one market: it holds ${names.length} (${names.slice(0, 8).join(", ")}` +
          `${names.length > 8 ? ", …" : ""}); read the folder as a whole, or give each market a file`,
      );
    }
    pieces.push(...found);
  }
  return joinCandles(pieces);
}

/**
 * Lists the markets of a folder without reading one, so that thousands can be read in turn: by their names alone the files of
 * one market go together, as {@linkcode readCandlesDir} joins them.
 *
 * @param dir Path of the folder.
 * @param options What the files do not say; it holds for all of them.
 * @returns Markets, each once, in the order of their files.
 * @throws {DataError} The folder is missing or holds no such file.
 * @throws {TypeError} An option is unknown or of the wrong kind.
 *
 * @example
 * ```ts
 * import { listCandlesDir } from "@adaptrade/adaptrade/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [cac] = await listCandlesDir("lib/data/sample", { nulls: "drop" });
 * assertEquals([cac.symbol, (await cac.read()).symbol], ["CAC", "CAC"]);
 * ```
 */
export async function listCandlesDir(dir: string, options: CandlesDirOptions = {}): Promise<ListedMarket[]> {
  const folder = checkedFolder(dir, options);
  const groups = groupBy(await listFiles(folder), (file) => describeFile(folder, file).key);
  return Array.from(groups.values(), (files) => ({
    symbol: describeFile(folder, files[0]).symbol,
    files,
    read: () => readJoined(folder, files, options),
  }));
}
