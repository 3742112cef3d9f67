/**
 * One market as a forecaster reads it: rows of features, anchors and labels by bar, as of any listing date, with the means
 * over the other markets beside them. Row and anchor of a bar use bars up to it alone. It scales nothing.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { listings } from "../data/listings.ts";
import type { Steps } from "../event_loop.ts";
import { type FeatureFunction, type FeatureMatrix, requireMatrix } from "../features/feature_matrix.ts";
import {
  firstRow,
  type RiskLayout,
  type RiskLevel,
  riskRow,
  type RiskSeries,
  riskSeries,
} from "../features/risk_features.ts";
import { type TargetConfig, type TargetScale, type TargetSeries, targetSeries } from "./target.ts";

/** Which features a forecaster reads. */
export interface FeatureOptions {
  /** `risk` (`riskFeatures`, default) or a function of the candles, which is then called on whole histories alone. */
  readonly features?: "risk" | FeatureFunction;
  /** Columns of one's own to append, joined by time; bars without them are not forecast. */
  readonly extra?: FeatureFunction;
  /** Read closes alone, whatever there is: for markets that are to be forecast by what close-only ones taught. */
  readonly closeOnly?: boolean;
}

/** A market made ready. */
export interface MarketTable {
  /** The bars. */
  readonly candles: Candles;
  /** Own columns: features and those appended. */
  readonly names: readonly string[];
  /** Rows of the whole history, `[bars, names.length]`; zeros where there is none. */
  readonly rows: Float64Array;
  /** Anchors of the whole history, `[bars]`; NaN where a bar cannot be forecast from. */
  readonly anchors: Float64Array;
  /** Labels in the target's unit, `[bars]`; NaN where not known or not defined. */
  readonly labels: Float64Array;
  /** Columns that a mean over markets is taken of: the first so many. */
  readonly shared: number;
  /** The layout of the risk features; the ladder's columns are those of `rows` where `risk` is true. */
  readonly layout: RiskLayout;
  /** Whether the columns are the risk features, and rows can be cut to any history. */
  readonly risk: boolean;
  /** First bar with a row of the whole history. */
  readonly first: number;
  /** Variances of the bars. */
  readonly series: RiskSeries;
  /** The target here. */
  readonly target: TargetSeries;
}

function joinByTime(
  candles: Candles,
  matrices: readonly FeatureMatrix[],
  into: { readonly rows: Float64Array; readonly cols: number; readonly at: number },
): Uint8Array {
  const have = new Uint8Array(candles.time.length);
  let bar = 0;
  for (const { time, rows, cols, values } of matrices) {
    for (let i = 0; i < rows && bar < have.length;) {
      if (time[i] < candles.time[bar]) i++;
      else if (time[i] > candles.time[bar]) bar++;
      else {
        into.rows.set(values.subarray(i * cols, (i + 1) * cols), bar * into.cols + into.at);
        have[bar] = 1;
        i++;
        bar++;
      }
    }
  }
  return have;
}

/** What a function makes of each listing of a market, for none may look into another; those too short for it have no row. */
function byListing(features: FeatureFunction, candles: Candles): FeatureMatrix[] {
  const parts = listings(candles);
  const made: FeatureMatrix[] = [];
  const errors: DataError[] = [];
  for (const part of parts) {
    try {
      made.push(requireMatrix(features(part), part, made[0]));
    } catch (error) {
      if (!(error instanceof DataError) || parts.length === 1) throw error;
      errors.push(error);
    }
  }
  if (made.length === 0) throw errors[0];
  return made;
}

/** Rows that are made without a pause. */
export const ROWS_A_STEP = 256;

/**
 * Makes a market ready for a target. Behind a hole that another instrument may have begun after, all of it begins anew.
 *
 * @param candles Bars, oldest first.
 * @param target What is forecast.
 * @param options Which features.
 * @throws {TypeError} Features of one's own have other lengths than they say, or a value that is not finite.
 */
