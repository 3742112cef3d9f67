/**
 * Weights by which every market brings the same share of the variance. It knows no forecast.
 * @module
 */
import { requireCovariance } from "./covariance.ts";

const MOST_SWEEPS = 10_000;

/**
 * The long-only portfolio to whose variance each market contributes alike, `wᵢ (Σw)ᵢ = wᵀΣw / N`: the solution of
 * `min ½xᵀΣx − (1/N) Σ ln xᵢ`, made to sum to 1, by cyclical coordinate descent (Griveau-Billion, Richard & Roncalli 2013).
 *
 * @param covariance `[markets, markets]` row-major, symmetric and positive definite, such as from `shrunkCovariance`.
 * @returns Weights above 0 that sum to 1, `[markets]`.
 * @throws {TypeError} The matrix is not square.
 * @throws {RangeError} It is not symmetric, or the descent does not settle, as on one that is not positive definite.
 *
 * @example Without correlation they are in proportion to 1 / deviation
 * ```ts
 * import { riskParityWeights } from "@adaptrade/adaptrade/trading";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [calm, wild] = riskParityWeights(Float64Array.of(1, 0, 0, 9));
 * assertAlmostEquals(calm, 0.75, 1e-12);
 * assertAlmostEquals(wild, 0.25, 1e-12);
 * ```
 */
export function riskParityWeights(covariance: Float64Array): Float64Array {
  const action = "Cannot divide risk evenly";
  const markets = requireCovariance(action, covariance);
  const budget = 1 / markets;
  const x = Float64Array.from({ length: markets }, (_, i) => Math.sqrt(budget / covariance[i * markets + i]));
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let moved = 0;
    for (let i = 0; i < markets; i++) {
      let others = 0;
      for (let j = 0; j < markets; j++) if (j !== i) others += covariance[i * markets + j] * x[j];
      const variance = covariance[i * markets + i];
      const next = (Math.sqrt(others * others + 4 * variance * budget) - others) / (2 * variance);
      moved = Math.max(moved, Math.abs(next - x[i]) / next);
      x[i] = next;
    }
    if (moved < 1e-14) {
      const sum = x.reduce((total, value) => total + value, 0);
      return x.map((value) => value / sum);
    }
    if (!Number.isFinite(moved)) break;
  }
  throw new RangeError(`${action}: expected a positive definite covariance`);
}
