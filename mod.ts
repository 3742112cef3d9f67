/**
 * Few-shot adaptation of trading models by meta-learning: learn over many markets how a small network should start and how
 * it should learn, then adapt it to a market it never saw from the last bars alone.
 *
 * @example A start that adapts to a new line in five steps
 * ```ts
 * import { adapt, maml, metaInit, metaTrain, mlp, openEngine, predict, random } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * const stream = random(1);
 * const samples = (slope: number) => {
 *   const x = Float32Array.from({ length: 10 }, () => stream.normal());
 *   return { rows: 10, x, y: x.map((value) => slope * value) };
 * };
 * const batch = () => [-2, -1, 1, 2].map((slope) => ({ support: samples(slope), query: samples(slope) }));
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * let state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [16], outputs: 1 }), inner: { steps: 5, lr: 0.05 } }));
 * const batches = Array.from({ length: 200 }, batch);
 * for await (const progress of metaTrain(engine, state, batches, { every: 50 })) state = progress.state;
 *
 * const adapted = await adapt(engine, state, samples(1.5));
 * assert(adapted.losses[5] < adapted.losses[0]);
 * console.log(await predict(engine, adapted, Float32Array.of(1)));
 * ```
 *
 * @module
 */

// engine
export { openEngine, type OpenEngineOptions } from "./lib/engine/open.ts";
export {
  type AdaptedBatch,
  type AdaptPair,
  type Engine,
  type EngineInfo,
  type EngineMethods,
  NoGpuError,
  type Training,
  type TrainingPlan,
  type TrainingReading,
  type TrainingStep,
} from "./lib/engine/engine.ts";
export type {
  Floats,
  InnerProblem,
  Learner,
  LearnMask,
  LossShape,
  MetaGradient,
  OuterGradient,
  OuterMoments,
  OuterRule,
  RateShape,
  Samples,
  Task,
} from "./lib/engine/problem.ts";

// network
export type { Activation } from "./lib/net/activation.ts";
export type { Initializer } from "./lib/net/draw_mlp.ts";
export { initParams, type InitParamsOptions } from "./lib/net/init.ts";
export { type Mlp, mlp, type MlpLayer, type MlpOptions } from "./lib/net/mlp.ts";
export { type Random, random } from "./lib/net/random.ts";
export { attention, type AttentionOptions } from "./lib/model/attention.ts";
export { defineModel, type ModelDefinition } from "./lib/model/define_model.ts";
export { lstm, type LstmOptions } from "./lib/model/lstm.ts";
export type { Model, ModelGroup, ModelPart, Parameters } from "./lib/model/model.ts";
export type { SequenceOptions } from "./lib/model/sequence.ts";
export { tcn, type TcnOptions } from "./lib/model/tcn.ts";
export type { Axes, Graph, MatmulOptions, Operand, ReduceOptions } from "./lib/program/graph_type.ts";
export type {
  AttributesOf,
  ElementwiseOp,
  LeafOp,
  Op,
  PrimitiveOp,
  Shape,
  StructuralOp,
  Value,
  ValueOf,
} from "./lib/program/value.ts";

// what is learned, and how
export type {
  GradientConfig,
  InnerConfig,
  InvarianceConfig,
  LearnConfig,
  LossConfig,
  MetaConfig,
  OuterConfig,
  RuleConfig,
  ScheduleConfig,
} from "./lib/meta/config.ts";
export type { CustomLoss } from "./lib/loss/config.ts";
export { pointForecasts } from "./lib/loss/losses.ts";
export type { CustomRule, RuleMove, RuleState, RuleStep } from "./lib/rule/config.ts";
export {
  anil,
  fomaml,
  imaml,
  learnedOptimizer,
  lstmMetaLearner,
  maml,
  mamlPlusPlus,
  metaGradient,
  metaSgd,
  type PresetOptions,
  reptile,
} from "./lib/meta/presets.ts";
export { metaInit, type MetaInitOptions, type MetaState } from "./lib/meta/state.ts";
export type { TrainedOn } from "./lib/meta/trained_on.ts";
export { adam, type Optimizer, type OptimizerOptions, sgd } from "./lib/meta/optimizer.ts";

