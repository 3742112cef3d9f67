/**
 * Whole backtests out of the tests of combinatorial cross-validation: each path covers every row once, each part of it by
 * a model that was not trained on it. It copies results and computes nothing from them.
 * @module
 */
import type { CombinatorialPlan } from "./combinatorial_splits.ts";

/**
 * Puts the results of all splits together into backtest paths (López de Prado 2018, section 12.4.1): φ series over all
 * rows, whose Sharpe ratios are a distribution instead of one draw. Every test result is used in exactly one path.
 *
 * @param plan From `combinatorialSplits`.
 * @param results For each split one value a tested row, such as net returns, in the order of its test groups,
 * `[splits][test rows]`.
 * @returns `[paths][rows]`
 * @throws {TypeError} A split's results are missing, or their number is not that of its tested rows.
 *
 * @example
 * ```ts
 * import { backtestPaths, combinatorialSplits } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const times = Float64Array.of(0, 1, 2);
 * const plan = combinatorialSplits({ times, knownAt: times, groups: 3, testGroups: 2 }); // tests 01, 02, 12
 * const results = [Float64Array.of(10, 11), Float64Array.of(20, 22), Float64Array.of(31, 32)];
 * assertEquals(backtestPaths(plan, results).map((path) => [...path]), [[10, 11, 22], [20, 31, 32]]);
 * ```
 */
export function backtestPaths(plan: CombinatorialPlan, results: readonly Float64Array[]): Float64Array[] {
  const { groups, splits, paths } = plan;
  if (results.length !== splits.length) {
    throw new TypeError(
      `Cannot assemble paths: expected results of ${splits.length} splits, received ${results.length}`,
    );
  }
  const offsets = splits.map(({ test }, i) => {
    let rows = 0;
    const starts = test.map(({ start, end }) => (rows += end - start) - (end - start));
    if (results[i].length !== rows) {
      throw new TypeError(
        `Cannot assemble paths: expected ${rows} results of split ${i}, received ${results[i].length}`,
      );
    }
    return starts;
  });
  return paths.map((path) => {
    const whole = new Float64Array(groups[groups.length - 1].end);
    path.forEach((split, group) => {
      const { start, end } = groups[group];
      const offset = offsets[split][splits[split].testGroups.indexOf(group)];
      whole.set(results[split].subarray(offset, offset + end - start), start);
    });
    return whole;
  });
}
