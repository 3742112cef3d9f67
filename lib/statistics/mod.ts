/**
 * What a course of returns proves: metrics and their intervals, deflated Sharpe ratios, tests of forecasts, the probability of
 * overfitting.
 * @module
 */
export type { Activity, ActivitySource } from "./activity.ts";
export { backtestPaths } from "./backtest_paths.ts";
export { type BenchmarkOptions, type BenchmarkStatistics, benchmarkStatistics } from "./benchmark.ts";
export { breakEvenCost, type TradedCourse } from "./break_even_cost.ts";
export {
  type CombinatorialOptions,
  type CombinatorialPlan,
  type CombinatorialSplit,
  combinatorialSplits,
  type RowRange,
} from "./combinatorial_splits.ts";
export {
  type Conformal,
  type ConformalCoverage,
  conformalCoverage,
  conformalInit,
  type ConformalOptions,
  conformalQuantile,
  conformalRadii,
  conformalUpdate,
} from "./conformal.ts";
export { type ConformalDecisions, type ConformalWalk, conformalWalk } from "./conformal_walk.ts";
export type { CourseStatistics } from "./course_statistics.ts";
export { type DeflatedSharpe, deflatedSharpe, expectedMaximumSharpe, independentTrials } from "./deflated_sharpe.ts";
export { compareLosses, type DieboldMariano, dieboldMariano, type DieboldMarianoOptions } from "./diebold_mariano.ts";
export { type Drawdown, worstDrawdowns, type WorstDrawdownsOptions } from "./drawdowns.ts";
export type { Figure } from "./figure.ts";
export {
  type MetricInterval,
  type MetricIntervals,
  metricIntervals,
  type MetricIntervalsOptions,
  type MetricName,
} from "./metric_intervals.ts";
export { type Metrics, metrics, type MetricsOptions } from "./metrics.ts";
export {
  type OverfittingOptions,
  type OverfittingProbability,
  overfittingProbability,
} from "./overfitting_probability.ts";
export { comparePooledLosses, type PooledLossesOptions } from "./pooled_losses.ts";
export { minTrackRecord, type MinTrackRecordOptions, probabilisticSharpe } from "./probabilistic_sharpe.ts";
export { type SharpeEstimate, sharpeEstimate } from "./sharpe_estimate.ts";
export { type SharpeInterval, sharpeInterval, type SharpeIntervalOptions } from "./sharpe_interval.ts";
export { stationaryBlock } from "./stationary_bootstrap.ts";
export { type TailRisk, tailRisk, type TailRiskOptions } from "./tail_risk.ts";
export { type TradeStatistics, tradeStatistics } from "./trade_statistics.ts";
export {
  mergeTrials,
  NO_TRIALS,
  recordTrial,
  type TrialLog,
  type TrialStatistics,
  trialStatistics,
} from "./trial_log.ts";
export { atTwiceCosts, type CostedCourse, type TwiceCosts } from "./twice_costs.ts";
