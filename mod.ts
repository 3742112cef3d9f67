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
export { openEngine } from "./lib/engine/open.ts";
export { type Engine, type EngineInfo, NoGpuError } from "./lib/engine/engine.ts";
export type { Samples, Task } from "./lib/engine/problem.ts";

// network
export type { Activation } from "./lib/net/activation.ts";
export { initParams } from "./lib/net/init.ts";
export { type Mlp, mlp } from "./lib/net/mlp.ts";
export { type Random, random } from "./lib/net/random.ts";
export { attention } from "./lib/model/attention.ts";
export { defineModel } from "./lib/model/define_model.ts";
export { lstm } from "./lib/model/lstm.ts";
export type { Model } from "./lib/model/model.ts";
export { tcn } from "./lib/model/tcn.ts";
export type { Value } from "./lib/program/value.ts";

// what is learned, and how
export type { LossConfig, MetaConfig } from "./lib/meta/config.ts";
export type { CustomLoss } from "./lib/loss/config.ts";
export type { CustomRule } from "./lib/rule/config.ts";
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
  reptile,
} from "./lib/meta/presets.ts";
export { defineMethod } from "./lib/method/define_method.ts";
export { matching } from "./lib/method/matching.ts";
export { memory } from "./lib/method/memory.ts";
export { neuralProcess } from "./lib/method/neural_process.ts";
export { prototypical } from "./lib/method/prototypical.ts";
export { ridge } from "./lib/method/ridge.ts";
export { metaInit, type MetaState } from "./lib/meta/state.ts";

// the pure functions
export { type MetaProgress, metaStep, metaTrain } from "./lib/meta/train.ts";
export { adapt, type Adapted, adaptMany } from "./lib/meta/adapt.ts";
export { adaptPredict, predict } from "./lib/meta/predict.ts";
export { learningRates } from "./lib/meta/learning_rates.ts";
export { DivergedError } from "./lib/meta/errors.ts";
export { decodeState, encodeState, loadState, saveState } from "./lib/meta/checkpoint.ts";

// the differential core
export { forward, hessianVectorProduct, lossGradient, metaGradientOf } from "./lib/meta/differential.ts";
export { checkMetaGradient } from "./lib/meta/check_meta_gradient.ts";
export { describeAdaptation } from "./lib/meta/describe_adaptation.ts";

// markets
export { type Candles, DataError } from "./lib/data/candles.ts";
export { readCandlesCsv } from "./lib/data/csv.ts";
export { readCandlesJson } from "./lib/data/json.ts";
export { readCandlesParquet } from "./lib/data/parquet.ts";
export { readCandlesDir } from "./lib/data/candles_dir.ts";
export { fetchBybit } from "./lib/data/bybit.ts";
export { periodsPerYear } from "./lib/data/calendar.ts";
export { checkCandles, type QualityReport } from "./lib/data/quality.ts";
export { sampleMarkets } from "./lib/data/sample.ts";

// features, labels, tasks
export type { FeatureFunction, FeatureMatrix } from "./lib/features/feature_matrix.ts";
export { tradingFeatures } from "./lib/features/trading_features.ts";
export { forwardReturns, type Labels } from "./lib/features/labels.ts";
export { assetTasks, taskBatches } from "./lib/tasks/asset_tasks.ts";
export { marketRows } from "./lib/tasks/market_rows.ts";
export { splitByTime } from "./lib/tasks/split.ts";

// forecasters
export type { TargetConfig } from "./lib/forecast/target.ts";
export type { Forecaster } from "./lib/forecast/forecaster.ts";
export { trainForecaster } from "./lib/forecast/train_forecaster.ts";
export { forecast, type Forecasts } from "./lib/forecast/forecast.ts";
export { loadForecaster, saveForecaster } from "./lib/forecast/forecaster_file.ts";
export { compareForecasts } from "./lib/forecast/compare_forecasts.ts";
export { historyCurve } from "./lib/forecast/history_curve.ts";
export { simulateMarket } from "./lib/features/simulate_market.ts";

// trading and backtest
export { type CostModel } from "./lib/trading/cost_model.ts";
export { type Sizing } from "./lib/trading/sizing.ts";
export { type PortfolioWeighting } from "./lib/trading/portfolio_weights.ts";
export { walkForward } from "./lib/backtest/walk_forward.ts";
export { backtest, type BacktestOptions, backtestPositions, type BacktestResult } from "./lib/backtest/backtest.ts";
export { backtestPortfolio } from "./lib/backtest/backtest_portfolio.ts";
export { executePortfolio } from "./lib/backtest/portfolio.ts";
export { compareBaselines } from "./lib/backtest/compare.ts";
export type { Comparison } from "./lib/backtest/comparison.ts";
export { compareResults } from "./lib/backtest/compare_results.ts";
export { randomWalkNull } from "./lib/backtest/random_walk_null.ts";
export { type Metrics, metrics } from "./lib/statistics/metrics.ts";
export { checkLookahead } from "./lib/backtest/check_lookahead.ts";
export type { LookaheadReport } from "./lib/backtest/lookahead_report.ts";
export { judge } from "./lib/report/verdict.ts";
export { judgeForecasts } from "./lib/report/forecast_verdict.ts";
export { renderReport } from "./lib/report/report.ts";

// statistics of backtests

// online
export { barsOf } from "./lib/data/bar.ts";
export { onlineConfig } from "./lib/online/config.ts";
export { onlineInit } from "./lib/online/state.ts";
export { observe } from "./lib/online/observe.ts";
export { updateAndPredict } from "./lib/online/update.ts";

// live paper trading
export { bybitFeed } from "./lib/online/live/bybit_feed.ts";
export { replayFeed } from "./lib/online/live/replay_feed.ts";
export { openTrader, type Trader } from "./lib/online/live/trader.ts";
export { paperTrade } from "./lib/online/live/paper_trader.ts";

// store
export { openTraderStore } from "./lib/store/trader_store.ts";
