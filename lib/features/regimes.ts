/**
 * Market regimes, point in time: bull, bear, high volatility, low volatility, ranging. A pure function of closes at or
 * before each bar; it refuses to smooth. A hidden Markov labeller is not offered: the one library on npm that would serve
 * (hidden-markov-model-tf) needs TensorFlow.js 3 beside it and infers each state from the whole series, later bars
 * included, which no trader has.
 * @module
 */
import { DataError } from "../data/candles.ts";
import { bisectLeft, bisectRight } from "./bisect.ts";
import { requireCandles } from "./feature_matrix.ts";
import { percentChange, rollingStd } from "./rolling.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What a market is doing. */
export type Regime = "bull" | "bear" | "high-volatility" | "low-volatility" | "ranging";

/** Every regime, in the order that tables list them. */
export const REGIMES: readonly Regime[] = Object.freeze([
  "bull",
  "bear",
  "high-volatility",
  "low-volatility",
  "ranging",
]);

/** Closing prices of one market; any `Candles` are. */
export interface Closes {
  /** Market name (default `market`). */
  readonly symbol?: string;
  /** Open time of each bar, ms UTC, ascending. */
  readonly time: Float64Array;
  /** Closing price of each bar, above 0. */
  readonly close: Float64Array;
}

/** What {@linkcode labelRegimes} takes. */
export interface RegimeOptions {
  /** Bars over which return, volatility and trend strength are taken, at least 2 (default 20). */
  readonly window?: number;
  /** Latest volatilities that the current one is ranked among, at least 2; Infinity ranks among all so far (default 250). */
  readonly history?: number;
  /** Bars to cut from the start, at least window + 1 (default: window and history, 250 bars where that is Infinity). */
  readonly warmup?: number;
  /** Trend strength from which a market trends, in [0, 1] (default 0.3; a random walk of 20 bars has 0.22 on average). */
  readonly trend?: number;
  /** Volatility percentile from which volatility is high, in [0, 1] (default 0.8). */
  readonly high?: number;
  /** Volatility percentile up to which volatility is low, in [0, 1], at most `high` (default 0.2). */
  readonly low?: number;
}

const REGIME_KEYS: OptionKeys<RegimeOptions> = {
  window: true,
  history: true,
  warmup: true,
  trend: true,
  high: true,
  low: true,
};

/** Regimes of one market, by whoever named them: {@linkcode labelRegimes}, or a rule of one's own with names of its own. */
export interface RegimeSeries<R extends string = Regime> {
  /** Market name. */
  readonly market: string;
  /** Open time of each bar, ms UTC, ascending, `[rows]`. The regime is known once that bar has closed. */
  readonly time: Float64Array;
  /** Regime at each bar, `[rows]`. */
  readonly regime: readonly R[];
}

/** Regimes of one market and what they were read from. Row i uses closes at or before `time[i]` alone. */
export interface RegimeLabels extends RegimeSeries {
  /** Return over the window, as a fraction, `[rows]`. */
  readonly trailingReturn: Float64Array;
  /** Rank of the volatility among the latest ones, in (0, 1), ties at their middle, `[rows]`. */
  readonly volatilityPercentile: Float64Array;
  /** |close move over the window| / Σ|bar moves|, in [0, 1], `[rows]`: 1 is a straight line. */
  readonly trendStrength: Float64Array;
  /** Bars cut from the start. */
  readonly warmup: number;
}

const DEFAULT_HISTORY = 250;

function requireNumber(name: string, value: number, range: { min: number; max?: number; integer?: boolean }): void {
  const { min, max = Infinity, integer = false } = range;
  if (!(value >= min && value <= max) || (integer && value !== Infinity && !Number.isInteger(value))) {
    const upper = max < Infinity ? ` and at most ${max}` : "";
    throw new RangeError(
      `Cannot label regimes: ${name} must be ${integer ? "an integer" : "a number"} of at least ${min}${upper}, ` +
        `got ${String(value)}`,
    );
  }
}

function resolve(options: RegimeOptions): Required<RegimeOptions> {
  requireKnownKeys("Cannot label regimes", "options", options, REGIME_KEYS);
  const { window = 20, history = DEFAULT_HISTORY, trend = 0.3, high = 0.8, low = 0.2 } = options;
  const { warmup = window + (history === Infinity ? DEFAULT_HISTORY : history) } = options;
  requireNumber("window", window, { min: 2, max: Number.MAX_SAFE_INTEGER, integer: true });
  requireNumber("history", history, { min: 2, integer: true });
  requireNumber("warmup", warmup, { min: window + 1, max: Number.MAX_SAFE_INTEGER, integer: true });
  requireNumber("trend", trend, { min: 0, max: 1 });
  requireNumber("high", high, { min: 0, max: 1 });
  requireNumber("low", low, { min: 0, max: high });
  return { window, history, warmup, trend, high, low };
}