// the pure functions
export {
  type MetaProgress,
  metaStep,
  type MetaStepResult,
  metaTrain,
  type MetaTrainOptions,
} from "./lib/meta/train.ts";
export { adapt, type Adapted, adaptMany, type AdaptOptions } from "./lib/meta/adapt.ts";
export { adaptPredict, predict } from "./lib/meta/predict.ts";
export { type LayerRate, learningRates } from "./lib/meta/learning_rates.ts";
export { DivergedError } from "./lib/meta/errors.ts";
export {
  type Checkpoint,
  CHECKPOINT_VERSION,
  decodeState,
  encodeState,
  loadCheckpoint,
  type LoadOptions,
  loadState,
  saveState,
} from "./lib/meta/checkpoint.ts";
export type { CustomParts } from "./lib/meta/describe_config.ts";

// the differential core
export {
  forward,
  hessianVectorProduct,
  type LearnedGradient,
  type LossGradient,
  lossGradient,
  metaGradientOf,
  type MetaGradientResult,
} from "./lib/meta/differential.ts";
export {
  type GradientsByName,
  meanMetaGradient,
  type MetaGradientSum,
  metaGradientSum,
  type MetaGradientSumOptions,
} from "./lib/meta/gradient_sum.ts";
export type { TreeBlock } from "./lib/engine/tree_sum.ts";
export {
  checkMetaGradient,
  type CheckMetaGradientOptions,
  type MetaGradientCheck,
} from "./lib/meta/check_meta_gradient.ts";
export { checkImplicit, type ImplicitCheck } from "./lib/meta/check_implicit.ts";
export { type AdaptationReport, describeAdaptation, type LayerChange } from "./lib/meta/describe_adaptation.ts";

// markets
export { type Candles, DataError } from "./lib/data/candles.ts";
export type { CandleField, Dialect } from "./lib/data/dialect.ts";
export { type CsvOptions, readCandlesCsv } from "./lib/data/csv.ts";
export { readCandlesJson } from "./lib/data/json.ts";
export { candlesToParquet, readCandlesParquet } from "./lib/data/parquet.ts";
export type { ColumnNames, NamedColumns } from "./lib/data/table/fields.ts";
export type { TableOptions } from "./lib/data/table/head.ts";
export type { DecimalSign } from "./lib/data/table/numbers.ts";
export type { DateOrder } from "./lib/data/parse_date.ts";
export type { TimeUnit } from "./lib/data/time_unit.ts";
export { type CandlesDirOptions, readCandlesDir } from "./lib/data/candles_dir.ts";
export { candlesToCsv } from "./lib/data/csv_write.ts";
export type { CsvSource } from "./lib/data/csv/bytes.ts";
export { fetchBybit, type FetchBybitOptions, type FetchProgress } from "./lib/data/bybit.ts";
export type { Sleep } from "./lib/data/bybit_request.ts";
export { periodsPerYear } from "./lib/data/calendar.ts";
export { bybitInterval, intervalMs } from "./lib/data/interval.ts";
export {
  checkCandles,
  type Finding,
  type FindingKind,
  type QualityOptions,
  type QualityReport,
} from "./lib/data/quality.ts";
export { sampleMarkets, type SampleOptions } from "./lib/data/sample.ts";
export { SAMPLE_INFO, type SampleInfo } from "./lib/data/sample_info.ts";

