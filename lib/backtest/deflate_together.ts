/**
 * Comparisons of one study judged by all of its trials. It changes the deflated Sharpe ratios and the trial logs alone.
 * @module
 */
import type { Comparison } from "./comparison.ts";
import { deflatedAmong, recordResults } from "./compared_statistics.ts";
import { NO_TRIALS, type TrialLog } from "../statistics/trial_log.ts";

/**
 * Counts every strategy of every comparison as a trial and takes each deflated Sharpe ratio again against all of them. The
 * best of several markets is a selection among all of their strategies; each comparison by itself counted only its own.
 *
 * @param comparisons Of bars of one length, for trials compare ratios a bar.
 * @param earlier Trials before these comparisons (default none); the logs that the comparisons carry are not read.
 * @returns The comparisons in the same order, all with the same log.
 * @throws {RangeError} The comparisons' bars differ in length.
 *
 * @example
 * ```ts
 * import { compareBaselines, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { deflateTogether } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const metaLearned = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const comparisons = [];
 * for (const market of await sampleMarkets({ symbols: ["DAX", "SMI"] })) {
 *   const options = { from: Date.UTC(1998, 3), shuffles: 50, resamples: 100 };
 *   comparisons.push(await compareBaselines(engine, { metaLearned }, market, options));
 * }
 * const [dax] = deflateTogether(comparisons);
 * assertEquals([comparisons[0].trials.sharpes.length, dax.trials.sharpes.length], [4, 8]);
 * ```
 */
export function deflateTogether(comparisons: readonly Comparison[], earlier: TrialLog = NO_TRIALS): Comparison[] {
  const intervals = [...new Set(comparisons.map(({ strategies: [{ result }] }) => result.interval))];
  if (intervals.length > 1) {
    throw new RangeError(
      `Cannot deflate together: expected comparisons of one bar length, received ${intervals.join(" and ")}`,
    );
  }
  const trials = comparisons.reduce(
    (log, { strategies }) => recordResults(log, strategies.map(({ result }) => result)),
    earlier,
  );
  return comparisons.map((comparison) => ({
    ...comparison,
    trials,
    strategies: comparison.strategies.map((strategy) => ({
      ...strategy,
      deflatedSharpe: deflatedAmong(trials, strategy.result),
    })),
  }));
}
