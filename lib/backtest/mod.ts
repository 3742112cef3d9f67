/**
 * What a decision rule would have earned: walk-forwards, portfolios, baselines, capacity, and the check for look-ahead.
 * @module
 */
export { type AdaptationCurve, CURVE_STEPS } from "./adaptation_curve.ts";
export { backtest, type BacktestOptions, backtestPositions, type BacktestResult, backtestWalk } from "./backtest.ts";
export { backtestPortfolio, type PortfolioOptions } from "./backtest_portfolio.ts";
export { type Capacity, capacity, type CapacityOptions } from "./capacity.ts";
export { checkLookahead, type LookaheadOptions } from "./check_lookahead.ts";
export { compareBaselines, type ComparedModels, type CompareOptions } from "./compare.ts";
export { compareResults, type CompareResultsOptions } from "./compare_results.ts";
export type { ComparedStatistics } from "./compared_statistics.ts";
export type { ComparedStrategy, Comparison } from "./comparison.ts";
export type { MarketFinding } from "./data_findings.ts";
export { deflateTogether } from "./deflate_together.ts";
export type { AccountCourse, Execution, ExecutionOptions } from "./execution.ts";
export { type ForecastDeviation, forecastDeviation } from "./forecast_deviation.ts";
export { forecastMarket, forecastsWithin, type MarketForecasts, sizeForecasts } from "./forecast_market.ts";
export {
  type HeldAtRisk,
  holdAtRisk,
  type MoneyPlan,
  type RiskPlan,
  type RiskTaken,
  tradeReturns,
} from "./forecaster_money.ts";
export { walkOf } from "./forecaster_walk.ts";
export type { FutureChange } from "./lookahead_changes.ts";
export type { CutOptions } from "./lookahead_cuts.ts";
export type { ForecasterTrainingRun } from "./lookahead_forecaster.ts";
export type { LaggedRun, LookaheadLeak, LookaheadReport, LookaheadStage, UnvouchedColumn } from "./lookahead_report.ts";
export { BACKTEST_STAGES, type DecisionRun, type LookaheadStages } from "./lookahead_stages.ts";
export {
  executePortfolio,
  type PortfolioExecutionOptions,
  type PortfolioResult,
  type PortfolioShare,
} from "./portfolio.ts";
export {
  type PortfolioStatistics,
  portfolioStatistics,
  type PortfolioStatisticsOptions,
} from "./portfolio_statistics.ts";
export type { PortfolioMarket } from "./portfolio_walk.ts";
export { pretrain, type PretrainOptions } from "./pretrain.ts";
export { type RandomWalkNull, randomWalkNull, type RandomWalkNullOptions } from "./random_walk_null.ts";
export {
  type RetrainedBacktest,
  type RetrainOptions,
  type RetrainPeriod,
  type RetrainPlan,
  type RetrainProgress,
  retrainWalkForward,
} from "./retrain_walk_forward.ts";
export { RISK_SETTINGS, riskEvaluator, withRiskSettings } from "./risk_evaluator.ts";
export { type DecisionWalk, type WalkForward, walkForward, type WalkForwardOptions } from "./walk_forward.ts";
