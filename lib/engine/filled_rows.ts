/**
 * Rows of weight 0 behind a set's own, so that sets of many sizes are few sizes of programs. They change no result: each adds an
 * exact 0. How many depends on the set alone, or on those beside it where programs are dear. What may look at several rows at once
 * is left as it is.
 * @module
 */
import { isPlain } from "../model/model.ts";
import type { InnerProblem, LossShape, Samples, Task } from "./problem.ts";

/** Ones for rows without weights, of the most rows that were asked for. */
let ones = new Float32Array(64).fill(1);

/** Ones, `[rows]`; not to be written to. */
export function onesOf(rows: number): Float32Array {
  if (ones.length < rows) ones = new Float32Array(rows).fill(1);
  return ones.subarray(0, rows);
}

/** Rows that a set is filled up to: few sizes, so that few programs are built, and at most a quarter more than there are. */
function filledRows(rows: number): number {
  const step = rows < 8 ? 1 : rows < 16 ? 2 : Math.max(4, 2 ** (Math.floor(Math.log2(rows)) - 3));
  return Math.ceil(rows / step) * step;
}

/** Losses that take each row by itself. */
const BY_ROW: readonly LossShape["kind"][] = [
  "mse",
  "huber",
  "learned",
  "crossEntropy",
  "logistic",
  "quantile",
  "gaussian",
];

/** Whether rows of weight 0 change nothing of a problem: not where a model, a loss or a method may look at several rows at once. */
export function takesFilling({ net, loss, outerLoss = loss, method }: InnerProblem): boolean {
  return method === undefined && isPlain(net) && BY_ROW.includes(loss.kind) && BY_ROW.includes(outerLoss.kind);
}

/** Rows with the last one repeated. */
function repeated(values: Float32Array, from: number, to: number): Float32Array {
  const width = values.length / from;
  const more = new Float32Array(to * width);
  more.set(values);
  // What was copied is copied with it the next time.
  for (let row = from; row < to; row += row - from + 1) {
    more.copyWithin(row * width, (from - 1) * width, Math.min(row, from - 1 + to - row) * width);
  }
  return more;
}

/** Sets filled up together are at least this share of the largest: fewer programs are worth as many rows more. */
const NEAR = 0.5;

/** Rows that each of these sets is filled up to: by itself, or with those of near sizes to one. A row alone is left alone. */
function targets(rows: readonly number[], together: boolean): (rows: number) => number {
  if (!together) return filledRows;
  const sizes = [...new Set(rows)].filter((size) => size > 1).sort((a, b) => b - a);
  const largest = new Map<number, number>();
  let first = Infinity;
  for (const size of sizes) {
    if (size < NEAR * first || first === Infinity) first = size;
    largest.set(size, first);
  }
  return (size) => filledRows(largest.get(size) ?? size);
}

/** Inputs filled up with their last row, where the problem takes that. */
export function filledInputs(
  inner: InnerProblem,
  sets: readonly Float32Array[],
  together = false,
): { readonly rows: number; readonly x: Float32Array }[] {
  const own = sets.map((x) => ({ rows: x.length / inner.net.inputs, x }));
  if (!takesFilling(inner)) return own;
  const target = targets(own.map(({ rows }) => rows), together);
  return own.map(({ rows, x }) => {
    const to = target(rows);
    return { rows: to, x: to === rows ? x : repeated(x, rows, to) };
  });
}

/** A set filled up to so many rows by rows of weight 0. */
export function filledTo(set: Samples, to: number): Samples {
  const { rows, x, y, weights = onesOf(rows) } = set;
  if (to === rows) return set;
  const weighted = new Float32Array(to);
  weighted.set(weights);
  return { rows: to, x: repeated(x, rows, to), y: repeated(y, rows, to), weights: weighted };
}

/** Sets filled up with rows of weight 0, where the problem takes that. */
export function filled(inner: InnerProblem, sets: readonly Samples[], together = false): readonly Samples[] {
  if (!takesFilling(inner)) return sets;
  const target = targets(sets.map(({ rows }) => rows), together);
  return sets.map((set) => filledTo(set, target(set.rows)));
}

/** Tasks whose sets are filled up. */
export function filledTasks(
  inner: InnerProblem,
  tasks: readonly Task[],
  together = false,
): readonly Pick<Task, "support" | "query">[] {
  if (!takesFilling(inner)) return tasks;
  const [supports, queries] = (["support", "query"] as const)
    .map((name) => filled(inner, tasks.map((task) => task[name]), together));
  return tasks.map((_, t) => ({ support: supports[t], query: queries[t] }));
}
