/**
 * Where an example's markets come from: the embedded sample, a folder of CSV files, or Bybit.
 * @module
 */
import { type Candles, DataError, fetchBybit, readCandlesDir, sampleMarkets } from "@adaptrade/adaptrade";
import { type CandlesDirOptions, SAMPLE_INFO } from "@adaptrade/adaptrade/data";
import { type Access, hostOf } from "../access.ts";
import { progressLine, UsageError } from "../cli.ts";

/** The options that say where markets come from, for `parseArgs`. */
export const SOURCE_OPTIONS = {
  source: { type: "string", default: "sample" },
  csv: { type: "string" },
  adjusted: { type: "boolean", default: false },
  nulls: { type: "string" },
  "date-order": { type: "string" },
  decimal: { type: "string" },
  symbols: { type: "string" },
  interval: { type: "string", default: "60" },
  start: { type: "string" },
  end: { type: "string" },
  "base-url": { type: "string", default: "https://api.bybit.com" },
} as const;

/** Help text of {@linkcode SOURCE_OPTIONS}. */
export const SOURCE_HELP = `  --source NAME      sample (embedded, default) or bybit (needs --allow-net=api.bybit.com)
  --csv DIR          the markets of a folder's .csv, .csv.gz, .tsv and .parquet files instead (needs --allow-read=DIR);
                     months of one market are joined
  --adjusted         csv: prices by the adjusted close
  --nulls drop       csv: leave out rows without prices
  --date-order dmy   csv: whether 1/2/2024 is day first (dmy) or month first (mdy), where no day above 12 tells
  --decimal ,        csv: the decimal sign, where the numbers leave it open
  --symbols A,B      only these markets; for bybit the symbols to fetch
  --interval 60      bybit: bar length, 1 3 5 15 30 60 120 240 360 720 D W
  --start, --end     bybit: ISO dates, UTC (default: the last 365 days)
  --base-url URL     bybit: another server`;

/** Values of {@linkcode SOURCE_OPTIONS} as parsed. */
export interface SourceValues {
  /** `sample` or `bybit`. */
  readonly source: string;
  /** Folder of CSV files. */
  readonly csv?: string;
  /** Whether prices are those of the adjusted close. */
  readonly adjusted: boolean;
  /** `drop`, or undefined. */
  readonly nulls?: string;
  /** `dmy` or `mdy`. */
  readonly "date-order"?: string;
  /** Decimal sign. */
  readonly decimal?: string;
  /** Comma-separated symbols. */
  readonly symbols?: string;
  /** Bybit's bar length. */
  readonly interval: string;
  /** ISO date. */
  readonly start?: string;
  /** ISO date. */
  readonly end?: string;
  /** Bybit's server. */
  readonly "base-url": string;
}

/** What reading these markets takes. */
export function sourceAccess({ csv, source, symbols, "base-url": url }: SourceValues): Access {
  if (csv !== undefined) return { read: [csv] };
  return source === "bybit" && symbols && URL.canParse(url) ? { net: [hostOf(url)] } : {};
}

const YEAR_MS = 365 * 86_400_000;

/** Reads the markets that the options ask for; those that nobody can hold (VIX) are left out. */
export async function readMarkets(values: SourceValues, signal: AbortSignal): Promise<Candles[]> {
  const symbols = values.symbols?.split(",").map((symbol) => symbol.trim()).filter((symbol) => symbol !== "");
  if (values.csv !== undefined) return choose(await readFolder(values.csv, values), symbols);
  if (values.source === "sample") {
    const tradable = SAMPLE_INFO.filter(({ tradable }) => tradable).map(({ symbol }) => symbol);
    return choose(await sampleMarkets({ symbols: tradable }), symbols);
  }
  if (values.source !== "bybit") throw new UsageError(`--source must be sample or bybit, got "${values.source}"`);
  if (!symbols || symbols.length === 0) throw new UsageError("--source bybit needs --symbols, such as BTCUSDT,ETHUSDT");
  const end = values.end === undefined ? Date.now() : date("end", values.end);
  const start = values.start === undefined ? end - YEAR_MS : date("start", values.start);
  const markets: Candles[] = [];
  for (const symbol of symbols) {
    const line = progressLine();
    const candles = await fetchBybit({
      symbol,
      interval: values.interval,
      start,
      end,
      baseUrl: values["base-url"],
      signal,
      onProgress: ({ fetched }) => line.update(`${symbol}: ${fetched} bars`),
    });
    line.done(`${symbol}: ${candles.time.length} bars from Bybit`);
    markets.push(candles);
  }
  return markets;
}

/** One of some words that an option may be. */
function wordOf<T extends string>(name: string, value: string | undefined, words: readonly T[]): T | undefined {
  const word = words.find((known) => known === value);
  if (word !== undefined || value === undefined) return word;
  throw new UsageError(`--${name} must be ${words.join(" or ")}, got "${value}"`);
}

/** What the options say of a folder's files. */
export function folderOptions(values: SourceValues): CandlesDirOptions {
  const dateOrder = wordOf("date-order", values["date-order"], ["dmy", "mdy"]);
  const decimal = wordOf("decimal", values.decimal, [".", ","]);
  const nulls = wordOf("nulls", values.nulls, ["error", "drop"]);
  return {
    adjusted: values.adjusted,
    ...(dateOrder && { dateOrder }),
    ...(decimal && { decimal }),
    ...(nulls && { nulls }),
  };
}

/** Markets of a folder, and what there is to know of how they were read. */
async function readFolder(folder: string, values: SourceValues): Promise<Candles[]> {
  const markets = await readCandlesDir(folder, folderOptions(values));
  for (const { symbol, dialect } of markets) {
    for (const note of dialect?.notes ?? []) console.log(`${symbol}: ${note}`);
  }
  return markets;
}

/** The markets that are asked for by name, or all. */
export function choose<T extends { readonly symbol: string }>(
  markets: readonly T[],
  symbols: readonly string[] | undefined,
): T[] {
  if (!symbols) return [...markets];
  return symbols.map((symbol) => {
    const found = markets.find((market) => market.symbol === symbol);
    if (!found) {
      throw new DataError(`Cannot find ${symbol}: there are ${markets.map((market) => market.symbol).join(", ")}`);
    }
    return found;
  });
}

function date(name: string, text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new UsageError(`--${name} must be an ISO date such as 2024-01-01, got "${text}"`);
  return ms;
}
