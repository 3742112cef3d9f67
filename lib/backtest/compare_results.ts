/**
 * Backtests of any strategies on one market beside each other: intervals, tests, the random-walk null and regimes. It runs no
 * strategy itself (`compare.ts` runs the baselines), and refuses results of different bars.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { labelRegimes, type Regime, regimeAt } from "../features/regimes.ts";
import type { BacktestResult } from "./backtest.ts";
import type { Comparison } from "./comparison.ts";
import { comparedStatistics, recordResults } from "./compared_statistics.ts";
import { cutCandles, relistings } from "../data/listings.ts";
import { execute, EXECUTION_KEYS, type ExecutionOptions } from "./execution.ts";
import { randomWalkNull } from "./random_walk_null.ts";
import { NO_TRIALS, type TrialLog } from "../statistics/trial_log.ts";
import { pickKeys, requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

/** What {@linkcode compareResults} takes; fill, costs, exits and capital are those of the first result. */
export interface CompareResultsOptions extends ExecutionOptions {
  /** Seed of the shuffles and the intervals (default 0). */
  readonly seed?: number;
  /** Shuffles of the random-walk null (default 500). */
  readonly shuffles?: number;
  /** Resamples of the intervals, at least 100 (default 1000). */
  readonly resamples?: number;
  /** Trials before this comparison (default none). */
  readonly trials?: TrialLog;
}

function regimesAt(candles: Candles, times: Float64Array): (Regime | null)[] {
  try {
    const labels = labelRegimes(candles);
    return Array.from(times, (time) => regimeAt(labels, time));
  } catch (error) {
    // A market too short for the labels' warm-up can still be traded.
    if (error instanceof DataError) return Array.from(times, () => null);
    throw error;
  }
}

/** Throws unless there is a result and all of them trade the same bars of the market. */
function requireAlike(results: readonly BacktestResult[], { symbol }: Candles): void {
  if (results.length === 0) throw new TypeError("Cannot compare: expected at least 1 result, received 0");
  const [{ time: first }] = results;
  for (const { strategy, market, time } of results) {
    if (market !== symbol) throw new RangeError(`Cannot compare: expected results on ${symbol}, received ${market}`);
    if (time.length !== first.length || time.some((at, i) => at !== first[i])) {
      throw new RangeError(`Cannot compare: expected the same bars of every strategy, received others of ${strategy}`);
    }
  }
}

/** Returns of holding the market over the bars of a result, at its fills, without cost: what a strategy's beta is taken to. `[bars]` */
function marketReturns(result: BacktestResult, candles: Candles, { fill }: CompareResultsOptions): Float64Array {
  const positions = new Float64Array(result.wanted.length).fill(1);
  const start = candles.time.indexOf(result.decisionTime[0]);
  const relisted = relistings(cutCandles(candles, 0, start + positions.length));
  return execute(candles, { start, positions, relisted }, { costs: {}, ...(fill && { fill }) }).netReturns;
}

/**
 * Compares results on the same bars of one market: the first is what the comparison is about, the others its baselines. Each
 * is a trial, counted together with `options.trials`. There are no adaptation curves; `compareBaselines` adds its own.
 *
 * @param results From `backtest` or `backtestPositions`, at least one.
 * @param candles The bars that they were run on.
 * @param options Fill, costs and exits of the first result, seed, shuffles, resamples and earlier trials.
 * @throws {TypeError} There is no result.
 * @throws {RangeError} Results differ in market or bars, or an option is out of range.
 *
 * @example
 * ```ts
 * import { backtestPositions, compareResults, judge, sampleMarkets, walkForward } from "@adaptrade/adaptrade";
 * import { strategySignal } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const options = { from: Date.UTC(1998, 0), costRate: 0.0005 };
 * const walk = walkForward(dax, options);
 * const results = (["momentum", "breakout"] as const).map((name) => {
 *   const wanted = strategySignal(dax, name).values.slice(walk.start, walk.start + walk.time.length);
 *   return backtestPositions(name, dax, { walk, wanted, options });
 * });
 * const comparison = compareResults(results, dax, { ...options, shuffles: 20, resamples: 100 });
 * assertEquals(comparison.trials.sharpes.length, 2);
 * assertEquals(judge(comparison).wins, false);
 * ```
 */
export function compareResults(
  results: readonly BacktestResult[],
  candles: Candles,
  options: CompareResultsOptions = {},
): Comparison {
  requireKnownKeys("Cannot compare", "options", options, BACKTEST_KEYS);
  requireAlike(results, candles);
  const { shuffles, resamples = 1000, seed = 0 } = options;
  const trials = recordResults(options.trials ?? NO_TRIALS, results);
  const [against] = results;
  const benchmark = marketReturns(against, candles, options);
  return {
    market: candles.symbol,
    strategies: results.map((result) => ({
      result,
      curve: null,
      ...comparedStatistics(result, { trials, against, benchmark, resamples, seed }),
    })),
    randomWalk: randomWalkNull(against, candles, { ...pickKeys(options, EXECUTION_KEYS), shuffles, seed }),
    benchmark,
    trials,
    regimes: regimesAt(candles, against.decisionTime),
  };
}