/** Efficiency ratio (Kaufman 1995): |x_t − x_{t−w}| / Σ|x_i − x_{i−1}| over the window; 0 where nothing moved. */
function efficiencyRatio(close: Float64Array, window: number): Float64Array {
  const out = new Float64Array(close.length).fill(NaN);
  for (let t = window; t < close.length; t++) {
    let path = 0;
    for (let i = t - window + 1; i <= t; i++) path += Math.abs(close[i] - close[i - 1]);
    out[t] = path > 0 ? Math.min(1, Math.abs(close[t] - close[t - window]) / path) : 0;
  }
  return out;
}

/** Rank of each value among the latest `history` values up to itself: (below + ties / 2) / count; NaN before the first. */
function trailingPercentile(values: Float64Array, history: number): Float64Array {
  const out = new Float64Array(values.length).fill(NaN);
  const sorted: number[] = [];
  for (let t = 0; t < values.length; t++) {
    if (Number.isNaN(values[t])) continue;
    sorted.splice(bisectRight(sorted, values[t]), 0, values[t]);
    if (sorted.length > history) sorted.splice(bisectLeft(sorted, values[t - history]), 1);
    out[t] = (bisectLeft(sorted, values[t]) + bisectRight(sorted, values[t])) / (2 * sorted.length);
  }
  return out;
}

/**
 * Labels every bar with its regime, from closes up to it. The first rule that holds decides:
 * 1. `high-volatility`: the rolling deviation of 1-bar returns ranks at or above `high` among the latest `history` ones.
 * 2. `bull` or `bear`: trend strength (Kaufman's efficiency ratio) is at least `trend`, and the window's return is above
 *    or below 0.
 * 3. `low-volatility`: that rank is at or below `low`.
 * 4. `ranging`.
 *
 * @param market Closes, oldest first; candles will do.
 * @param options Window, history and borders.
 * @returns `[bars − warmup]`; row i belongs to bar i + warmup. With the default warm-up and a finite history no row depends
 * on where the series starts.
 * @throws {DataError} There is no bar behind the warm-up.
 * @throws {RangeError} An option is out of range, a price is not above 0, or times do not ascend.
 * @throws {TypeError} A price is not finite, or array lengths differ.
 *
 * @example
 * ```ts
 * import { labelRegimes } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * const close = Float64Array.from({ length: 400 }, (_, i) => 100 * 1.001 ** i + 0.01 * Math.sin(i));
 * const time = close.map((_, i) => i * 86_400_000);
 * const { regime, warmup } = labelRegimes({ time, close }, { high: 1 });
 * assertEquals([regime.length, warmup, regime[100]], [130, 270, "bull"]);
 * ```
 */
export function labelRegimes(market: Closes, options: RegimeOptions = {}): RegimeLabels {
  const { window, history, warmup, trend, high, low } = resolve(options);
  const { symbol = "market", time, close } = market;
  const ones = new Float64Array(time.length).fill(1);
  requireCandles(
    { symbol, interval: "", time, open: ones, high: ones, low: ones, close, volume: ones },
    "label regimes",
  );
  if (time.length <= warmup) {
    throw new DataError(
      `Cannot label regimes of ${symbol}: needs more than ${warmup} bars (the warm-up), got ${time.length}`,
    );
  }
  const trailingReturn = percentChange(close, window).slice(warmup);
  const volatilityPercentile = trailingPercentile(rollingStd(percentChange(close, 1), window), history).slice(warmup);
  const trendStrength = efficiencyRatio(close, window).slice(warmup);
  const regimeOf = (i: number): Regime => {
    if (volatilityPercentile[i] >= high) return "high-volatility";
    if (trendStrength[i] >= trend && trailingReturn[i] !== 0) return trailingReturn[i] > 0 ? "bull" : "bear";
    return volatilityPercentile[i] <= low ? "low-volatility" : "ranging";
  };
  return {
    market: symbol,
    time: time.slice(warmup),
    regime: Array.from(trendStrength, (_, i) => regimeOf(i)),
    trailingReturn,
    volatilityPercentile,
    trendStrength,
    warmup,
  };
}

/**
 * The regime known at the close of the bar that opened at `time`: that of the last labelled bar at or before it.
 *
 * @param labels From {@linkcode labelRegimes}, or one's own.
 * @param time Open time of a bar, ms UTC.
 * @returns Null where no bar was labelled by then.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { labelRegimes, regimeAt } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * const [market] = await sampleMarkets();
 * const labels = labelRegimes(market);
 * assertEquals(regimeAt(labels, market.time[0]), null); // within the warm-up
 * assertEquals(regimeAt(labels, labels.time[5]), labels.regime[5]);
 * ```
 */
export function regimeAt<R extends string>(labels: RegimeSeries<R>, time: number): R | null {
  return labels.regime[bisectRight(labels.time, time) - 1] ?? null;
}
