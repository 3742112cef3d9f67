/**
 * What a report prints beside its comparisons; the page and the JSON take the same.
 * @module
 */
import type { MetaState } from "../meta/state.ts";
import type { OptionKeys } from "../options.ts";

/** What `renderReport` prints beside the comparisons. */
export interface ReportOptions {
  /** Title of the page (default `Few-shot adaptation backtest`). */
  readonly title?: string;
  /** Settings worth printing, such as seed, steps and costs, by name. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** The meta-learned state, for its learned rates (default: they are left out). */
  readonly state?: MetaState;
}

/** Names of the options of a report. */
export const REPORT_KEYS: OptionKeys<ReportOptions> = { title: true, settings: true, state: true };
