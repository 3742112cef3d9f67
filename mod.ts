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
export { bayesianMaml, type BayesianOptions } from "./lib/meta/bayesian.ts";
export { particles, type ParticlesOptions } from "./lib/model/particles.ts";
export { attention, type AttentionOptions } from "./lib/model/attention.ts";
export { defineModel, type ModelDefinition } from "./lib/model/define_model.ts";
export { lstm, type LstmOptions } from "./lib/model/lstm.ts";
export type { Model, ModelGroup, ModelPart, Parameters } from "./lib/model/model.ts";
export type { SequenceOptions } from "./lib/model/sequence.ts";
export { tcn, type TcnOptions } from "./lib/model/tcn.ts";
export type { Value } from "./lib/program/value.ts";

// what is learned, and how
export type {
  GradientConfig,
  InnerConfig,
  InvarianceConfig,
  LearnConfig,
  LossConfig,
  MetaConfig,
  MethodConfig,
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
export type { Context, Method } from "./lib/method/method.ts";
export { defineMethod, type MethodDefinition } from "./lib/method/define_method.ts";
export { inContext, type InContextOptions } from "./lib/method/in_context.ts";
export { matching, type MatchingOptions } from "./lib/method/matching.ts";
export { memory, type MemoryOptions } from "./lib/method/memory.ts";
export { neuralProcess, type NeuralProcessOptions } from "./lib/method/neural_process.ts";
export { prototypical, type PrototypicalOptions } from "./lib/method/prototypical.ts";
export { ridge, type RidgeOptions } from "./lib/method/ridge.ts";
export type { RowValues } from "./lib/method/row_values.ts";
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
export { readCandlesCsv } from "./lib/data/csv.ts";
export { readCandlesJson } from "./lib/data/json.ts";
export { candlesToParquet, readCandlesParquet } from "./lib/data/parquet.ts";
export { readCandlesDir } from "./lib/data/candles_dir.ts";
export { candlesToCsv } from "./lib/data/csv_write.ts";
export { fetchBybit } from "./lib/data/bybit.ts";
export { periodsPerYear } from "./lib/data/calendar.ts";
export { bybitInterval, intervalMs } from "./lib/data/interval.ts";
export { checkCandles, type Finding, type QualityReport } from "./lib/data/quality.ts";
export { sampleMarkets } from "./lib/data/sample.ts";
export { SAMPLE_INFO } from "./lib/data/sample_info.ts";

// features, labels, tasks
export type { FeatureFunction, FeatureMatrix } from "./lib/features/feature_matrix.ts";
export { riskMetricsVolatility, trailingVolatility } from "./lib/features/trailing_volatility.ts";
export { tradingFeatures } from "./lib/features/trading_features.ts";
export { exponentialMean, percentChange, rollingMean, rollingStd } from "./lib/features/rolling.ts";
export { sequenceFeatures } from "./lib/features/sequence_features.ts";
export { forwardReturns, type Labels } from "./lib/features/labels.ts";
export { applyScaler, fitScaler, invertScaler, type Scaler } from "./lib/features/scaler.ts";
export { assetTasks, taskBatches, taskCapacities } from "./lib/tasks/asset_tasks.ts";
export { joinRows, type MarketRows, marketRows } from "./lib/tasks/market_rows.ts";
export type { MarketTask } from "./lib/tasks/market_task.ts";
export { splitByTime } from "./lib/tasks/split.ts";
export { assetFamily } from "./lib/tasks/asset_family.ts";
export { periodFamily } from "./lib/tasks/period_family.ts";
export { regimeFamily } from "./lib/tasks/regime_family.ts";
export { strategyFamily } from "./lib/tasks/strategy_family.ts";
export { pairCandles, pairRows, strategyRows } from "./lib/tasks/strategy_rows.ts";
export { type SignalStrategy, strategySignal } from "./lib/tasks/strategy_signal.ts";
export { mixTasks, type WeightedFamily } from "./lib/tasks/mix_tasks.ts";
export { type HierarchicalFamily, hierarchicalTasks } from "./lib/tasks/hierarchical_tasks.ts";
export { classStarts } from "./lib/tasks/class_starts.ts";
export { resampleCandles } from "./lib/tasks/resample_candles.ts";
export { type RegimeChoice, selectByRegime } from "./lib/trading/select_by_regime.ts";
export { switchingPositions } from "./lib/trading/switching_positions.ts";
export { type RiskEvaluator, riskObjective, tuneRisk } from "./lib/trading/tune_risk.ts";
export { tuneSmoothRisk } from "./lib/trading/tune_smooth_risk.ts";
export { smoothPositions, smoothRiskValue } from "./lib/trading/smooth_risk.ts";
export { labelRegimes, type Regime, regimeAt, type RegimeLabels, REGIMES } from "./lib/features/regimes.ts";

// forecasters
export { barVariances } from "./lib/features/bar_variance.ts";
export { riskFeatures } from "./lib/features/risk_features.ts";
export type { CustomTarget, TargetConfig } from "./lib/forecast/target.ts";
export type { Forecaster, ForecastMember } from "./lib/forecast/forecaster.ts";
export type { ForecasterProgress, TrainForecasterOptions } from "./lib/forecast/train_options.ts";
export { trainForecaster } from "./lib/forecast/train_forecaster.ts";
export { type ConformalBand, conformalBand, type ConformalBandOptions } from "./lib/forecast/conformal_band.ts";
export { BAND_COVERAGES, expectedVolatility, forecast, forecastBand, type Forecasts } from "./lib/forecast/forecast.ts";
export { decodeForecaster, encodeForecaster, loadForecaster, saveForecaster } from "./lib/forecast/forecaster_file.ts";
export { compareForecasts, type ForecastComparison } from "./lib/forecast/compare_forecasts.ts";
export { type HistoryCurve, historyCurve } from "./lib/forecast/history_curve.ts";
export { simulateMarket } from "./lib/features/simulate_market.ts";

// trading and backtest
export { volatilityTargetPositions } from "./lib/trading/volatility_target.ts";
export { walkOf } from "./lib/backtest/forecaster_walk.ts";
export { signalPosition } from "./lib/trading/signal.ts";
export { tradeCost } from "./lib/trading/cost.ts";
export { type CostModel, NO_COSTS, totalCosts } from "./lib/trading/cost_model.ts";
export type { ExitDistance, ExitRules } from "./lib/trading/exits.ts";
export {
  drawdownBrake,
  kellyPosition,
  positionSize,
  proportionalPosition,
  type Sizing,
  volatilityPosition,
} from "./lib/trading/sizing.ts";
export { openAccount, openTrades, stepAccount } from "./lib/trading/account.ts";
export type { Ruin } from "./lib/trading/account_state.ts";
export type { Trade } from "./lib/trading/trade.ts";
export { shrunkCovariance } from "./lib/trading/covariance.ts";
export { minimumVarianceWeights } from "./lib/trading/minimum_variance.ts";
export { riskParityWeights } from "./lib/trading/risk_parity.ts";
export { hierarchicalWeights } from "./lib/trading/hierarchical_risk_parity.ts";
export { portfolioTargets, type PortfolioWeighting } from "./lib/trading/portfolio_weights.ts";
export type { Execution } from "./lib/backtest/execution.ts";
export { breakEvenCost } from "./lib/statistics/break_even_cost.ts";
export { capacity } from "./lib/backtest/capacity.ts";
export { type DecisionWalk, walkForward } from "./lib/backtest/walk_forward.ts";
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
export { executePortfolio, type PortfolioResult } from "./lib/backtest/portfolio.ts";
export { CURVE_STEPS } from "./lib/backtest/adaptation_curve.ts";
export { compareBaselines, type CompareOptions } from "./lib/backtest/compare.ts";
export type { ComparedStrategy, Comparison } from "./lib/backtest/comparison.ts";
export { compareResults } from "./lib/backtest/compare_results.ts";
export { pretrain } from "./lib/backtest/pretrain.ts";
export { randomWalkNull } from "./lib/backtest/random_walk_null.ts";
export { sharpeInterval } from "./lib/statistics/sharpe_interval.ts";
export { type Metrics, metrics } from "./lib/statistics/metrics.ts";
export { checkLookahead } from "./lib/backtest/check_lookahead.ts";
export type { ForecasterTrainingRun } from "./lib/backtest/lookahead_forecaster.ts";
export type { LookaheadReport } from "./lib/backtest/lookahead_report.ts";
export { BACKTEST_STAGES } from "./lib/backtest/lookahead_stages.ts";
export { deflateTogether } from "./lib/backtest/deflate_together.ts";
export { type JsonValue, reportJson } from "./lib/report/result_json.ts";
export { portfolioJson } from "./lib/report/portfolio_json.ts";
export { renderPortfolioReport } from "./lib/report/portfolio_report.ts";
export { type PortfolioStatistics, portfolioStatistics } from "./lib/backtest/portfolio_statistics.ts";
export { type FillBook, fillsCsv } from "./lib/report/fills_csv.ts";
export { type TradeBook, tradesCsv } from "./lib/report/trades_csv.ts";
export { judgePortfolios } from "./lib/report/portfolio_verdict.ts";
export { judge, type Verdict } from "./lib/report/verdict.ts";
export { judgeForecasts } from "./lib/report/forecast_verdict.ts";
export { renderReport } from "./lib/report/report.ts";
export type { ReportOptions } from "./lib/report/report_options.ts";

// statistics of backtests
export { backtestPaths } from "./lib/statistics/backtest_paths.ts";
export { combinatorialSplits } from "./lib/statistics/combinatorial_splits.ts";
export { deflatedSharpe, expectedMaximumSharpe, independentTrials } from "./lib/statistics/deflated_sharpe.ts";
export { compareLosses, dieboldMariano } from "./lib/statistics/diebold_mariano.ts";
export { worstDrawdowns } from "./lib/statistics/drawdowns.ts";
export { benchmarkStatistics } from "./lib/statistics/benchmark.ts";
export { tailRisk } from "./lib/statistics/tail_risk.ts";
export { atTwiceCosts } from "./lib/statistics/twice_costs.ts";
export { tradeStatistics } from "./lib/statistics/trade_statistics.ts";
export { metricIntervals } from "./lib/statistics/metric_intervals.ts";
export { overfittingProbability } from "./lib/statistics/overfitting_probability.ts";
export { minTrackRecord, probabilisticSharpe } from "./lib/statistics/probabilistic_sharpe.ts";
export { retrainWalkForward } from "./lib/backtest/retrain_walk_forward.ts";
export { stationaryBlock } from "./lib/statistics/stationary_bootstrap.ts";
export { sharpeEstimate } from "./lib/statistics/sharpe_estimate.ts";
export { mergeTrials, NO_TRIALS, recordTrial, type TrialLog, trialStatistics } from "./lib/statistics/trial_log.ts";

// online
export { type Bar, barsOf, candlesOf } from "./lib/data/bar.ts";
export { type OnlineConfig, onlineConfig, type OnlineOptions } from "./lib/online/config.ts";
export { type MarketName, onlineInit, onlineLearner, type OnlineState } from "./lib/online/state.ts";
export type { OnlineForecaster } from "./lib/online/forecaster_state.ts";
export { observe } from "./lib/online/observe.ts";
export { updateAndPredict } from "./lib/online/update.ts";
export type { OnlinePrediction } from "./lib/online/forecast.ts";
export { calibration } from "./lib/online/score.ts";
export { decodeOnline, encodeOnline } from "./lib/online/snapshot.ts";
export { explainDecision } from "./lib/online/explain.ts";
export { renderExplanation } from "./lib/online/explanation_chart.ts";
export { onlineWindow } from "./lib/online/windows.ts";
export { integratedGradients } from "./lib/meta/integrated_gradients.ts";
export { rowInfluence } from "./lib/meta/row_influence.ts";

// live paper trading
export { type Clock, SYSTEM_CLOCK } from "./lib/online/live/clock.ts";
export { momentsOf } from "./lib/online/live/moment.ts";
export { bybitFeed } from "./lib/online/live/bybit_feed.ts";
export { replayFeed } from "./lib/online/live/replay_feed.ts";
export { openTrader, type Trader } from "./lib/online/live/trader.ts";
export { type TraderRecord, type TraderStep, traderStep } from "./lib/online/live/trader_step.ts";
export { decodeTrader, encodeTrader } from "./lib/online/live/trader_snapshot.ts";
export { paperTrade } from "./lib/online/live/paper_trader.ts";

// store
export { type Database, openDatabase } from "./lib/store/database.ts";
export {
  openRuns,
  OwnershipError,
  type RunPoint,
  type RunRecord,
  type RunRequest,
  type RunStore,
} from "./lib/store/runs.ts";
export { openTrials } from "./lib/store/trial_store.ts";
export { awayPeriods, openTraderStore, type TraderStore } from "./lib/store/trader_store.ts";
export { removeTraderFile } from "./lib/store/trader_lock.ts";
export { TRADER_MIGRATIONS } from "./lib/store/trader_schema.ts";
