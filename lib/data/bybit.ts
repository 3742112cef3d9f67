/**
 * Candles from Bybit's public kline endpoint (v5, GET /v5/market/kline), which needs no key. It walks windows of at most
 * 1,000 bars and hands out closed bars alone, oldest first; holes stay holes.
 * Source: https://bybit-exchange.github.io/docs/v5/market/kline
 * @module
 */
import { requestBybit, type Sleep, sleepFor } from "./bybit_request.ts";
import { type Candles, DataError } from "./candles.ts";
import { bybitInterval, intervalMs } from "./interval.ts";
import { parseNumber } from "./parse.ts";
import { parseDate } from "./parse_date.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** How far {@linkcode fetchBybit} has come. */
export interface FetchProgress {
  /** Bars held so far. */
  readonly fetched: number;
  /** Bars the whole range would hold; a market listed later has fewer. */
  readonly total: number;
  /** Open time of the first bar of the window just read, ms UTC. */
  readonly from: number;
  /** End of that window, exclusive, ms UTC. */
  readonly to: number;
}

/** What {@linkcode fetchBybit} takes. A time is ms since 1970 UTC, a `Date`, or an ISO date such as `"2024-01-01"`. */
export interface FetchBybitOptions {
  /** The symbol, such as `BTCUSDT`. */
  readonly symbol: string;
  /** `1m 3m 5m 15m 30m 1h 2h 4h 6h 12h 1d 1w`, or Bybit's code for it (`60`, `D`). */
  readonly interval: string;
  /** No bar that opens before it. */
  readonly start: number | Date | string;
  /** No bar that opens then or later; default the present. */
  readonly end?: number | Date | string;
  /** Kind of contract (default `linear`). */
  readonly category?: "spot" | "linear" | "inverse";
  /** Server (default `https://api.bybit.com`). */
  readonly baseUrl?: string | URL;
  /** Ends the fetch; the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Called after every window. */
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Further tries of a request that failed in passing (default 5). */
  readonly retries?: number;
  /** How to wait between tries (default: a timer). */
  readonly sleep?: Sleep;
}

const WINDOW_BARS = 1000;

const FETCH_KEYS: OptionKeys<FetchBybitOptions> = {
  symbol: true,
  interval: true,
  start: true,
  end: true,
  category: true,
  baseUrl: true,
  signal: true,
  onProgress: true,
  retries: true,
  sleep: true,
};

/** Columns of a row of the answer, as strings: start, open, high, low, close, volume (and turnover). */
type Bar = readonly [number, number, number, number, number, number];

function toMs(name: string, value: number | Date | string): number {
  const ms = typeof value === "string" ? parseDate(value) : Number(value);
  if (ms === undefined || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) {
    throw new RangeError(`Cannot fetch from Bybit: ${name} must be ms, a Date or an ISO date, got "${String(value)}"`);
  }
  // From 2001 to 2100 in seconds is January to March 1970 in ms, when nothing was traded.
  if (typeof value === "number" && ms > 1e9 && ms < 4.2e9) {
    throw new RangeError(`Cannot fetch from Bybit: ${name} must be ms, got ${value}: are they seconds?`);
  }
  return ms;
}

/** Rows of an answer, oldest first. */
function readBars(result: unknown, what: string): Bar[] {
  const list = typeof result === "object" && result !== null ? Reflect.get(result, "list") : undefined;
  if (!Array.isArray(list)) {
    throw new DataError(`Cannot fetch ${what}: expected result.list, got ${JSON.stringify(result)}`);
  }
  return list.map((row: unknown): Bar => {
    const cells = Array.isArray(row) ? row.slice(0, 6).map((cell) => parseNumber(String(cell))) : [];
    const [start, open, high, low, close, volume] = cells;
    if (
      start === undefined || open === undefined || high === undefined || low === undefined || close === undefined ||
      volume === undefined
    ) {
      throw new DataError(
        `Cannot fetch ${what}: expected rows of start, open, high, low, close, volume, got ${JSON.stringify(row)}`,
      );
    }
    return [start, open, high, low, close, volume];
  }).sort((a, b) => a[0] - b[0]);
}

/**
 * Fetches candles from Bybit. Bars open in `[start, end)`; the bar that is still open (by the server's clock) is left out, and so
 * is the bar that merely contains an unaligned start. Requests that failed in passing (connection, HTTP 429 and 5xx, retCodes
 * such as 10006) are tried again with doubling waits.
 *
 * @param options Symbol, interval, range.
 * @returns Candles oldest first, `[bars]`; no bars where the market had none. Volume is in base units (contracts for inverse).
 * @throws {DataError} The symbol is unknown, the server down, the answer no JSON, HTTP 403 (region or rate), a retCode.
 * @throws {RangeError} The interval or a date cannot be read, or start is not before end.
 * @throws {TypeError} No symbol, or an unknown option.
 *
 * @example
 * ```ts ignore
 * import { fetchBybit } from "@adaptrade/adaptrade";
 *
 * const candles = await fetchBybit({ symbol: "BTCUSDT", interval: "1h", start: "2024-01-01", end: "2024-02-01" });
 * ```
 */
export async function fetchBybit(options: FetchBybitOptions): Promise<Candles> {
  requireKnownKeys("Cannot fetch from Bybit", "options", options, FETCH_KEYS);
  const { symbol, category = "linear", baseUrl = "https://api.bybit.com", signal, onProgress } = options;
  const { retries = 5, sleep = sleepFor } = options;
  if (typeof symbol !== "string" || symbol === "") {
    throw new TypeError(`Cannot fetch from Bybit: symbol must be a name, got ${JSON.stringify(symbol)}`);
  }
  const interval = bybitInterval(options.interval);
  const step = intervalMs(interval.name);
  const start = toMs("start", options.start);
  const end = toMs("end", options.end ?? Date.now());
  if (start >= end) {
    throw new RangeError(
      `Cannot fetch from Bybit: start must be before end, got ${new Date(start).toISOString()} and ${
        new Date(end).toISOString()
      }`,
    );
  }
  const what = `${symbol} ${interval.name} (${category}) from Bybit`;
  const total = Math.ceil((end - start) / step);
  const bars: Bar[] = [];
  for (let from = start; from < end; from += WINDOW_BARS * step) {
    const to = Math.min(end, from + WINDOW_BARS * step);
    const url = new URL("/v5/market/kline", baseUrl);
    const query = { category, symbol, interval: interval.code, start: from, end: to - 1, limit: WINDOW_BARS };
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    const { time: serverTime, result } = await requestBybit(url, { what, retries, sleep, signal });
    for (const bar of readBars(result, what)) {
      const isNew = bars.length === 0 || bar[0] > bars[bars.length - 1][0];
      if (isNew && bar[0] >= from && bar[0] < to && bar[0] + step <= serverTime) bars.push(bar);
    }
    onProgress?.({ fetched: bars.length, total, from, to });
    if (to > serverTime) break;
  }
  const column = (index: 0 | 1 | 2 | 3 | 4 | 5): Float64Array => Float64Array.from(bars, (bar) => bar[index]);
  return {
    symbol,
    interval: interval.name,
    time: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  };
}
