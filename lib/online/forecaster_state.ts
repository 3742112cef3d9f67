/**
 * A forecaster that follows markets bar by bar, as one immutable value: the bars it needs to forecast as it would from the whole
 * history, the forecasts not judged yet, and how those judged fared. It learns nothing more and runs nothing.
 * @module
 */
import { DataError } from "../data/candles.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { riskLayout } from "../features/risk_features.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import { requireKnownKeys } from "../options.ts";
import { emptyMarket, type OnlineMarket } from "./market.ts";

/** What {@linkcode onlineInit} takes with a forecaster. */
export interface OnlineForecasterOptions {
  /** The forecaster's features, where they are a function of one's own. */
  readonly features?: FeatureFunction;
  /** The forecaster's appended columns. */
  readonly extra?: FeatureFunction;
  /**
   * Bars kept of a market (default as many as its forecasts read with the features of `riskFeatures`; own features that look
   * further back need more).
   */
  readonly history?: number;
}

/** What a forecaster forecasts by, bar by bar. Frozen. */
export interface OnlineForecasterConfig extends OnlineForecasterOptions {
  /** The forecaster. */
  readonly forecaster: Forecaster;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** Bars kept of a market. */
  readonly history: number;
}

/** A forecaster between bars. Frozen; made by `onlineInit`. */
export interface OnlineForecaster {
  /** What it forecasts by. */
  readonly config: OnlineForecasterConfig;
  /** The markets it watches, in a fixed order. Each is among the others whose means a forecast may read. */
  readonly markets: readonly OnlineMarket[];
  /** 0: a forecaster was trained before, and only adapts. */
  readonly updates: 0;
  /** 0, likewise. */
  readonly rejected: 0;
  /** Bars without a forecast, for their market had stood still. */
  readonly withheld: number;
}

/** Bars behind which nothing changes a forecast: the supports' reach, and the look-back of its oldest row and of its count of bars. */
function reach({ target: { horizon }, support, interval }: Forecaster): number {
  return horizon + support.rows * support.spacing + 2 * riskLayout(interval).lookback + 2;
}

/** A forecaster before its first bar. */
export function watchMarkets(
  forecaster: Forecaster,
  markets: readonly { readonly symbol: string; readonly interval: string }[],
  options: OnlineForecasterOptions,
): OnlineForecaster {
  const action = "Cannot follow markets with a forecaster";
  requireKnownKeys(action, "options", options, { features: true, extra: true, history: true });
  const { interval, target: { horizon } } = forecaster;
  const other = markets.find((market) => market.interval !== interval);
  if (other) {
    throw new DataError(
      `${action}: it was trained on bars of ${interval}, received ${other.symbol} at ${other.interval}`,
    );
  }
  const { history = reach(forecaster) } = options;
  if (!Number.isInteger(history) || history <= horizon) {
    throw new RangeError(
      `${action}: expected history to be an integer above the horizon of ${horizon}, received ${String(history)}`,
    );
  }
  return Object.freeze({
    config: Object.freeze({ ...options, forecaster, horizon, history }),
    markets: Object.freeze(markets.map(({ symbol }) => emptyMarket(symbol, interval))),
    updates: 0,
    rejected: 0,
    withheld: 0,
  });
}

/** Whether what is followed online is a forecaster, not a learner. */
export function isForecasting(state: { readonly config: object }): state is OnlineForecaster {
  return "forecaster" in state.config;
}