// features, labels, tasks
export type { FeatureFunction, FeatureMatrix } from "./lib/features/feature_matrix.ts";
export { riskMetricsVolatility, trailingVolatility } from "./lib/features/trailing_volatility.ts";
export { type TradingFeatureOptions, tradingFeatures } from "./lib/features/trading_features.ts";
export { exponentialMean, percentChange, rollingMean, rollingStd } from "./lib/features/rolling.ts";
export { sequenceFeatures } from "./lib/features/sequence_features.ts";
export { forwardReturns, type LabelFunction, type Labels } from "./lib/features/labels.ts";
export { applyScaler, fitScaler, invertScaler, type Scaler } from "./lib/features/scaler.ts";
export {
  assetTasks,
  type AssetTasksOptions,
  taskBatches,
  type TaskBatchesOptions,
  taskCapacities,
  type TaskCapacity,
  type TaskSourceOptions,
} from "./lib/tasks/asset_tasks.ts";
export { joinRows, type MarketRows, marketRows, type MarketRowsOptions } from "./lib/tasks/market_rows.ts";
export type { MarketTask, TaskScaler, TaskShape } from "./lib/tasks/market_task.ts";
export { splitByTime, type SplitPoints, type TimeSplit } from "./lib/tasks/split.ts";
export { assetFamily } from "./lib/tasks/asset_family.ts";
export { type Period, periodFamily, type PeriodFamilyOptions } from "./lib/tasks/period_family.ts";
export { regimeFamily, type RegimeFamilyOptions } from "./lib/tasks/regime_family.ts";
export { type Strategy, strategyFamily, type StrategyFamilyOptions } from "./lib/tasks/strategy_family.ts";
export {
  pairCandles,
  pairRows,
  type PairRowsOptions,
  strategyRows,
  type StrategyRowsOptions,
} from "./lib/tasks/strategy_rows.ts";
export {
  type SignalStrategy,
  type StrategySignal,
  strategySignal,
  type StrategySignalOptions,
} from "./lib/tasks/strategy_signal.ts";
export type { SourceCapacity, TaskFamily } from "./lib/tasks/task_family.ts";
export { mixTasks, type MixTasksOptions, type WeightedFamily } from "./lib/tasks/mix_tasks.ts";
export {
  type HierarchicalFamily,
  hierarchicalTasks,
  type HierarchicalTasksOptions,
} from "./lib/tasks/hierarchical_tasks.ts";
export { classStarts, type ClassStartsOptions } from "./lib/tasks/class_starts.ts";
export { resampleCandles } from "./lib/tasks/resample_candles.ts";
export {
  type RegimeCandidate,
  type RegimeChoice,
  type RegimeScore,
  selectByRegime,
  type SelectByRegimeOptions,
  type ValidationRun,
} from "./lib/trading/select_by_regime.ts";
export { type Switching, type SwitchingInput, switchingPositions } from "./lib/trading/switching_positions.ts";
export {
  type RiskEvaluator,
  riskObjective,
  type RiskSettings,
  type RiskTrial,
  type TunedRisk,
  tuneRisk,
  type TuneRiskOptions,
  type ValidationWindow,
} from "./lib/trading/tune_risk.ts";
export { type TunedSmoothRisk, tuneSmoothRisk, type TuneSmoothRiskOptions } from "./lib/trading/tune_smooth_risk.ts";
export {
  smoothPositions,
  type SmoothRiskData,
  type SmoothRiskRules,
  type SmoothRiskSettings,
  type SmoothRiskValue,
  smoothRiskValue,
} from "./lib/trading/smooth_risk.ts";
export {
  type Closes,
  labelRegimes,
  type Regime,
  regimeAt,
  type RegimeLabels,
  type RegimeOptions,
  REGIMES,
} from "./lib/features/regimes.ts";

// forecasters
export { type BarVarianceOptions, type BarVariances, barVariances } from "./lib/features/bar_variance.ts";
export { riskFeatures } from "./lib/features/risk_features.ts";
export type { LinearRule } from "./lib/forecast/decisions.ts";
export type { PoolScaler } from "./lib/forecast/pool_scaler.ts";
export type { CustomTarget, TargetConfig } from "./lib/forecast/target.ts";
export {
  type Forecaster,
  type ForecasterTraining,
  type ForecastMember,
  type ForecastResidual,
  type TrustRegion,
  type ValidationScores,
} from "./lib/forecast/forecaster.ts";
export type {
  ForecasterProgress,
  ForecastMetaPhase,
  ForecastPhase,
  ForecastSupport,
  TrainForecasterOptions,
} from "./lib/forecast/train_options.ts";
export { trainForecaster } from "./lib/forecast/train_forecaster.ts";
export {
  BAND_COVERAGES,
  expectedVolatility,
  forecast,
  forecastBand,
  type ForecastOptions,
  type Forecasts,
} from "./lib/forecast/forecast.ts";
export {
  decodeForecaster,
  type DecodeForecasterOptions,
  encodeForecaster,
  type ForecasterFunctions,
  loadForecaster,
  saveForecaster,
} from "./lib/forecast/forecaster_file.ts";
export {
  compareForecasts,
  type CompareForecastsOptions,
  type ForecastComparison,
} from "./lib/forecast/compare_forecasts.ts";
export type { ForecastScore, ValueAtRisk } from "./lib/forecast/score.ts";
export { type HistoryCurve, historyCurve, type HistoryCurveOptions } from "./lib/forecast/history_curve.ts";
export { type SimulatedMarket, simulateMarket, type SimulateMarketOptions } from "./lib/features/simulate_market.ts";

