/**
 * A market made ready for a forecaster once, to ask of any of its bars why the forecast is what it is. It keeps nothing between
 * questions but the market.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { atOnce } from "../event_loop.ts";
import type { Engine } from "../engine/engine.ts";
import { describeForecast, type DescribeForecastOptions, type ForecastDescription } from "./describe_forecast.ts";
import { explainForecast, type ExplainForecastOptions, type ForecastExplanation } from "./explain_forecast.ts";
import { type ForecastOptions, readMarket, readOthers } from "./forecast.ts";
import type { Forecaster } from "./forecaster.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode inspectMarket} takes. */
export type InspectMarketOptions = Pick<ForecastOptions, "others" | "features" | "extra">;

const KEYS: OptionKeys<InspectMarketOptions> = { others: true, features: true, extra: true };

/** A market to ask about. */
export interface MarketInspection {
  /** Open time of the first bar that can be forecast from, ms UTC; null where none can. */
  readonly first: number | null;
  /** Open time of the first bar at which there may be rows enough to adapt on, ms UTC; null where there never are. */
  readonly adaptsFrom: number | null;
  /** Takes one forecast apart by inner steps. @throws {DataError} No bar can be forecast from by then. */
  describe(engine: Engine, options: DescribeForecastOptions): Promise<ForecastDescription>;
  /** Splits one forecast over columns and rows. @throws {DataError} No bar can be forecast from by then. */
  explain(engine: Engine, options: ExplainForecastOptions): Promise<ForecastExplanation>;
}

/**
 * Makes a market ready to ask about.
 *
 * @param forecaster From `trainForecaster`.
 * @param candles Bars of the market, oldest first, of the forecaster's bar length.
 * @param options The other markets, whose means it may read, and functions of one's own.
 * @throws {DataError} The bar length differs, or the market has closes alone and the forecaster reads ranges.
 * @throws {TypeError} An option is unknown, or the features differ from those that were trained on.
 *
 * @example
 * ```ts ignore
 * const market = inspectMarket(forecaster, candles, { others });
 * const at = Date.UTC(2018, 11, 24);
 * const { forecasts, learned } = await market.describe(engine, { at });
 * console.log(forecasts.value[0], learned.value[forecaster.steps]); // the same, within the trust region
 * const { columns, contributions } = await market.explain(engine, { at });
 * ```
 */
export function inspectMarket(
  forecaster: Forecaster,
  candles: Candles,
  options: InspectMarketOptions = {},
): MarketInspection {
  requireKnownKeys("Cannot inspect a market", "options", options, KEYS);
  const { others = [] } = options;
  const sums = atOnce(readOthers(forecaster, others, options));
  const read = atOnce(readMarket(forecaster, candles, { ...options, sums }));
  const { anchors, candles: { time } } = read.table;
  const first = anchors.findIndex((anchor) => !Number.isNaN(anchor));
  const { least, spacing } = forecaster.support;
  const adapts = first + (least - 1) * spacing + forecaster.target.horizon;
  return {
    first: time[first] ?? null,
    adaptsFrom: first < 0 ? null : time[adapts] ?? null,
    describe: (engine, at) => describeForecast(engine, forecaster, read, at),
    explain: (engine, at) => explainForecast(engine, forecaster, read, at),
  };
}
