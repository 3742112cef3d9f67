/**
 * How sure the figures of portfolios are, and whether the number of strategies tried explains them. The strategies handed in
 * are counted as trials here, never taken on trust; figures that bars of a whole portfolio cannot bound have no interval.
 * @module
 */
import { type ComparedStatistics, deflatedAmong, recordResults } from "./compared_statistics.ts";
import { intervalMs } from "../data/interval.ts";
import type { PortfolioResult } from "./portfolio.ts";
import { courseStatistics } from "../statistics/course_statistics.ts";
import { sharpeInterval } from "../statistics/sharpe_interval.ts";
import { metricIntervals } from "../statistics/metric_intervals.ts";
import { probabilisticSharpe } from "../statistics/probabilistic_sharpe.ts";
import { excessOf } from "../statistics/risk_free.ts";
import { sharpeEstimate } from "../statistics/sharpe_estimate.ts";
import { NO_TRIALS, type TrialLog } from "../statistics/trial_log.ts";
import { requireKnownKeys } from "../options.ts";

/** How sure the figures of one portfolio are; the members are those of `ComparedStatistics`. */
export type PortfolioStatistics = Omit<ComparedStatistics, "dieboldMariano">;

/** What {@linkcode portfolioStatistics} takes. */
export interface PortfolioStatisticsOptions {
  /** Trials before these portfolios, such as settings tuned on validation data (default none). */
  readonly trials?: TrialLog;
  /** Resamples of the intervals, at least 100 (default 1000). */
  readonly resamples?: number;
  /** Seed of the resampling (default 0). */
  readonly seed?: number;
  /** A benchmark, such as holding every market; results of other bars than its own are not held against it (default none). */
  readonly benchmark?: Pick<PortfolioResult, "time" | "netReturns">;
}

/** Names of the options of {@linkcode portfolioStatistics} and of the reports that print them, which may share one object. */
export const STATISTICS_KEYS = {
  trials: true,
  resamples: true,
  seed: true,
  benchmark: true,
  title: true,
  settings: true,
  madeAt: true,
  candidates: true,
  statistics: true,
} as const;

/** Throws unless there is a result and all of them have bars of one length. */
export function requireResults(results: readonly PortfolioResult[], action: string): void {
  if (results.length === 0) throw new TypeError(`Cannot ${action}: expected at least 1 result, received 0`);
  const intervals = [...new Set(results.map(({ interval }) => interval))];
  if (intervals.length > 1) {
    throw new RangeError(`Cannot ${action}: expected bars of one length, received ${intervals.join(" and ")}`);
  }
}

/** A benchmark's returns where it has the bars of a result, else null. */
export function returnsAlike(
  { time }: Pick<PortfolioResult, "time">,
  benchmark: PortfolioStatisticsOptions["benchmark"],
): Float64Array | null {
  const isAlike = benchmark?.time.length === time.length && benchmark.time.every((at, i) => at === time[i]);
  return isAlike ? benchmark.netReturns : null;
}

/**
 * Bounds the figures of portfolios by the stationary block bootstrap, and judges each Sharpe ratio by the number of trials:
 * those given, and the portfolios themselves.
 *
 * @param results At least one, all of one bar length, for trials compare ratios a bar.
 * @param options Earlier trials, benchmark, resamples and seed.
 * @returns Statistics in the order of the results.
 * @throws {TypeError} There is no result.
 * @throws {RangeError} Bar lengths differ, or an option is out of range.
 *
 * @example
 * ```ts
 * import { backtestPortfolio, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { portfolioStatistics } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const markets = await sampleMarkets({ symbols: ["DAX", "FTSE"] });
 * const result = await backtestPortfolio(engine, state, markets, { from: Date.UTC(1998, 0) });
 * const [{ deflatedSharpe }] = portfolioStatistics([result], { resamples: 100 });
 * assertEquals(deflatedSharpe.trials, 1);
 * ```
 */
export function portfolioStatistics(
  results: readonly PortfolioResult[],
  options: PortfolioStatisticsOptions = {},
): PortfolioStatistics[] {
  requireKnownKeys("Cannot judge portfolios", "options", options, STATISTICS_KEYS);
  requireResults(results, "judge portfolios");
  const { trials: earlier = NO_TRIALS, resamples, seed = 0, benchmark } = options;
  const trials = recordResults(earlier, results);
  return results.map((result) => {
    const { netReturns, periodsPerYear, riskFreeRate } = result;
    const intervals = metricIntervals(netReturns, { periodsPerYear, riskFreeRate, activity: result, resamples, seed });
    return {
      // The same resamples: drawing them again would give the same interval.
      sharpeInterval: intervals.sharpe
        ? { ...intervals.sharpe, level: intervals.level }
        : sharpeInterval(netReturns, { periodsPerYear, riskFreeRate, resamples, seed }),
      intervals,
      probabilisticSharpe: probabilisticSharpe(sharpeEstimate(excessOf(result))),
      deflatedSharpe: deflatedAmong(trials, result),
      ...courseStatistics(result, result.time[0] - intervalMs(result.interval), returnsAlike(result, benchmark)),
    };
  });
}
