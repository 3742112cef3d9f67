/**
 * Summaries of repeated timings, and the work that a meta-step takes. Pure.
 * @module
 */

/** Median and spread of repeated timings. */
export interface Timing {
  /** Middle value, ms. */
  readonly median: number;
  /** Lower quartile, ms. */
  readonly low: number;
  /** Upper quartile, ms. */
  readonly high: number;
  /** 99th percentile, ms. */
  readonly p99: number;
  /** How many there were. */
  readonly count: number;
}

/** The value below which a share of sorted values lies (linear between neighbours). */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Summarises timings in ms; at least one. */
export function summarise(times: readonly number[]): Timing {
  if (times.length === 0) throw new RangeError("Cannot summarise timings: expected at least 1, received 0");
  const sorted = [...times].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    p99: quantile(sorted, 0.99),
    count: sorted.length,
  };
}

/** A figure over seeds as text: the mean, and the least and the most where there are several. */
export function spreadOf(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  if (values.length === 1) return mean.toFixed(3);
  return `${mean.toFixed(3)} (${Math.min(...values).toFixed(3)} to ${Math.max(...values).toFixed(3)})`;
}

/** The sizes of one measurement: network 10-hidden-hidden-1, relu. */
export interface Sizes {
  /** Tasks of a batch. */
  readonly tasks: number;
  /** Width of both hidden layers. */
  readonly hidden: number;
  /** Inner steps. */
  readonly steps: number;
  /** Rows of a support set. */
  readonly support: number;
  /** Rows of a query set. */
  readonly query: number;
}

/** The reference problem, but for its number of tasks. */
export const REFERENCE: Omit<Sizes, "tasks"> = Object.freeze({ hidden: 64, steps: 5, support: 20, query: 10 });

/**
 * Floating-point operations of one second-order meta-step, counting the matrix products alone, two a multiply-add, with
 * nothing recomputed: a forward pass takes one product a layer and a backward pass two (one for the first layer); a
 * Hessian-vector product takes two of each, and one forward and one backward for the first layer less.
 */
export function metaStepFlops({ tasks, hidden, steps, support, query }: Sizes): number {
  const layers = [10 * hidden, hidden * hidden, hidden];
  const [first, ...rest] = layers;
  const later = rest.reduce((sum, weights) => sum + weights, 0);
  const pass = (rows: number): number => 2 * rows * (2 * first + 3 * later);
  const product = 2 * support * (2 * first + 6 * later);
  return tasks * (steps * (pass(support) + product) + pass(query));
}
