/**
 * Forecasts of a market: what is forecast, the forecaster as one value, its training, its file, and what it is compared with.
 * @module
 */
export { compareForecasts, type CompareForecastsOptions } from "./compare_forecasts.ts";
export { type ConformalBand, conformalBand, type ConformalBandOptions, conformalDeviation } from "./conformal_band.ts";
export type { AdaptOn, LinearRule } from "./decisions.ts";
export type { DescribeForecastOptions, ForecastDescription, LayerMove, StepCurve } from "./describe_forecast.ts";
export type { ExplainForecastOptions, ForecastExplanation } from "./explain_forecast.ts";
export {
  BAND_COVERAGES,
  expectedVolatility,
  forecast,
  forecastBand,
  type ForecastOptions,
  type Forecasts,
} from "./forecast.ts";
export {
  type Forecaster,
  type ForecasterTraining,
  type ForecastMember,
  type ForecastResidual,
  type TrustRegion,
  type ValidationScores,
} from "./forecaster.ts";
export {
  decodeForecaster,
  type DecodeForecasterOptions,
  encodeForecaster,
  type ForecasterFunctions,
  loadForecaster,
  saveForecaster,
} from "./forecaster_file.ts";
export { inspectMarket, type InspectMarketOptions, type MarketInspection } from "./inspect_market.ts";
export { type HistoryCurve, historyCurve, type HistoryCurveOptions } from "./history_curve.ts";
export type { PoolScaler } from "./pool_scaler.ts";
export {
  type ComparedDecisions,
  type CompareMarketsOptions,
  type ForecastComparison,
  prepareComparison,
  type PrepareComparisonOptions,
  type PreparedComparison,
} from "./prepare_comparison.ts";
export { type ForecastScore, qlikeLosses, type ValueAtRisk } from "./score.ts";
export type { CustomTarget, TargetConfig } from "./target.ts";
export { trainForecaster } from "./train_forecaster.ts";
export type {
  ForecasterProgress,
  ForecastMetaPhase,
  ForecastPhase,
  ForecastSupport,
  TrainForecasterOptions,
} from "./train_options.ts";
