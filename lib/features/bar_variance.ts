/**
 * How much a market moved within each bar: the variance of its log price, from the overnight step and the bar's range.
 * It refuses to guess a range: a close-only series gives squared returns, and no variance for its first bar.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { requireCandles } from "./feature_matrix.ts";

/** What {@linkcode barVariances} and the risk features take. */
export interface BarVarianceOptions {
  /** Read closes alone, whatever there is (default: where nothing else is there). */
  readonly closeOnly?: boolean;
}

/** Keys of {@linkcode BarVarianceOptions}. */
export const BAR_VARIANCE_KEYS: OptionKeys<BarVarianceOptions> = { closeOnly: true };

/** Weight of the squared body in Garman and Klass' estimate. */
const BODY = 2 * Math.LN2 - 1;

/** Variances of a market's bars. Bar i uses bars i − 1 and i alone. */
export interface BarVariances {
  /** Variance of the log price over bar i, the step from the last close included, `[bars]`; `[0]` has no such step. */
  readonly total: Float64Array;
  /** The same without the step from the last close: what a history that begins with bar i knows of it, `[bars]`; NaN where only closes exist. */
  readonly inner: Float64Array;
  /** Log return into bar i, `[bars]`; 0 for the first. */
  readonly logReturn: Float64Array;
  /** Whether only closes exist. */
  readonly closeOnly: boolean;
}

/** Whether a series has closing prices alone: it says so, or no bar has a range though most of them move. */
export function isCloseOnly(candles: Candles): boolean {
  const { open, high, low, close } = candles;
  if (candles.closeOnly === true) return true;
  if (!close.every((price, i) => price === open[i] && price === high[i] && price === low[i])) return false;
  // Bars without a trade have no range either: they repeat the last price.
  return 2 * close.filter((price, i) => i > 0 && price !== close[i - 1]).length >= close.length;
}

/**
 * Variance of the log price over each bar: the squared step from the last close to the open, and Garman and Klass'
 * estimate within the bar, ½ ln(H/L)² − (2 ln 2 − 1) ln(C/O)² (Garman & Klass 1980, "On the estimation of security price
 * volatilities from historical data", eq. 20, without its small cross term); the squared log return where only closes
 * exist. Never negative.
 *
 * @param candles Bars, oldest first.
 * @param options `closeOnly: true` reads closes alone, whatever there is.
 * @returns Variances a bar, in squared log units.
 * @throws {RangeError} A price is not above 0, or times do not ascend.
 * @throws {TypeError} A price is not finite, or array lengths differ.
 *
 * @example
 * ```ts
 * import { barVariances } from "@adaptrade/adaptrade/features";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const price = Float64Array.of(100, 110);
 * const time = Float64Array.of(0, 3_600_000);
 * const candles = { symbol: "X", interval: "1h", time, open: price, high: price, low: price, close: price, volume: price };
 * assertAlmostEquals(barVariances(candles).total[1], Math.log(1.1) ** 2, 1e-15);
 * ```
 */
export function barVariances(candles: Candles, options: BarVarianceOptions = {}): BarVariances {
  requireKnownKeys("Cannot measure variance", "options", options, BAR_VARIANCE_KEYS);
  requireCandles(candles, "measure variance");
  const { open, high, low, close } = candles;
  const closeOnly = options.closeOnly ?? isCloseOnly(candles);
  const bars = close.length;
  const total = new Float64Array(bars);
  const inner = new Float64Array(bars);
  const logReturn = new Float64Array(bars);
  for (let i = 0; i < bars; i++) {
    if (i > 0) logReturn[i] = Math.log(close[i] / close[i - 1]);
    if (closeOnly) {
      inner[i] = NaN;
      total[i] = logReturn[i] ** 2;
      continue;
    }
    const range = Math.log(Math.max(high[i], open[i], close[i]) / Math.min(low[i], open[i], close[i]));
    inner[i] = 0.5 * range ** 2 - BODY * Math.log(close[i] / open[i]) ** 2;
    total[i] = inner[i] + (i > 0 ? Math.log(open[i] / close[i - 1]) ** 2 : 0);
  }
  return { total, inner, logReturn, closeOnly };
}