// trading and backtest
export { type VolatilityTargetOptions, volatilityTargetPositions } from "./lib/trading/volatility_target.ts";
export { walkOf } from "./lib/backtest/forecaster_walk.ts";
export { type SignalMode, type SignalOptions, signalPosition } from "./lib/trading/signal.ts";
export { tradeCost } from "./lib/trading/cost.ts";
export {
  type ConstantFunding,
  type CostBreakdown,
  type CostModel,
  type FundingSeries,
  NO_COSTS,
  totalCosts,
} from "./lib/trading/cost_model.ts";
export type { ExitDistance, ExitRules } from "./lib/trading/exits.ts";
export {
  type DrawdownBrake,
  drawdownBrake,
  kellyPosition,
  positionSize,
  proportionalPosition,
  type Sizing,
  type SizingInput,
  type SizingOptions,
  volatilityPosition,
} from "./lib/trading/sizing.ts";
export { openAccount, openTrades, stepAccount } from "./lib/trading/account.ts";
export type { AccountRules, EntryRule, FillRule, Rebalance } from "./lib/trading/account_rules.ts";
export type { Account, AccountStep, BarOrder, Holding, Ruin } from "./lib/trading/account_state.ts";
export type { ExitReason, Fill } from "./lib/trading/fill.ts";
export type { OpenTrade, Trade } from "./lib/trading/trade.ts";
export { type ShrunkCovariance, shrunkCovariance } from "./lib/trading/covariance.ts";
export { minimumVarianceWeights } from "./lib/trading/minimum_variance.ts";
export { riskParityWeights } from "./lib/trading/risk_parity.ts";
export { hierarchicalWeights } from "./lib/trading/hierarchical_risk_parity.ts";
export {
  type PortfolioTargetOptions,
  portfolioTargets,
  type PortfolioWeighting,
  type WeighedMarket,
} from "./lib/trading/portfolio_weights.ts";
export type { AccountCourse, Execution, ExecutionOptions } from "./lib/backtest/execution.ts";
export { breakEvenCost, type TradedCourse } from "./lib/statistics/break_even_cost.ts";
export { type Capacity, capacity, type CapacityOptions } from "./lib/backtest/capacity.ts";
export type { MarketFinding } from "./lib/backtest/data_findings.ts";
export {
  type DecisionWalk,
  type WalkForward,
  walkForward,
  type WalkForwardOptions,
} from "./lib/backtest/walk_forward.ts";
export {
  backtest,
  type BacktestOptions,
  backtestPositions,
  type BacktestResult,
  backtestWalk,
} from "./lib/backtest/backtest.ts";
export { backtestPortfolio, type PortfolioOptions } from "./lib/backtest/backtest_portfolio.ts";
export {
  forecastMarket,
  forecastsWithin,
  type MarketForecasts,
  sizeForecasts,
} from "./lib/backtest/forecast_market.ts";
export { RISK_SETTINGS, riskEvaluator, withRiskSettings } from "./lib/backtest/risk_evaluator.ts";
export {
  executePortfolio,
  type PortfolioExecutionOptions,
  type PortfolioResult,
  type PortfolioShare,
} from "./lib/backtest/portfolio.ts";
export type { PortfolioMarket } from "./lib/backtest/portfolio_walk.ts";
export { type AdaptationCurve, CURVE_STEPS } from "./lib/backtest/adaptation_curve.ts";
export { compareBaselines, type ComparedModels, type CompareOptions } from "./lib/backtest/compare.ts";
export type { ComparedStrategy, Comparison } from "./lib/backtest/comparison.ts";
export { compareResults, type CompareResultsOptions } from "./lib/backtest/compare_results.ts";
export { pretrain, type PretrainOptions } from "./lib/backtest/pretrain.ts";
export { type RandomWalkNull, randomWalkNull, type RandomWalkNullOptions } from "./lib/backtest/random_walk_null.ts";
export { type SharpeInterval, sharpeInterval, type SharpeIntervalOptions } from "./lib/statistics/sharpe_interval.ts";
export type { Activity, ActivitySource } from "./lib/statistics/activity.ts";
export { type Metrics, metrics, type MetricsOptions } from "./lib/statistics/metrics.ts";
export { checkLookahead, type LookaheadOptions } from "./lib/backtest/check_lookahead.ts";
export type { FutureChange } from "./lib/backtest/lookahead_changes.ts";
export type { CutOptions } from "./lib/backtest/lookahead_cuts.ts";
export type { ForecasterTrainingRun } from "./lib/backtest/lookahead_forecaster.ts";
export type {
  LaggedRun,
  LookaheadLeak,
  LookaheadReport,
  LookaheadStage,
  UnvouchedColumn,
} from "./lib/backtest/lookahead_report.ts";
export { BACKTEST_STAGES, type DecisionRun, type LookaheadStages } from "./lib/backtest/lookahead_stages.ts";
export type { ComparedStatistics } from "./lib/backtest/compared_statistics.ts";
export { deflateTogether } from "./lib/backtest/deflate_together.ts";
export { type JsonValue, reportJson } from "./lib/report/result_json.ts";
export { portfolioJson } from "./lib/report/portfolio_json.ts";
export { renderPortfolioReport } from "./lib/report/portfolio_report.ts";
export type { PortfolioReportOptions } from "./lib/report/portfolio_report_options.ts";
export {
  type PortfolioStatistics,
  portfolioStatistics,
  type PortfolioStatisticsOptions,
} from "./lib/backtest/portfolio_statistics.ts";
export { type FillBook, fillsCsv } from "./lib/report/fills_csv.ts";
export { type TradeBook, tradesCsv } from "./lib/report/trades_csv.ts";
export { judgePortfolios } from "./lib/report/portfolio_verdict.ts";
export { judge, type Verdict } from "./lib/report/verdict.ts";
export { judgeForecasts } from "./lib/report/forecast_verdict.ts";
export { renderReport } from "./lib/report/report.ts";
export type { ForecastReport, ReportOptions } from "./lib/report/report_options.ts";

