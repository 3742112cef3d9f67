/**
 * How far what networks add is believed: a factor in [0, 1] fitted on validation, drawn to 0 where it could be luck.
 * It sees validation's forecasts and labels alone.
 * @module
 */

/** Deviations from 0 at which a factor counts for nothing: below two it could be luck. */
const DOUBT = 2;

/** What a factor is fitted on, one entry a validation decision. */
export interface ShrinkageRows {
  /** Open time of each decision, ms UTC, `[rows]`. */
  readonly time: Float64Array;
  /** What networks add to the linear rule, `[rows]`. */
  readonly added: Float64Array;
  /** What the linear rule leaves of the labels, `[rows]`. */
  readonly rest: Float64Array;
}

/** Variance of a sum over times, Bartlett weights over the lags at which labels overlap and at least 4 (n/100)^(2/9). */
function sumVariance(values: readonly number[], overlap: number): number {
  const lags = Math.max(overlap, Math.ceil(4 * (values.length / 100) ** (2 / 9)));
  let variance = 0;
  for (let lag = 0; lag < Math.min(lags, values.length); lag++) {
    let sum = 0;
    for (let t = lag; t < values.length; t++) sum += values[t] * values[t - lag];
    variance += (lag === 0 ? 1 : 2 * (1 - lag / lags)) * sum;
  }
  return Math.max(0, variance);
}

/**
 * Least squares through 0, c = Σ added·rest / Σ added², times max(0, 1 − (2/z)²) with z = c over its own deviation (the positive
 * part of James and Stein's shrinkage, 1961; the deviation by time, overlapping labels accounted for), held within [0, 1].
 * So a skill of many deviations stands as it is, and one of less than two counts for nothing.
 *
 * @param rows Validation decisions.
 * @param overlap Decisions whose labels share a bar.
 */
export function fitShrinkage({ time, added, rest }: ShrinkageRows, overlap: number): number {
  const times = new Map<number, { cross: number; square: number }>();
  added.forEach((value, i) => {
    const at = times.get(time[i]) ?? { cross: 0, square: 0 };
    at.cross += value * rest[i];
    at.square += value * value;
    times.set(time[i], at);
  });
  const ordered = [...times].sort(([a], [b]) => a - b).map(([, sums]) => sums);
  const cross = ordered.reduce((sum, one) => sum + one.cross, 0);
  const square = ordered.reduce((sum, one) => sum + one.square, 0);
  if (!(square > 0) || !(cross > 0)) return 0;
  const factor = cross / square;
  const deviation = Math.sqrt(sumVariance(ordered.map((one) => one.cross - factor * one.square), overlap)) / square;
  const believed = deviation > 0 ? Math.max(0, 1 - (DOUBT * deviation / factor) ** 2) : 1;
  return Math.min(1, factor * believed);
}
