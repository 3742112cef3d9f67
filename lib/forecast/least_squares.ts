/**
 * Linear regression with an intercept, by the normal equations: ordinary, and ridge towards coefficients known before.
 * It scales nothing and picks no penalty; both are its callers'.
 * @module
 */

/** A linear rule: intercept first, then one coefficient a column. */
export type Coefficients = Float64Array;

/** Sums that a regression needs, of rows with a leading 1: gram X'X `[k, k]` and moment X'y `[k]`, k = cols + 1. */
export interface RegressionSums {
  /** Columns without the intercept. */
  readonly cols: number;
  /** X'X, row-major, `[k, k]`; the lower triangle alone is kept. */
  readonly gram: Float64Array;
  /** X'y, `[k]`. */
  readonly moment: Float64Array;
  /** Rows added so far. */
  rows: number;
}

/** Sums of no row yet. */
export function openSums(cols: number): RegressionSums {
  return { cols, gram: new Float64Array((cols + 1) ** 2), moment: new Float64Array(cols + 1), rows: 0 };
}

/** Adds one row, `x[offset .. offset + cols]`, with label y. */
export function addRow(sums: RegressionSums, x: Float64Array | Float32Array, offset: number, y: number): void {
  const { cols, gram, moment } = sums;
  const k = cols + 1;
  for (let i = 0; i < k; i++) {
    const a = i === 0 ? 1 : x[offset + i - 1];
    moment[i] += a * y;
    for (let j = 0; j <= i; j++) gram[i * k + j] += a * (j === 0 ? 1 : x[offset + j - 1]);
  }
  sums.rows++;
}

/** Solves A z = b for symmetric positive definite A (lower triangle read) by Cholesky; a pivot of nothing gives 0 there. */
function solve(a: Float64Array, b: Float64Array): Float64Array {
  const k = b.length;
  const l = new Float64Array(k * k);
  const dead = new Uint8Array(k);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * k + j];
      for (let m = 0; m < j; m++) sum -= l[i * k + m] * l[j * k + m];
      if (i !== j) l[i * k + j] = dead[j] ? 0 : sum / l[j * k + j];
      else if (sum > 1e-12 * Math.max(a[i * k + i], Number.MIN_VALUE)) l[i * k + i] = Math.sqrt(sum);
      else dead[i] = 1;
    }
  }
  const z = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    if (dead[i]) continue;
    let sum = b[i];
    for (let m = 0; m < i; m++) sum -= l[i * k + m] * z[m];
    z[i] = sum / l[i * k + i];
  }
  for (let i = k - 1; i >= 0; i--) {
    if (dead[i]) continue;
    let sum = z[i];
    for (let m = i + 1; m < k; m++) sum -= l[m * k + i] * z[m];
    z[i] = sum / l[i * k + i];
  }
  return z;
}

/**
 * Least squares, or ridge towards a prior: argmin Σ (y − x'β)² + λ ‖β − β₀‖² (Hoerl & Kennard 1970, with the prior's mean
 * in place of 0). Without a prior λ falls on the slopes alone. A column that the others give, or that does not vary, gets 0.
 *
 * @param sums From {@linkcode addRow}.
 * @param options Penalty λ (default 0) and prior β₀ `[cols + 1]`.
 * @returns Intercept and slopes, `[cols + 1]`.
 */
export function regress(
  sums: RegressionSums,
  options: { readonly penalty?: number; readonly prior?: Coefficients } = {},
): Coefficients {
  const { penalty = 0, prior } = options;
  const k = sums.cols + 1;
  const gram = sums.gram.slice();
  const moment = sums.moment.slice();
  for (let i = prior ? 0 : 1; i < k; i++) {
    gram[i * k + i] += penalty;
    if (prior) moment[i] += penalty * prior[i];
  }
  return solve(gram, moment);
}

/** x'β with the intercept, for the row at `offset`. */
export function linearValue(beta: Coefficients, x: Float64Array | Float32Array, offset: number): number {
  let sum = beta[0];
  for (let j = 1; j < beta.length; j++) sum += beta[j] * x[offset + j - 1];
  return sum;
}
