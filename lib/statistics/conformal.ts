/**
 * Intervals that keep their coverage whatever comes: quantiles of past errors, at a level that moves with each hit and miss
 * (adaptive conformal inference, Gibbs & Candès 2021). It forecasts nothing and holds no market: scores in, radii out.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode conformalInit} takes. */
export interface ConformalOptions {
  /** Nominal coverages, each within (0, 1) (default 0.8 alone). */
  readonly coverages?: readonly number[];
  /** γ, how far a level moves with each label, above 0 (default 0.005, the paper's). */
  readonly rate?: number;
  /** Most recent scores that quantiles are taken of, at least 1 (default 250). */
  readonly window?: number;
  /** Radius of each coverage while its quantile needs more scores than there are, in the scores' unit (default Infinity). */
  readonly start?: readonly number[];
}

const KEYS: OptionKeys<ConformalOptions> = { coverages: true, rate: true, window: true, start: true };

/** Adaptive intervals. Frozen plain data; made by {@linkcode conformalInit}, moved by {@linkcode conformalUpdate}. */
export interface Conformal {
  /** Nominal coverages, `[levels]`. */
  readonly coverages: readonly number[];
  /** γ. */
  readonly rate: number;
  /** Most scores kept. */
  readonly window: number;
  /** Radii until there are enough scores, `[levels]`. */
  readonly start: readonly number[];
  /** α_t, the miscoverage that each level asks of its quantile now, `[levels]`; it may leave [0, 1] by about γ. */
  readonly alphas: readonly number[];
  /** The last scores, oldest first, at most `window`. */
  readonly scores: readonly number[];
  /** Labels seen. */
  readonly count: number;
  /** Labels that fell outside, `[levels]`. */
  readonly misses: readonly number[];
}

/** How often the truth fell within one level's intervals, and how often it must. */
export interface ConformalCoverage {
  /** Nominal coverage. */
  readonly coverage: number;
  /** Share of labels within; null before the first. */
  readonly share: number | null;
  /** Labels seen. */
  readonly count: number;
  /** Farthest that the share can be from the nominal one, whatever the labels; null before the first. */
  readonly bound: number | null;
}

function requireWithin(action: string, name: string, value: number, range: { above: number; below: number }): void {
  if (value > range.above && value < range.below) return;
  throw new RangeError(
    `${action}: expected ${name} to be above ${range.above} and below ${range.below}, received ${String(value)}`,
  );
}

/**
 * Opens adaptive intervals that have seen no label: α_0 is the nominal miscoverage.
 *
 * @param options Coverages, rate, window and the radii to begin with.
 * @returns A frozen state.
 * @throws {RangeError} An option is out of range.
 *
 * @example
 * ```ts
 * import { conformalInit, conformalRadii, conformalUpdate } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * let state = conformalInit({ coverages: [0.5], rate: 0.25, start: [1] });
 * assertEquals(conformalRadii(state), [1]);
 * for (const score of [3, 2, 4]) state = conformalUpdate(state, score); // a miss, a hit, a miss
 * assertEquals([state.alphas[0], conformalRadii(state)[0]], [0.375, 4]);
 * ```
 */
export function conformalInit(options: ConformalOptions = {}): Conformal {
  const action = "Cannot open conformal intervals";
  requireKnownKeys(action, "options", options, KEYS);
  const { coverages = [0.8], rate = 0.005, window = 250 } = options;
  const { start = coverages.map(() => Infinity) } = options;
  if (coverages.length === 0) throw new RangeError(`${action}: expected at least one coverage, received none`);
  coverages.forEach((coverage, i) => requireWithin(action, `coverages[${i}]`, coverage, { above: 0, below: 1 }));
  requireWithin(action, "rate", rate, { above: 0, below: Infinity });
  if (!Number.isInteger(window) || window < 1) {
    throw new RangeError(`${action}: expected window to be a whole number of at least 1, received ${String(window)}`);
  }
  if (start.length !== coverages.length || start.some(Number.isNaN)) {
    throw new RangeError(`${action}: expected start to hold ${coverages.length} numbers, received ${start.join(", ")}`);
  }
  return Object.freeze({
    coverages: Object.freeze([...coverages]),
    rate,
    window,
    start: Object.freeze([...start]),
    alphas: Object.freeze(coverages.map((coverage) => 1 - coverage)),
    scores: Object.freeze([]),
    count: 0,
    misses: Object.freeze(coverages.map(() => 0)),
  });
}

