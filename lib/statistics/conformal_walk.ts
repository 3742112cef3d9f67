/**
 * Adaptive intervals over a history of decisions: each radius is made from the labels that were known by then, and no other. It
 * knows neither markets nor forecasts: times and scores in, radii out.
 * @module
 */
import { advanced, type Conformal, type ConformalCoverage, conformalCoverage, conformalRadii } from "./conformal.ts";

/** Decisions in the order in which they were taken. */
export interface ConformalDecisions {
  /** When each was taken, ascending, `[decisions]`. */
  readonly time: ArrayLike<number>;
  /** When the label of each became known, in the same unit, `[decisions]`; one that never does is Infinity or NaN, as are all after it. */
  readonly knownAt: ArrayLike<number>;
  /** Score of a decision's label by its index; one that is not finite is not judged. */
  readonly score: (index: number) => number;
}

/** Radii of every decision, and how they held. */
export interface ConformalWalk {
  /** Radii in the scores' unit, `[decisions]` of `[levels]`. */
  readonly radii: readonly (readonly number[])[];
  /** The share of labels within that came, and its bound, by level; of labels known at the last decision. */
  readonly coverage: readonly ConformalCoverage[];
}

/**
 * Walks through decisions: before each, the labels known by its time are scored against the radii that they were given.
 *
 * @param start Intervals that have seen no label, from `conformalInit`.
 * @param decisions Times, when labels became known, and scores.
 * @returns Radii by decision, and the coverage with its bound.
 *
 * @example
 * ```ts
 * import { conformalInit, conformalWalk } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const start = conformalInit({ coverages: [0.5], start: [1] });
 * const scores = [9, 9, 9];
 * const { radii } = conformalWalk(start, { time: [0, 1, 2], knownAt: [2, 3, 4], score: (i) => scores[i] });
 * assertEquals(radii, [[1], [1], [9]]); // the first label is known at the third decision
 * ```
 */
export function conformalWalk(start: Conformal, { time, knownAt, score }: ConformalDecisions): ConformalWalk {
  const radii: number[][] = [];
  let state = start;
  let [seen, delay] = [0, 1];
  for (let i = 0; i < time.length; i++) {
    for (; seen < i && knownAt[seen] <= time[i]; seen++) state = advanced(state, score(seen), radii[seen]);
    delay = Math.max(delay, i - seen + 1);
    radii.push(conformalRadii(state));
  }
  return { radii, coverage: conformalCoverage(state, delay) };
}
