/**
 * Combinatorial cross-validation in time: every choice of k of N consecutive groups is a test once, and what is left to
 * train on is purged of labels that overlap a test and embargoed behind it. It refuses to shuffle rows.
 * @module
 */
import { binomial, combinations } from "./combinations.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode combinatorialSplits} takes. */
export interface CombinatorialOptions {
  /** Open time of each row's bar, ms UTC, ascending (equal times are allowed), `[rows]`. */
  readonly times: Float64Array;
  /** When each row's label became known, ms UTC, never before its time, `[rows]`. */
  readonly knownAt: Float64Array;
  /** Groups N that the rows are cut into, at least 2. */
  readonly groups: number;
  /** Groups k of each test, within 1 and N − 1. */
  readonly testGroups: number;
  /** Time behind the last label of a test within which no training row may begin, ms, at least 0 (default 0). */
  readonly embargo?: number;
}

const COMBINATORIAL_KEYS: OptionKeys<CombinatorialOptions> = {
  times: true,
  knownAt: true,
  groups: true,
  testGroups: true,
  embargo: true,
};

/** Consecutive rows. */
export interface RowRange {
  /** First row. */
  readonly start: number;
  /** Row behind the last. */
  readonly end: number;
}

/** One split. */
export interface CombinatorialSplit {
  /** Groups tested, ascending, `[testGroups]`. */
  readonly testGroups: readonly number[];
  /** Rows of each tested group, `[testGroups]`. */
  readonly test: readonly RowRange[];
  /** Rows to train on: those of the other groups, without the purged and the embargoed ones. Maximal ranges, ascending. */
  readonly train: readonly RowRange[];
}

/** All splits, and how their tests make up whole backtests. */
export interface CombinatorialPlan {
  /** Rows of each group, `[groups]`: they differ in length by at most 1. */
  readonly groups: readonly RowRange[];
  /** Every choice of test groups in lexicographic order, `[N over k]`. */
  readonly splits: readonly CombinatorialSplit[];
  /** For each of the φ = k/N (N over k) backtest paths the split whose test covers each group, `[paths][groups]`. */
  readonly paths: readonly (readonly number[])[];
}

/** More splits than this are refused: each is a training. */
const MOST_SPLITS = 10_000;

function requireOptions({ times, knownAt, groups, testGroups, embargo = 0 }: CombinatorialOptions): void {
  const rows = times.length;
  const action = "Cannot split";
  if (knownAt.length !== rows) throw new TypeError(`${action}: expected ${rows} knownAt, received ${knownAt.length}`);
  const bad = times.findIndex((time, i) => !(time <= knownAt[i] && knownAt[i] < Infinity && !(time < times[i - 1])));
  if (bad >= 0) {
    throw new RangeError(
      `${action}: times must be finite, ascend, and come no later than knownAt, got ${times[bad]} and ${
        knownAt[bad]
      } ` +
        `at row ${bad}`,
    );
  }
  if (!Number.isInteger(groups) || groups < 2 || groups > rows) {
    throw new RangeError(`${action}: groups must be an integer within 2 and ${rows} (the rows), got ${String(groups)}`);
  }
  if (!Number.isInteger(testGroups) || testGroups < 1 || testGroups >= groups) {
    throw new RangeError(
      `${action}: testGroups must be an integer within 1 and ${groups - 1}, got ${String(testGroups)}`,
    );
  }
  if (!(embargo >= 0 && embargo < Infinity)) {
    throw new RangeError(`${action}: embargo must be finite and at least 0 ms, got ${String(embargo)}`);
  }
  const count = binomial(groups, testGroups);
  if (count > MOST_SPLITS) {
    throw new RangeError(
      `${action}: expected at most ${MOST_SPLITS} splits, got ${count} (${testGroups} of ${groups})`,
    );
  }
}

/** Neighbouring tested groups as one stretch: rows between them are tested, not purged. */
function stretches(test: readonly RowRange[]): RowRange[] {
  const joined: RowRange[] = [];
  for (const range of test) {
    const before = joined.at(-1);
    if (before?.end === range.start) joined[joined.length - 1] = { start: before.start, end: range.end };
    else joined.push(range);
  }
  return joined;
}

function trainRanges(test: readonly RowRange[], { times, knownAt, embargo = 0 }: CombinatorialOptions): RowRange[] {
  const barred = stretches(test).map(({ start, end }) => ({
    start,
    end,
    from: times[start],
    to: knownAt.subarray(start, end).reduce((latest, known) => Math.max(latest, known), -Infinity),
  }));
  const trains = (row: number): boolean =>
    barred.every(({ start, end, from, to }) =>
      row < start ? knownAt[row] < from : row >= end && times[row] > to + embargo
    );
  const ranges: RowRange[] = [];
  let start = -1;
  for (let row = 0; row <= times.length; row++) {
    const isTraining = row < times.length && trains(row);
    if (isTraining && start < 0) start = row;
    if (!isTraining && start >= 0) {
      ranges.push({ start, end: row });
      start = -1;
    }
  }
  return ranges;
}

/**
 * Lays out combinatorial purged cross-validation (López de Prado 2018, "Advances in financial machine learning", section
 * 12.4; purging and embargo sections 7.4.1 and 7.4.2). A training row before a test must have its label known before the
 * test's first bar; one behind it must begin after the last label of the test was known, and the embargo has passed.
 *
 * @param options Rows, groups, groups a test, and embargo.
 * @throws {RangeError} An option is out of range, times do not ascend, or there would be more than 10,000 splits.
 * @throws {TypeError} `times` and `knownAt` differ in length.
 *
 * @example Six groups, two of them tested at a time: fifteen splits that make up five whole backtests
 * ```ts
 * import { combinatorialSplits } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const times = Float64Array.from({ length: 60 }, (_, i) => i);
 * const knownAt = times.map((time) => time + 2);
 * const { splits, paths } = combinatorialSplits({ times, knownAt, groups: 6, testGroups: 2, embargo: 1 });
 * assertEquals([splits.length, paths.length], [15, 5]);
 * assertEquals(splits[0].train, [{ start: 23, end: 60 }]); // rows 0 to 19 tested; their labels reach to 21
 * ```
 */
export function combinatorialSplits(options: CombinatorialOptions): CombinatorialPlan {
  requireKnownKeys("Cannot split", "options", options, COMBINATORIAL_KEYS);
  requireOptions(options);
  const { times, groups: count, testGroups: tested } = options;
  const border = (g: number): number => Math.floor(g * times.length / count);
  const groups = Array.from({ length: count }, (_, g) => ({ start: border(g), end: border(g + 1) }));
  const splits = Array.from(combinations(count, tested), (testGroups): CombinatorialSplit => {
    const test = testGroups.map((g) => groups[g]);
    return { testGroups, test, train: trainRanges(test, options) };
  });
  const covering = groups.map((_, g) => splits.flatMap(({ testGroups }, i) => testGroups.includes(g) ? [i] : []));
  const paths = covering[0].map((_, path) => covering.map((indices) => indices[path]));
  return { groups, splits, paths };
}
