/**
 * Losses of two ways to forecast several markets, compared by Diebold and Mariano's test. Markets at one time share what moves
 * them: their losses are averaged first, so that they count once. It forecasts nothing.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { compareLosses, type DieboldMariano } from "./diebold_mariano.ts";

/** What {@linkcode comparePooledLosses} takes. */
export interface PooledLossesOptions {
  /** Forecasts that look over the same bar: the horizon over the bars between decisions, at least 1 (default 1). */
  readonly overlap?: number;
}

const KEYS: OptionKeys<PooledLossesOptions> = { overlap: true };

/** Means of losses over markets at each time, oldest first. */
function byTime(time: Float64Array, losses: Float64Array): Float64Array {
  const sums = new Map<number, { sum: number; count: number }>();
  time.forEach((t, i) => {
    const at = sums.get(t) ?? { sum: 0, count: 0 };
    at.sum += losses[i];
    at.count++;
    sums.set(t, at);
  });
  return Float64Array.from([...sums].sort(([a], [b]) => a - b), ([, { sum, count }]) => sum / count);
}

/**
 * Tests whether forecasts of several markets have lower losses than a baseline's, on their means over markets at each time, with
 * Bartlett weights over the lags at which forecasts overlap, and at least 4 (n/100)^(2/9) (Newey & West 1994). Losses that are set
 * to 0 on both sides wherever something known at the decision does not hold, such as a regime, give the test of Giacomini & White
 * (2006) for that condition.
 *
 * @param time Time of each decision, any order, the same for markets decided together, `[rows]`.
 * @param losses Losses of the forecasts, finite, `[rows]`.
 * @param baseline Losses of the baseline's forecasts of the same rows, `[rows]`.
 * @param options How far forecasts overlap.
 * @throws {RangeError} The overlap is below 1.
 * @throws {TypeError} Lengths differ, or a loss is not finite.
 *
 * @example
 * ```ts
 * import { comparePooledLosses } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const time = Float64Array.from({ length: 200 }, (_, i) => Math.floor(i / 2)); // two markets side by side
 * const losses = time.map((t, i) => 1 + i % 2 + t % 3);
 * const { statistic, rows } = comparePooledLosses(time, losses, losses.map((loss, i) => loss + i % 5));
 * assertEquals([statistic! < -2, rows], [true, 100]);
 * ```
 */
export function comparePooledLosses(
  time: Float64Array,
  losses: Float64Array,
  baseline: Float64Array,
  options: PooledLossesOptions = {},
): DieboldMariano {
  requireKnownKeys("Cannot compare pooled losses", "options", options, KEYS);
  const { overlap = 1 } = options;
  if (!(overlap >= 1 && overlap < Infinity)) {
    throw new RangeError(
      `Cannot compare pooled losses: overlap must be a number of at least 1, got ${String(overlap)}`,
    );
  }
  for (const [name, { length }] of Object.entries({ losses, baseline })) {
    if (length === time.length) continue;
    throw new TypeError(`Cannot compare pooled losses: expected ${time.length} ${name}, received ${length}`);
  }
  const [mine, other] = [byTime(time, losses), byTime(time, baseline)];
  const lags = Math.max(Math.ceil(overlap), Math.ceil(4 * (mine.length / 100) ** (2 / 9)));
  return compareLosses(mine, other, { horizon: Math.max(1, Math.min(lags, mine.length - 2)), weights: "bartlett" });
}
