/**
 * What can be drawn for a notebook, and how: the types that `show.ts` and the page behind it share.
 * @module
 */
import type { Comparison } from "../backtest/comparison.ts";
import type { Candles } from "../data/candles.ts";
import type { ForecastComparison } from "../forecast/compare_forecasts.ts";
import type { Forecasts } from "../forecast/forecast.ts";
import type { HistoryCurve } from "../forecast/history_curve.ts";

/** What `show` knows to draw. */
export type Showable = Candles | Forecasts | ForecastComparison | HistoryCurve | Comparison;

/** How `show` draws. */
export interface ShowOptions {
  /** The band of forecasts, from `conformalBand` or `forecastBand` (default none). */
  readonly band?: { readonly low: Float64Array; readonly high: Float64Array };
}