/** Windows of scores in ascending order, by the array of a state that holds one: each differs from the one before by two scores. */
const SORTED = new WeakMap<readonly number[], Float64Array>();

function sortedScores(scores: readonly number[]): Float64Array {
  return SORTED.get(scores) ?? Float64Array.from(scores).sort();
}

/** A sorted window with one score more, and without another. */
function movedWindow(before: Float64Array, score: number, gone: number | undefined): Float64Array {
  const out = gone === undefined ? -1 : before.indexOf(gone);
  const after = new Float64Array(before.length + (out < 0 ? 1 : 0));
  let at = 0;
  let isPlaced = false;
  for (let i = 0; i < before.length; i++) {
    if (i === out) continue;
    if (!isPlaced && before[i] > score) {
      after[at++] = score;
      isPlaced = true;
    }
    after[at++] = before[i];
  }
  if (!isPlaced) after[at] = score;
  return after;
}

/** Rank, from 1, of the conformal quantile among so many scores: ⌈(n + 1)(1 − α)⌉; rounding below 1e-9 is none. */
function rankOf(scores: number, alpha: number): number {
  return Math.max(1, Math.ceil((scores + 1) * (1 - alpha) - 1e-9));
}

/**
 * The split-conformal quantile (Vovk et al. 2005; Lei et al. 2018, eq. 2): a new score that is exchangeable with these is at most
 * this with a probability within `[coverage, coverage + 1/(n + 1)]`. Returns on markets are not exchangeable: see
 * {@linkcode conformalUpdate}.
 *
 * @param scores Errors of any unit, in any order, at least 0 or signed alike, `[n]`.
 * @param coverage Within (0, 1).
 * @returns The ⌈(n + 1)·coverage⌉-th smallest; Infinity where that is past the last.
 * @throws {RangeError} The coverage is out of range.
 *
 * @example
 * ```ts
 * import { conformalQuantile } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(conformalQuantile([4, 1, 3, 2], 0.8), 4);
 * assertEquals(conformalQuantile([4, 1, 3, 2], 0.9), Infinity);
 * ```
 */
export function conformalQuantile(scores: ArrayLike<number>, coverage: number): number {
  requireWithin("Cannot take a conformal quantile", "coverage", coverage, { above: 0, below: 1 });
  const rank = rankOf(scores.length, 1 - coverage);
  return rank > scores.length ? Infinity : Float64Array.from(scores).sort()[rank - 1];
}

/**
 * The radius of each level's next interval: the label is within where its score is at most this. It is the quantile of the last
 * scores at 1 − α_t; Infinity where α_t is not above 0 and −Infinity where it is not below 1, which the bound rests on.
 *
 * @param state Adaptive intervals.
 * @returns Radii in the scores' unit, `[levels]`.
 *
 * @example
 * ```ts
 * import { conformalInit, conformalRadii } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(conformalRadii(conformalInit({ coverages: [0.5, 0.9], start: [1, 3] })), [1, 3]);
 * ```
 */
export function conformalRadii(state: Conformal): number[] {
  const { coverages, alphas, scores, start } = state;
  const sorted = sortedScores(scores);
  const n = sorted.length;
  return alphas.map((alpha, i) => {
    if (alpha <= 0) return Infinity;
    if (alpha >= 1) return -Infinity;
    return rankOf(n, 1 - coverages[i]) > n ? start[i] : sorted[Math.min(n, rankOf(n, alpha)) - 1];
  });
}

