/**
 * Summaries of test errors over tasks. Single tasks can diverge at later steps, so one figure is not enough.
 * @module
 */

/** How test errors spread over tasks. */
export interface ErrorSummary {
  /** Mean over tasks. */
  readonly mean: number;
  /** Half-width of the mean's 95% interval: 1.96·s/√n. */
  readonly halfWidth: number;
  /** Middle task. */
  readonly median: number;
  /** Mean of the central 99%: the best and the worst 0.5% left out. */
  readonly trimmed: number;
}

/** Summarises one error a task. A task that diverged past float32 counts as infinite: in the mean, not in the trimmed mean. */
export function summarise(errors: readonly number[]): ErrorSummary {
  const sorted = errors.map((value) => Number.isFinite(value) ? value : Infinity).sort((a, b) => a - b);
  const n = sorted.length;
  const mean = average(sorted);
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const cut = Math.round(0.005 * n);
  const middle = Math.floor(n / 2);
  return {
    mean,
    halfWidth: 1.96 * Math.sqrt(variance / n),
    median: n % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
    trimmed: average(sorted.slice(cut, n - cut)),
  };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
