/**
 * What can be drawn for a notebook, and how: the types that `show.ts` and the page behind it share.
 * @module
 */
import type { Comparison } from "../backtest/comparison.ts";
import type { Candles } from "../data/candles.ts";
import type { ForecastComparison } from "../forecast/prepare_comparison.ts";
import type { Forecasts } from "../forecast/forecast.ts";
import type { HistoryCurve } from "../forecast/history_curve.ts";

/** What `show` knows to draw. */
export type Showable = Candles | Forecasts | ForecastComparison | HistoryCurve | Comparison;

/** A band of forecasts, from `conformalBand` or `forecastBand`. */
export interface DrawnBand {
  /** Lower edges, `[decisions]`. */
  readonly low: Float64Array;
  /** Upper edges, `[decisions]`. */
  readonly high: Float64Array;
  /** Probability with which it is to hold (default: it is called a band and no more). */
  readonly coverage?: number;
  /** Share of outcomes that it held; null before the first (default: nothing is said of it). */
  readonly share?: number | null;
  /** Outcomes. */
  readonly count?: number;
  /** Farthest that the share can be from the coverage, whatever the market does; null before the first outcome. */
  readonly bound?: number | null;
}

/** How `show` draws. */
export interface ShowOptions {
  /** The band of forecasts (default none). */
  readonly band?: DrawnBand;
}