export function* marketTable(
  candles: Candles,
  target: TargetConfig,
  options: FeatureOptions = {},
): Steps<MarketTable> {
  const { features = "risk", extra, closeOnly } = options;
  const series = riskSeries(candles, closeOnly === undefined ? {} : { closeOnly });
  const { layout } = series;
  const bars = candles.time.length;
  const on = targetSeries(target, series);
  const own = features === "risk" ? undefined : byListing(features, candles);
  const more = extra && byListing(extra, candles);
  const ownNames = own?.[0].names ?? layout.names;
  const names = Object.freeze([...ownNames, ...(more?.[0].names ?? [])]);
  const cols = names.length;
  const rows = new Float64Array(bars * cols);
  const anchors = new Float64Array(bars).fill(NaN);
  const scratch = new Float64Array(layout.names.length);
  for (let bar = 0; bar < bars; bar++) {
    const start = series.listed[bar];
    if (bar < firstRow(series, start)) continue;
    const out = own ? { values: scratch, offset: 0 } : { values: rows, offset: bar * cols };
    anchors[bar] = on.anchor(riskRow(series, { start, bar }, out), { start, bar });
    if (bar % ROWS_A_STEP === 0) yield;
  }
  const masks = [
    own && joinByTime(candles, own, { rows, cols, at: 0 }),
    more && joinByTime(candles, more, { rows, cols, at: ownNames.length }),
  ];
  for (const mask of masks) mask?.forEach((have, bar) => !have && (anchors[bar] = NaN));
  const first = anchors.findIndex((anchor) => !Number.isNaN(anchor));
  return {
    candles,
    names,
    rows,
    anchors,
    labels: on.labels,
    shared: own ? ownNames.length : layout.shared,
    layout,
    risk: own === undefined,
    first: first < 0 ? bars : first,
    series,
    target: on,
  };
}

/** Whether anchors of a table are finite somewhere; a market that stands still throughout is not. */
export function requireRows(table: MarketTable): void {
  if (table.first < table.candles.time.length) return;
  throw new DataError(`Cannot forecast ${table.candles.symbol}: none of its ${table.candles.time.length} bars moves`);
}

/**
 * Copies `from[at .. at + count]` to where `to` says. A view of them would be garbage at every row: millions of rows are made for a
 * training, which is also why what says where a row goes is made once for many.
 */
export function copyNumbers<A extends Float32Array | Float64Array>(
  from: A,
  at: number,
  to: { readonly values: A; readonly offset: number },
  count: number,
): void {
  const { values, offset } = to;
  for (let i = 0; i < count; i++) values[offset + i] = from[at + i];
}

/** First bar of the last `length` bars up to one, or of all that there are: never one of another listing. */
export function historyStart({ series }: MarketTable, bar: number, length = Infinity): number {
  return Math.max(series.listed[bar], bar - length + 1);
}

/**
 * Whether the row of a bar in a history that begins with bar `start` is the one of the whole history: behind the longest window
 * nothing depends on the start but the count of bars, which is capped there.
 */
export function isWholeRow(
  table: MarketTable,
  { start, bar }: { readonly start: number; readonly bar: number },
): boolean {
  return start <= table.series.listed[bar] || !table.risk || bar - start + 1 >= 2 * table.layout.lookback;
}

/** Label of a bar relative to an anchor; NaN where it is not known or not defined. */
export function relativeLabel(
  { labels }: MarketTable,
  scale: Pick<TargetScale, "relative">,
  bar: number,
  anchor: number,
): number {
  if (Number.isNaN(labels[bar]) || Number.isNaN(anchor)) return NaN;
  const relative = scale.relative(labels[bar], anchor);
  return Number.isFinite(relative) ? relative : NaN;
}

/**
 * Writes the row of a bar as if the market had been listed with bar `start`, and returns its anchor (NaN where there is no
 * row). Columns appended by the caller are taken from the whole history.
 */
export function rowOf(
  table: MarketTable,
  at: { readonly start: number; readonly bar: number },
  out: { readonly values: Float64Array; readonly offset: number; readonly level?: RiskLevel },
): number {
  const { start, bar } = at;
  const cols = table.names.length;
  copyNumbers(table.rows, bar * cols, out, cols);
  if (isWholeRow(table, at) || Number.isNaN(table.anchors[bar])) {
    return bar < firstRow(table.series, start) ? NaN : table.anchors[bar];
  }
  if (bar < firstRow(table.series, start)) return NaN;
  return table.target.anchor(riskRow(table.series, at, out), at);
}
