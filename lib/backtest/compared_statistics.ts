/**
 * What a comparison says about each of its strategies beyond the figures: how sure they are, and whether selection or chance
 * explains them. The number of trials is counted here, from the strategies themselves, never taken on trust.
 * @module
 */
import type { BacktestResult } from "./backtest.ts";
import { type SharpeInterval, sharpeInterval } from "../statistics/sharpe_interval.ts";
import { type CourseStatistics, courseStatistics } from "../statistics/course_statistics.ts";
import { type DeflatedSharpe, deflatedSharpe } from "../statistics/deflated_sharpe.ts";
import { type DieboldMariano, dieboldMariano } from "../statistics/diebold_mariano.ts";
import type { Figure } from "../statistics/figure.ts";
import { type MetricIntervals, metricIntervals } from "../statistics/metric_intervals.ts";
import { probabilisticSharpe } from "../statistics/probabilistic_sharpe.ts";
import { excessOf } from "../statistics/risk_free.ts";
import { sharpeEstimate } from "../statistics/sharpe_estimate.ts";
import { recordTrial, type TrialLog, trialStatistics } from "../statistics/trial_log.ts";

/** How sure the figures of one strategy are. */
export interface ComparedStatistics extends CourseStatistics {
  /** 95% interval of its annualised net Sharpe ratio. */
  readonly sharpeInterval: SharpeInterval;
  /** 95% interval of every figure of `result.metrics`, by the stationary block bootstrap. */
  readonly intervals: MetricIntervals;
  /** Probability that its true net Sharpe ratio is above 0. */
  readonly probabilisticSharpe: Figure;
  /** Probability that its true net Sharpe ratio is above the best that so many trials without skill would show. */
  readonly deflatedSharpe: DeflatedSharpe;
  /**
   * The first strategy's forecasts against this one's, on squared errors of returns with the lags of the horizon: below 0
   * when the first is better. Null for the first itself and for a strategy that does not forecast.
   */
  readonly dieboldMariano: DieboldMariano | null;
}

/** What {@linkcode comparedStatistics} takes. */
export interface ComparedStatisticsOptions {
  /** Trials, those of the strategies compared among them. */
  readonly trials: TrialLog;
  /** The strategy whose forecasts the others are held against. */
  readonly against: BacktestResult;
  /** Returns of holding the market without cost over the same bars, `[bars]`. */
  readonly benchmark: Float64Array;
  /** Resamples of the intervals, at least 100. */
  readonly resamples: number;
  /** Seed of the resampling. */
  readonly seed: number;
}

/** What a trial's ratio is taken of. */
export type Tried = Pick<BacktestResult, "netReturns" | "riskFreeRate" | "periodsPerYear">;

/** Records the trials that backtests are. */
export function recordResults(log: TrialLog, results: Iterable<Tried>): TrialLog {
  return Array.from(results).reduce((so, result) => recordTrial(so, sharpeEstimate(excessOf(result)).sharpe), log);
}

/** The deflated Sharpe ratio of one backtest among trials. */
export function deflatedAmong(trials: TrialLog, result: Tried): DeflatedSharpe {
  return deflatedSharpe(sharpeEstimate(excessOf(result)), trialStatistics(trials));
}

/** Computes the statistics of one strategy among those it is compared with. */
export function comparedStatistics(result: BacktestResult, options: ComparedStatisticsOptions): ComparedStatistics {
  const { trials, against, benchmark, resamples, seed } = options;
  const { netReturns, periodsPerYear, riskFreeRate } = result;
  const forecasts = result !== against && result.queryLoss !== null && against.queryLoss !== null;
  const intervals = metricIntervals(netReturns, { periodsPerYear, riskFreeRate, activity: result, resamples, seed });
  return {
    // The same resamples: drawing them again would give the same interval.
    sharpeInterval: intervals.sharpe
      ? { ...intervals.sharpe, level: intervals.level }
      : sharpeInterval(netReturns, { periodsPerYear, riskFreeRate, resamples, seed }),
    intervals,
    probabilisticSharpe: probabilisticSharpe(sharpeEstimate(excessOf(result))),
    deflatedSharpe: deflatedAmong(trials, result),
    dieboldMariano: forecasts
      ? dieboldMariano(result.labels, against.predictions, result.predictions, { horizon: result.horizon })
      : null,
    ...courseStatistics(result, result.decisionTime[0], benchmark),
  };
}
