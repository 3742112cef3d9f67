/**
 * How much a price has moved lately: the size of its steps, known at each close. It looks at no later bar.
 * @module
 */
import type { Closes } from "./regimes.ts";
import { percentChange, rollingStd } from "./rolling.ts";

/**
 * Sample deviation of the last `window` 1-bar returns at each close.
 *
 * @param close Prices, above 0, oldest first, `[bars]`.
 * @param window Returns, at least 2.
 * @returns Deviations a bar, as fractions, `[bars]`; NaN until `window` returns are known.
 * @throws {RangeError} The window is not an integer of at least 2.
 *
 * @example
 * ```ts
 * import { trailingVolatility } from "@adaptrade/adaptrade/features";
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 *
 * const [, , known] = trailingVolatility(Float64Array.of(100, 101, 100), 2);
 * assertAlmostEquals(known, Math.abs(0.01 + 1 / 101) / Math.SQRT2, 1e-15);
 * assertEquals(trailingVolatility(Float64Array.of(100, 101), 2)[1], NaN);
 * ```
 */
export function trailingVolatility(close: Float64Array, window: number): Float64Array {
  if (!Number.isInteger(window) || window < 2) {
    throw new RangeError(`Cannot measure volatility: window must be an integer of at least 2, got ${String(window)}`);
  }
  return rollingStd(percentChange(close, 1), window);
}

/** Decay a bar of RiskMetrics' volatility. */
const DECAY = 0.94;

/**
 * RiskMetrics' volatility at each close: √(Σ λ^k r²_{t−k} / Σ λ^k) of 1-bar log returns, λ = 0.94 (J.P. Morgan 1996,
 * "RiskMetrics technical document", table 5.1).
 *
 * @param market Closes, oldest first; candles will do.
 * @returns Deviations a bar, as fractions, `[bars]`; NaN at the first bar.
 *
 * @example
 * ```ts
 * import { riskMetricsVolatility } from "@adaptrade/adaptrade/features";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const close = Float64Array.of(100, 110);
 * assertAlmostEquals(riskMetricsVolatility({ time: Float64Array.of(0, 1), close })[1], Math.log(1.1), 1e-15);
 * ```
 */
export function riskMetricsVolatility({ close }: Closes): Float64Array {
  const out = new Float64Array(close.length).fill(NaN);
  let [sum, weights] = [0, 0];
  for (let t = 1; t < close.length; t++) {
    sum = DECAY * sum + Math.log(close[t] / close[t - 1]) ** 2;
    weights = DECAY * weights + 1;
    out[t] = Math.sqrt(sum / weights);
  }
  return out;
}