// statistics of backtests
export { backtestPaths } from "./lib/statistics/backtest_paths.ts";
export {
  type CombinatorialOptions,
  type CombinatorialPlan,
  type CombinatorialSplit,
  combinatorialSplits,
  type RowRange,
} from "./lib/statistics/combinatorial_splits.ts";
export {
  type DeflatedSharpe,
  deflatedSharpe,
  expectedMaximumSharpe,
  independentTrials,
} from "./lib/statistics/deflated_sharpe.ts";
export {
  compareLosses,
  type DieboldMariano,
  dieboldMariano,
  type DieboldMarianoOptions,
} from "./lib/statistics/diebold_mariano.ts";
export { type Drawdown, worstDrawdowns, type WorstDrawdownsOptions } from "./lib/statistics/drawdowns.ts";
export { type BenchmarkOptions, type BenchmarkStatistics, benchmarkStatistics } from "./lib/statistics/benchmark.ts";
export { type TailRisk, tailRisk, type TailRiskOptions } from "./lib/statistics/tail_risk.ts";
export { atTwiceCosts, type CostedCourse, type TwiceCosts } from "./lib/statistics/twice_costs.ts";
export type { CourseStatistics } from "./lib/statistics/course_statistics.ts";
export { type TradeStatistics, tradeStatistics } from "./lib/statistics/trade_statistics.ts";
export type { Figure } from "./lib/statistics/figure.ts";
export {
  type MetricInterval,
  type MetricIntervals,
  metricIntervals,
  type MetricIntervalsOptions,
  type MetricName,
} from "./lib/statistics/metric_intervals.ts";
export {
  type OverfittingOptions,
  type OverfittingProbability,
  overfittingProbability,
} from "./lib/statistics/overfitting_probability.ts";
export {
  minTrackRecord,
  type MinTrackRecordOptions,
  probabilisticSharpe,
} from "./lib/statistics/probabilistic_sharpe.ts";
export {
  type RetrainedBacktest,
  type RetrainOptions,
  type RetrainPeriod,
  type RetrainPlan,
  type RetrainProgress,
  retrainWalkForward,
} from "./lib/backtest/retrain_walk_forward.ts";
export { stationaryBlock } from "./lib/statistics/stationary_bootstrap.ts";
export { type SharpeEstimate, sharpeEstimate } from "./lib/statistics/sharpe_estimate.ts";
export {
  mergeTrials,
  NO_TRIALS,
  recordTrial,
  type TrialLog,
  type TrialStatistics,
  trialStatistics,
} from "./lib/statistics/trial_log.ts";

