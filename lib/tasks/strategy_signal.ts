/**
 * Textbook strategies as signals: +1, −1 or 0 at each bar, from bars up to it. They are sources of tasks and things to
 * beat, not advice; none of them is fitted to anything.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { requireCandles } from "../features/feature_matrix.ts";
import { percentChange, rollingMean, rollingStd } from "../features/rolling.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** A strategy on one market. */
export type SignalStrategy = "momentum" | "mean-reversion" | "breakout";

/** How {@linkcode strategySignal} reads a market. */
export interface StrategySignalOptions {
  /** Bars looked back on, at least 2 (default 20). */
  readonly window?: number;
  /** Deviations from the rolling mean at which mean reversion fires, at least 0 (default 1). */
  readonly entry?: number;
}

/** Signals of one market. */
export interface StrategySignal {
  /** Open time of each bar, ms UTC, `[bars]`. The signal is known once that bar has closed. */
  readonly time: Float64Array;
  /** 1 long, −1 short, 0 no opinion (and within the first window), `[bars]`. */
  readonly values: Float64Array;
}

/** Sign of the return over the window: time-series momentum (Moskowitz, Ooi and Pedersen 2012, eq. 5, without its scaling). */
function momentum({ close }: Candles, window: number): Float64Array {
  return percentChange(close, window).map((move) => Number.isNaN(move) ? 0 : Math.sign(move));
}

/** Against the move where the close lies `entry` rolling deviations from its rolling mean. */
function meanReversion({ close }: Candles, window: number, entry: number): Float64Array {
  const mean = rollingMean(close, window);
  const deviation = rollingStd(close, window);
  return close.map((price, t) => {
    const distance = price - mean[t];
    return deviation[t] > 0 && Math.abs(distance) >= entry * deviation[t] ? -Math.sign(distance) || 0 : 0;
  });
}

/** With a close above the highest high, or below the lowest low, of the `window` bars before (Donchian's channel). */
function breakout({ close, high, low }: Candles, window: number): Float64Array {
  return close.map((price, t) => {
    if (t < window) return 0;
    let [top, bottom] = [-Infinity, Infinity];
    for (let i = t - window; i < t; i++) {
      top = Math.max(top, high[i]);
      bottom = Math.min(bottom, low[i]);
    }
    return price > top ? 1 : price < bottom ? -1 : 0;
  });
}

/**
 * Computes a strategy's signal at every bar: `momentum`, the sign of the window's return; `mean-reversion`, against a close
 * at least `entry` rolling deviations from its rolling mean; `breakout`, with a close beyond the window's high or low.
 *
 * @param candles Bars of one market, oldest first.
 * @param strategy Which strategy.
 * @param options Window and entry.
 * @throws {RangeError} The strategy is unknown, an option is out of range, or a price is not above 0.
 * @throws {TypeError} A price is not finite, or array lengths differ.
 *
 * @example
 * ```ts
 * import { strategySignal } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const close = Float64Array.of(10, 11, 12, 11, 9);
 * const time = close.map((_, i) => i * 60_000);
 * const candles = { symbol: "X", interval: "1m", time, open: close, high: close, low: close, close, volume: close };
 * assertEquals([...strategySignal(candles, "momentum", { window: 2 }).values], [0, 0, 1, 0, -1]);
 * ```
 */
export function strategySignal(
  candles: Candles,
  strategy: SignalStrategy,
  options: StrategySignalOptions = {},
): StrategySignal {
  requireKnownKeys("Cannot compute a signal", "options", options, TASK_KEYS);
  const { window = 20, entry = 1 } = options;
  if (!Number.isInteger(window) || window < 2) {
    throw new RangeError(`Cannot compute a signal: window must be an integer of at least 2, got ${String(window)}`);
  }
  if (!(entry >= 0 && entry < Infinity)) {
    throw new RangeError(`Cannot compute a signal: entry must be finite and at least 0, got ${String(entry)}`);
  }
  requireCandles(candles, "compute a signal");
  const time = candles.time.slice();
  switch (strategy) {
    case "momentum":
      return { time, values: momentum(candles, window) };
    case "mean-reversion":
      return { time, values: meanReversion(candles, window, entry) };
    case "breakout":
      return { time, values: breakout(candles, window) };
    default:
      throw new RangeError(
        `Cannot compute a signal: strategy must be momentum, mean-reversion or breakout, got ${String(strategy)}`,
      );
  }
}
