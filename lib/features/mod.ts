/**
 * What is known of a market at a bar: indicators, feature matrices, labels that carry when they became known, regimes, scaling.
 * A row uses the bars up to its own.
 * @module
 */
export { type BarVarianceOptions, type BarVariances, barVariances } from "./bar_variance.ts";
export {
  type ExogenousColumn,
  exogenousFeatures,
  type ExogenousSeries,
  type ExogenousSource,
  joinFeatures,
} from "./exogenous.ts";
export type { FeatureFunction, FeatureMatrix } from "./feature_matrix.ts";
export { forwardReturns, type LabelFunction, type Labels } from "./labels.ts";
export {
  type Closes,
  labelRegimes,
  type Regime,
  regimeAt,
  type RegimeLabels,
  type RegimeOptions,
  REGIMES,
  type RegimeSeries,
} from "./regimes.ts";
export { riskFeatures } from "./risk_features.ts";
export { exponentialMean, percentChange, rollingMean, rollingStd } from "./rolling.ts";
export { applyScaler, fitScaler, invertScaler, type Scaler } from "./scaler.ts";
export { sequenceFeatures } from "./sequence_features.ts";
export { type SimulatedMarket, simulateMarket, type SimulateMarketOptions } from "./simulate_market.ts";
export { type TradingFeatureOptions, tradingFeatures } from "./trading_features.ts";
export { riskMetricsVolatility, trailingVolatility } from "./trailing_volatility.ts";
