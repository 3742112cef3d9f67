/**
 * Weights of the least variance, none below 0. It knows no forecast; a short is a market whose returns were turned round before.
 * @module
 */
import { requireCovariance } from "./covariance.ts";

/** Solves A x = b for a symmetric positive definite A `[n, n]` by its Cholesky factor; undefined where A is not definite. */
function solveDefinite(matrix: Float64Array, right: Float64Array): Float64Array | undefined {
  const n = right.length;
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= factor[i * n + k] * factor[j * n + k];
      if (i === j) {
        if (!(sum > 1e-14 * matrix[i * n + i])) return undefined;
        factor[i * n + i] = Math.sqrt(sum);
      } else factor[i * n + j] = sum / factor[j * n + j];
    }
  }
  const x = right.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= factor[i * n + k] * x[k];
    x[i] /= factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= factor[k * n + i] * x[k];
    x[i] /= factor[i * n + i];
  }
  return x;
}

/** Solves Σ x = 1 on some of the markets, the others at 0; undefined where that part of Σ is not definite. */
function solveOn(covariance: Float64Array, markets: number, held: readonly number[]): Float64Array | undefined {
  const part = Float64Array.from({ length: held.length ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / held.length), i % held.length];
    return covariance[held[row] * markets + held[column]];
  });
  const solved = solveDefinite(part, new Float64Array(held.length).fill(1));
  if (!solved) return undefined;
  const x = new Float64Array(markets);
  held.forEach((market, i) => x[market] = solved[i]);
  return x;
}

/**
 * The long-only portfolio of the least variance, `min wᵀΣw` with `Σw = 1`, `w ≥ 0`: the positive solution of `min ½xᵀΣx − 1ᵀx`,
 * made to sum to 1, found exactly by the active sets of Lawson & Hanson (1974, chapter 23).
 *
 * @param covariance `[markets, markets]` row-major, symmetric and positive definite, such as from `shrunkCovariance`.
 * @returns Weights at least 0 that sum to 1, `[markets]`.
 * @throws {TypeError} The matrix is not square.
 * @throws {RangeError} It is not symmetric, or not positive definite.
 *
 * @example A second market that moves with the first, but twice as far, is left out
 * ```ts
 * import { minimumVarianceWeights } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...minimumVarianceWeights(Float64Array.of(1, 0, 0, 1))], [0.5, 0.5]);
 * assertEquals([...minimumVarianceWeights(Float64Array.of(1, 1.8, 1.8, 4))], [1, 0]);
 * ```
 */
export function minimumVarianceWeights(covariance: Float64Array): Float64Array {
  const action = "Cannot minimise variance";
  const markets = requireCovariance(action, covariance);
  const gradient = (x: Float64Array, i: number): number => {
    let sum = 1;
    for (let j = 0; j < markets; j++) sum -= covariance[i * markets + j] * x[j];
    return sum;
  };
  let x = new Float64Array(markets);
  const held: number[] = [];
  for (let step = 0; step < 3 * markets + 10; step++) {
    let best = -1;
    for (let i = 0; i < markets; i++) {
      if (!held.includes(i) && gradient(x, i) > 1e-12 && (best < 0 || gradient(x, i) > gradient(x, best))) best = i;
    }
    if (best < 0) break;
    held.push(best);
    for (;;) {
      const solved = solveOn(covariance, markets, held);
      if (!solved) throw new RangeError(`${action}: expected a positive definite covariance`);
      const negative = held.filter((i) => !(solved[i] > 0));
      if (negative.length === 0) {
        x = Float64Array.from(solved);
        break;
      }
      // As far towards the solution as no weight falls below 0; those that reach it are let go.
      const share = Math.min(...negative.map((i) => x[i] / (x[i] - solved[i])));
      x = x.map((value, i) => value + share * (solved[i] - value));
      for (const i of negative) {
        if (x[i] > 1e-15 * Math.max(...x)) continue;
        x[i] = 0;
        held.splice(held.indexOf(i), 1);
      }
    }
  }
  const sum = x.reduce((total, value) => total + value, 0);
  return x.map((value) => value / sum);
}