/**
 * One label more: `α_{t+1} = α_t + γ(α − err_t)` (Gibbs & Candès 2021, eq. 2), err_t 1 where the score was above the radius.
 *
 * @param state Adaptive intervals.
 * @param score The label's score; one that is not finite is not judged.
 * @param radii The radii that its interval had when it was made, `[levels]` (default those of now).
 * @returns The state after it.
 * @throws {RangeError} There are not as many radii as levels.
 *
 * @example
 * ```ts
 * import { conformalInit, conformalUpdate } from "@adaptrade/adaptrade/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const state = conformalInit({ coverages: [0.9], rate: 0.01, start: [1] });
 * assertAlmostEquals(conformalUpdate(state, 2).alphas[0], 0.1 + 0.01 * (0.1 - 1)); // a miss: wider next time
 * ```
 */
export function conformalUpdate(
  state: Conformal,
  score: number,
  radii: readonly number[] = conformalRadii(state),
): Conformal {
  const next = advanced(state, score, radii);
  if (next === state) return state;
  const { alphas, scores, misses, ...rest } = next;
  return Object.freeze({
    ...rest,
    alphas: Object.freeze(alphas),
    scores: Object.freeze(scores),
    misses: Object.freeze(misses),
  });
}

/** {@linkcode conformalUpdate} whose arrays are not frozen, which of a whole window takes most of the time: for states that nobody sees. */
export function advanced(state: Conformal, score: number, radii: readonly number[]): Conformal {
  const { coverages, rate, window, alphas, scores, count, misses } = state;
  if (radii.length !== coverages.length) {
    throw new RangeError(
      `Cannot update conformal intervals: expected ${coverages.length} radii, received ${radii.length}`,
    );
  }
  if (!Number.isFinite(score)) return state;
  const missed = radii.map((radius) => score <= radius ? 0 : 1);
  const kept = scores.slice(Math.max(0, scores.length + 1 - window));
  const gone = scores.length - kept.length;
  kept.push(score);
  if (gone <= 1) SORTED.set(kept, movedWindow(sortedScores(scores), score, gone === 1 ? scores[0] : undefined));
  return {
    ...state,
    alphas: alphas.map((alpha, i) => alpha + rate * (1 - coverages[i] - missed[i])),
    scores: kept,
    count: count + 1,
    misses: misses.map((before, i) => before + missed[i]),
  };
}

/**
 * The coverage that came, and how far from the nominal one it can be: `(max(α, 1 − α) + delay·γ) / (T·γ)`, for every sequence of
 * labels (Gibbs & Candès 2021, proposition 4.1, where labels come before the next interval: delay 1). With a label known `delay`
 * intervals later α_t leaves [0, 1] by at most delay·γ.
 *
 * @param state Adaptive intervals.
 * @param delay Intervals made from one until its label is seen, that one included, at least 1 (default 1): the horizon in bars.
 * @returns One entry a level.
 *
 * @example
 * ```ts
 * import { conformalCoverage, conformalInit, conformalUpdate } from "@adaptrade/adaptrade/statistics";
 * import { assert } from "@std/assert";
 *
 * let state = conformalInit({ coverages: [0.9], rate: 0.05, start: [0] });
 * for (let t = 0; t < 500; t++) state = conformalUpdate(state, t); // each error larger than all before
 * const [{ share, bound }] = conformalCoverage(state);
 * assert(Math.abs(share! - 0.9) <= bound!);
 * ```
 */
export function conformalCoverage(state: Conformal, delay = 1): ConformalCoverage[] {
  const { coverages, rate, count, misses } = state;
  return coverages.map((coverage, i) => ({
    coverage,
    share: count === 0 ? null : 1 - misses[i] / count,
    count,
    bound: count === 0 ? null : Math.min(1, (Math.max(coverage, 1 - coverage) + delay * rate) / (count * rate)),
  }));
}