// online
export { type Bar, barsOf, candlesOf } from "./lib/data/bar.ts";
export {
  type OnlineBounds,
  type OnlineConfig,
  onlineConfig,
  type OnlineOptions,
  type OnlineReplay,
  type OnlineTrust,
  type Timescale,
} from "./lib/online/config.ts";
export { type MarketName, onlineInit, onlineLearner, type OnlineState } from "./lib/online/state.ts";
export type {
  OnlineForecaster,
  OnlineForecasterConfig,
  OnlineForecasterOptions,
} from "./lib/online/forecaster_state.ts";
export { observe } from "./lib/online/observe.ts";
export { type OnlineUpdate, updateAndPredict } from "./lib/online/update.ts";
export type { OnlinePrediction } from "./lib/online/forecast.ts";
export type { OnlineObjective } from "./lib/online/objective.ts";
export { calibration, type Coverage, type OnlineScore, type PendingForecast } from "./lib/online/score.ts";
export type { OnlineMarket, OnlineRow } from "./lib/online/market.ts";
export type { ReplayWindow, StartState } from "./lib/online/start.ts";
export type { RatesState, TimescaleState } from "./lib/online/timescales.ts";
export { decodeOnline, encodeOnline } from "./lib/online/snapshot.ts";
export {
  type BarInfluence,
  type DecisionExplanation,
  explainDecision,
  type FeatureContribution,
  type LearnedChange,
  type RateChange,
} from "./lib/online/explain.ts";
export { renderExplanation } from "./lib/online/explanation_chart.ts";
export { onlineWindow } from "./lib/online/windows.ts";
export { type Attribution, type AttributionPoint, integratedGradients } from "./lib/online/integrated_gradients.ts";
export { type RowInfluence, rowInfluence } from "./lib/online/bar_influence.ts";

// live paper trading
export { type Clock, SYSTEM_CLOCK } from "./lib/online/live/clock.ts";
export { type MarketBar, type Moment, momentsOf } from "./lib/online/live/moment.ts";
export { bybitFeed } from "./lib/online/live/bybit_feed.ts";
export type { BybitFeedOptions } from "./lib/online/live/bybit_feed_state.ts";
export type { FeedEvent, FeedEventKind } from "./lib/online/live/feed_events.ts";
export { replayFeed, type ReplayOptions } from "./lib/online/live/replay_feed.ts";
export {
  openTrader,
  type Trader,
  type TraderOptions,
  type TraderSettings,
  type Wish,
} from "./lib/online/live/trader.ts";
export {
  type LearnedRecord,
  type MarketPosition,
  type TraderRecord,
  type TraderStep,
  traderStep,
} from "./lib/online/live/trader_step.ts";
export { decodeTrader, encodeTrader } from "./lib/online/live/trader_snapshot.ts";
export { paperTrade, type PaperTradeOptions, type TraderLog } from "./lib/online/live/paper_trader.ts";

// store
export { type Database, type DatabaseOptions, openDatabase } from "./lib/store/database.ts";
export {
  type CheckpointKind,
  openRuns,
  OwnershipError,
  type RunCheckpoint,
  type RunPoint,
  type RunRecord,
  type RunReport,
  type RunRequest,
  type RunStatus,
  type RunStore,
} from "./lib/store/runs.ts";
export { openTrials, type TrialRecord, type TrialStore, type TriedBacktest } from "./lib/store/trial_store.ts";
export { type AwayPeriod, awayPeriods, openTraderStore, type TraderStore } from "./lib/store/trader_store.ts";
export { removeTraderFile } from "./lib/store/trader_lock.ts";
export { TRADER_MIGRATIONS } from "./lib/store/trader_schema.ts";
