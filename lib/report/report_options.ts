/**
 * What a report prints beside its comparisons; the page and the JSON take the same.
 * @module
 */
import type { MetaState } from "../meta/state.ts";
import type { ForecastComparison } from "../forecast/prepare_comparison.ts";
import type { Forecasts } from "../forecast/forecast.ts";
import type { HistoryCurve } from "../forecast/history_curve.ts";
import type { OptionKeys } from "../options.ts";
import type { DrawnBand } from "./showable.ts";

/** Forecasts, and how they compare: what a report opens with. */
export interface ForecastReport {
  /** From `compareForecasts`. */
  readonly comparison: ForecastComparison;
  /** Forecasts of one market, to be drawn. */
  readonly forecasts: Forecasts;
  /** Their band. */
  readonly band?: DrawnBand;
  /** From `historyCurve`. */
  readonly curve?: HistoryCurve;
  /** Sentences to print beside, such as the forecaster's notes. */
  readonly notes?: readonly string[];
}

/** What `renderReport` prints beside the comparisons. */
export interface ReportOptions {
  /** Title of the page (default `Few-shot adaptation backtest`). */
  readonly title?: string;
  /** Settings worth printing, such as seed, steps and costs, by name. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** When it was made, ms UTC, printed with the version (default now). */
  readonly madeAt?: number;
  /** The meta-learned state, for its learned rates (default: they are left out). */
  readonly state?: MetaState;
  /** Forecasts to open with (default: none). */
  readonly forecast?: ForecastReport;
}

/** Names of the options of a report. */
export const REPORT_KEYS: OptionKeys<ReportOptions> = {
  title: true,
  settings: true,
  madeAt: true,
  state: true,
  forecast: true,
};
