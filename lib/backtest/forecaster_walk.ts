/**
 * A forecaster's decisions on one market, laid out for an account: forecasts of return on consecutive bars, made once, beside
 * what came. It takes no position; a forecaster of anything but returns is refused where returns are traded.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { conformalDeviation } from "../forecast/conformal_band.ts";
import { expectedVolatility, forecast, type Forecasts } from "../forecast/forecast.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import type { DecisionWalk } from "./walk_forward.ts";

/** What {@linkcode forecasterWalk} reads of a backtest's options. */
export interface ForecasterWalkOptions {
  /** First decision is taken at or after this bar's open time, ms UTC (default: the first that can be forecast from). */
  readonly from?: number;
  /** Decisions are taken on bars before this open time, ms UTC (default: to the last bar). */
  readonly to?: number;
  /** Bars of other markets, for the means over them. */
  readonly others?: readonly Candles[];
  /** The forecaster's features, where they are a function of one's own. */
  readonly features?: FeatureFunction;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** Decisions, and what was forecast at each. */
export interface ForecasterWalk {
  /** The decisions. */
  readonly walk: DecisionWalk;
  /** Forecast returns over the horizon, as fractions, `[decisions]`; 0 where the market has stood still. */
  readonly predictions: Float64Array;
  /** Deviation that each is expected to miss by, as the errors known by then say, fractions, `[decisions]`. */
  readonly uncertainty: Float64Array;
}

/**
 * The walk of forecasts made on consecutive bars, for positions taken on them.
 *
 * @example
 * ```ts
 * import { forecast, openEngine, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { walkOf } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const { candles } = simulateMarket({ bars: 400, symbol: "SIM" });
 * const few = { steps: 5 };
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [candles], options);
 * const made = await forecast(engine, forecaster, candles);
 * assertEquals(walkOf(made).time, made.time);
 * ```
 */
export function walkOf(forecasts: Forecasts): DecisionWalk {
  const { bar, time, labels, anchor, horizon } = forecasts;
  return { start: bar[0], time, labels, unit: anchor, horizon };
}

/**
 * Forecasts returns at every bar of a range, once, for every strategy that trades them.
 *
 * @param engine Where to adapt.
 * @param forecaster A forecaster of returns.
 * @param candles Bars of one market.
 * @param options Range, and the other markets.
 * @throws {RangeError} The forecaster forecasts no returns.
 */
export async function forecasterWalk(
  engine: Engine,
  forecaster: Forecaster,
  candles: Candles,
  options: ForecasterWalkOptions,
): Promise<ForecasterWalk> {
  const { kind } = forecaster.target;
  if (kind !== "return") {
    throw new RangeError(
      `Cannot trade forecasts of ${kind}: expected a forecaster of returns; to hold markets at a target volatility give ` +
        'backtest() or backtestPortfolio() sizing { kind: "volatility", target } beside it, or take ' +
        "volatilityTargetPositions of its forecasts and backtestPositions of those",
    );
  }
  const forecasts = await forecastRange(engine, forecaster, candles, options);
  const predictions = forecasts.value.map((value) => Number.isFinite(value) ? value : 0);
  return { walk: walkOf(forecasts), predictions, uncertainty: conformalDeviation(forecaster, forecasts) };
}

/** Decisions, and the volatility expected at each. */
export interface RiskWalk {
  /** The decisions. */
  readonly walk: DecisionWalk;
  /** Volatility a bar over the horizon, fractions, `[decisions]`; NaN where the market has stood still. */
  readonly volatility: Float64Array;
}

/**
 * Forecasts volatility at every bar of a range, once, for a market that is held at a risk.
 *
 * @param engine Where to adapt.
 * @param forecaster A forecaster of log volatility.
 * @param candles Bars of one market.
 * @param options Range, and the other markets.
 * @throws {RangeError} The forecaster forecasts no log volatility.
 */
export async function riskWalk(
  engine: Engine,
  forecaster: Forecaster,
  candles: Candles,
  options: ForecasterWalkOptions,
): Promise<RiskWalk> {
  const forecasts = await forecastRange(engine, forecaster, candles, options);
  return { walk: walkOf(forecasts), volatility: expectedVolatility(forecaster, forecasts) };
}

async function forecastRange(
  engine: Engine,
  forecaster: Forecaster,
  candles: Candles,
  options: ForecasterWalkOptions,
): Promise<Forecasts> {
  const { from, to, others, features, signal } = options;
  return await forecast(engine, forecaster, candles, {
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(others !== undefined && { others }),
    ...(features !== undefined && { features }),
    ...(signal !== undefined && { signal }),
  });
}
