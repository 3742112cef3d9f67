/**
 * What a model forecast of one market at every bar, kept apart from what is done with it: sizes, stops and weights can then
 * be tried without adapting again. It takes no position.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { cutCandles } from "../data/listings.ts";
import type { Engine } from "../engine/engine.ts";
import { inTurns } from "../event_loop.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import type { MetaState } from "../meta/state.ts";
import { type BacktestOptions, decisionContext, wantedPositions } from "./backtest.ts";
import { dataFindings } from "./data_findings.ts";
import type { PortfolioMarket } from "./portfolio_walk.ts";
import { type WalkForwardOptions, walkForwardSteps } from "./walk_forward.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";
import { type ForecasterWalk, forecasterWalk, riskWalk } from "./forecaster_walk.ts";
import { forecastDeviation } from "./forecast_deviation.ts";
import { forecastWalk } from "./forecast_walk.ts";
import { checkEngineAndState } from "../meta/check_arguments.ts";

/** Forecasts of one market, one a decision. */
export interface MarketForecasts extends Omit<PortfolioMarket, "sizes"> {
  /** Forecast returns over the horizon, as fractions, `[decisions]`. */
  readonly predictions: Float64Array;
  /** Deviation that each is expected to miss by, as fractions, `[decisions]` (default: sizes go by volatility instead). */
  readonly uncertainty?: Float64Array;
}

/**
 * Forecasts a market by walking forward: at the close of each bar the model adapts on the last labels known by then.
 *
 * @param engine Where to adapt.
 * @param model The start to adapt from; or a forecaster of returns, which brings its own horizon, features, support and steps.
 * @param candles Bars of the market.
 * @param options Support, horizon, time range; inner steps (default the config's); for a forecaster the other markets; what stops it.
 * @throws {DataError} The market is too short.
 * @throws {RangeError} An option is out of range, or the forecaster forecasts no returns.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { forecastMarket } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const from = dax.time[dax.time.length - 60];
 * const forecasts = await forecastMarket(engine, state, dax, { from, supportRows: 20 });
 * assertEquals(forecasts.predictions.length, forecasts.volatility.length);
 * ```
 */
export async function forecastMarket(
  engine: Engine,
  model: MetaState | Forecaster,
  candles: Candles,
  options: WalkForwardOptions & Pick<BacktestOptions, "steps" | "others"> & { readonly signal?: AbortSignal } = {},
): Promise<MarketForecasts> {
  requireKnownKeys("Cannot forecast a market", "options", options, BACKTEST_KEYS);
  const { walk, predictions, uncertainty } = "members" in model
    ? await forecasterWalk(engine, model, candles, options)
    : await stateWalk(engine, model, candles, options);
  const { trainedOn } = model;
  const findings = dataFindings(candles, walk.start + predictions.length);
  return {
    candles,
    start: walk.start,
    predictions,
    findings,
    ...decisionContext(candles, walk, uncertainty),
    trainedOn,
  };
}

async function stateWalk(
  engine: Engine,
  state: MetaState,
  candles: Candles,
  options: WalkForwardOptions & Pick<BacktestOptions, "steps"> & { readonly signal?: AbortSignal },
): Promise<ForecasterWalk> {
  checkEngineAndState("Cannot forecast a market", engine, state);
  const { steps, signal } = options;
  const walk = await inTurns(walkForwardSteps(candles, options), signal);
  const predictions = await forecastWalk(engine, state, { market: candles.symbol, walk, steps });
  return { walk, predictions, uncertainty: forecastDeviation(walk, predictions).deviation };
}

/** A market that is held long at the target volatility of `sizing`, by what a forecaster of it expects, which weights read too. */
export async function riskMarket(
  engine: Engine,
  forecaster: Forecaster,
  candles: Candles,
  options: BacktestOptions & { readonly signal?: AbortSignal },
): Promise<PortfolioMarket> {
  const { walk: { start, horizon }, volatility } = await riskWalk(engine, forecaster, candles, options);
  const sizes = wantedPositions(volatility.map(() => 1), options, { volatility, horizon });
  const findings = dataFindings(candles, start + sizes.length);
  return { candles, start, sizes, volatility, horizon, findings, trainedOn: forecaster.trainedOn };
}

/**
 * Forecasts with the size that each asks for, were its market alone.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { forecastMarket, sizeForecasts } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const from = dax.time[dax.time.length - 60];
 * const forecasts = await forecastMarket(engine, state, dax, { from, supportRows: 20 });
 * const { sizes } = sizeForecasts(forecasts, { mode: "long-flat" });
 * assertEquals(sizes.every((size) => size >= 0), true);
 * ```
 */
export function sizeForecasts(
  forecasts: MarketForecasts,
  options: Pick<BacktestOptions, "threshold" | "mode" | "sizing" | "every"> = {},
): PortfolioMarket {
  requireKnownKeys("Cannot size forecasts", "options", options, BACKTEST_KEYS);
  return { ...forecasts, sizes: wantedPositions(forecasts.predictions, options, forecasts) };
}

/**
 * The decisions of a stretch of time, on bars before its end alone; undefined where there are fewer than two.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { forecastMarket, forecastsWithin } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const from = dax.time[dax.time.length - 60];
 * const forecasts = await forecastMarket(engine, state, dax, { from, supportRows: 20 });
 * const later = forecastsWithin(forecasts, { from: dax.time[dax.time.length - 30], to: Infinity });
 * assertEquals(later!.predictions.length < forecasts.predictions.length, true);
 * ```
 */
export function forecastsWithin(
  forecasts: MarketForecasts,
  window: { readonly from: number; readonly to: number },
): MarketForecasts | undefined {
  const { candles, start, predictions, uncertainty, volatility, findings } = forecasts;
  const time = candles.time.subarray(start, start + predictions.length);
  const first = time.findIndex((at) => at >= window.from);
  const past = time.findIndex((at) => at >= window.to);
  const end = past < 0 ? time.length : past;
  if (first < 0 || end - first < 2) return undefined;
  return {
    ...forecasts,
    candles: cutCandles(candles, 0, start + end),
    start: start + first,
    predictions: predictions.subarray(first, end),
    ...(uncertainty && { uncertainty: uncertainty.subarray(first, end) }),
    volatility: volatility.subarray(first, end),
    ...(findings && { findings: findings.filter(({ index }) => index < start + end) }),
  };
}
