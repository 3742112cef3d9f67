/**
 * How much a price has moved lately: the size of its steps, known at each close. It looks at no later bar.
 * @module
 */
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
 * import { trailingVolatility } from "@adaptrade/adaptrade";
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
