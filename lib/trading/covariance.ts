/**
 * The covariance of several markets' returns, shrunk so that few bars of many markets still give one that can be relied on.
 * Matrices are flat and row-major; it weighs nothing.
 * @module
 */

/** A covariance that was shrunk towards a multiple of the identity. */
export interface ShrunkCovariance {
  /** `[markets, markets]` row-major, symmetric, of one bar. */
  readonly covariance: Float64Array;
  /** Weight of the target, in [0, 1]. */
  readonly shrinkage: number;
}

/** Throws unless returns are finite and fill rows of at least two bars. */
function requireRows(returns: Float64Array, markets: number): number {
  const bars = returns.length / markets;
  if (!Number.isInteger(markets) || markets < 1 || !Number.isInteger(bars) || bars < 2) {
    throw new TypeError(
      `Cannot take a covariance: expected returns of [bars, markets] with at least 2 bars, received ${returns.length} ` +
        `values for ${String(markets)} markets`,
    );
  }
  const bad = returns.findIndex((r) => !Number.isFinite(r));
  if (bad >= 0) throw new TypeError(`Cannot take a covariance: returns must be finite, got ${returns[bad]} at ${bad}`);
  return bars;
}

/** Returns less the mean of their market. `[bars, markets]` → the same */
function centred(returns: Float64Array, markets: number, bars: number): Float64Array {
  const means = new Float64Array(markets);
  for (let i = 0; i < returns.length; i++) means[i % markets] += returns[i] / bars;
  return returns.map((r, i) => r - means[i % markets]);
}

/**
 * The covariance of returns, shrunk towards the mean variance on the diagonal with the weight that has the least expected
 * squared error (Ledoit & Wolf 2004, "A well-conditioned estimator for large-dimensional covariance matrices", lemma 3.3, with
 * moments over n as there): `S* = (1 − δ) S + δ μ I`, μ the mean variance.
 *
 * @param returns Returns of each bar, as fractions, `[bars, markets]` row-major, at least 2 bars.
 * @param markets Number of markets.
 * @throws {TypeError} There are less than 2 whole bars, or a return is not finite.
 *
 * @example
 * ```ts
 * import { shrunkCovariance } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * // Two markets in four bars: their correlation of 0.6 is hardly known, and shrunk.
 * const { covariance, shrinkage } = shrunkCovariance(Float64Array.of(1, 1, -1, -1, 2, -1, -2, 1), 2);
 * assertEquals([covariance[1] < 0.25, shrinkage > 0], [true, true]);
 * ```
 */
export function shrunkCovariance(returns: Float64Array, markets: number): ShrunkCovariance {
  const bars = requireRows(returns, markets);
  const x = centred(returns, markets, bars);
  const covariance = new Float64Array(markets * markets);
  const squares = new Float64Array(markets * markets);
  for (let t = 0; t < bars; t++) {
    for (let i = 0; i < markets; i++) {
      for (let j = 0; j < markets; j++) {
        const product = x[t * markets + i] * x[t * markets + j];
        covariance[i * markets + j] += product / bars;
        squares[i * markets + j] += product * product / bars;
      }
    }
  }
  let mean = 0;
  for (let i = 0; i < markets; i++) mean += covariance[i * markets + i] / markets;
  // ‖S − μI‖² and the error of S, both as sums over entries.
  let [distance, error] = [0, 0];
  for (let i = 0; i < covariance.length; i++) {
    const target = i % (markets + 1) === 0 ? mean : 0;
    distance += (covariance[i] - target) ** 2;
    error += (squares[i] - covariance[i] ** 2) / bars;
  }
  const shrinkage = distance > 0 ? Math.min(1, error / distance) : 0;
  return {
    covariance: covariance.map((value, i) =>
      (1 - shrinkage) * value + (i % (markets + 1) === 0 ? shrinkage * mean : 0)
    ),
    shrinkage,
  };
}

/** Throws unless a matrix is square, symmetric and has a diagonal above 0; its number of rows. */
export function requireCovariance(action: string, covariance: Float64Array): number {
  const markets = Math.sqrt(covariance.length);
  if (!Number.isInteger(markets) || markets < 1) {
    throw new TypeError(`${action}: expected a square covariance, received ${covariance.length} values`);
  }
  for (let i = 0; i < markets; i++) {
    if (!(covariance[i * markets + i] > 0 && covariance[i * markets + i] < Infinity)) {
      throw new RangeError(`${action}: expected variances above 0, got ${covariance[i * markets + i]} of market ${i}`);
    }
    for (let j = 0; j < i; j++) {
      const [a, b] = [covariance[i * markets + j], covariance[j * markets + i]];
      if (!(Math.abs(a - b) <= 1e-9 * (Math.abs(a) + Math.abs(b)))) {
        throw new RangeError(`${action}: expected a symmetric covariance, got ${a} and ${b} at [${i}, ${j}]`);
      }
    }
  }
  return markets;
}
