/**
 * One market as a forecaster reads it: rows of features, anchors and labels by bar, as of any listing date, with the means
 * over the other markets beside them. Row and anchor of a bar use bars up to it alone. It scales nothing.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { Steps } from "../event_loop.ts";
import type { FeatureFunction, FeatureMatrix } from "../features/feature_matrix.ts";
import { firstRow, type RiskLayout, riskRow, type RiskSeries, riskSeries } from "../features/risk_features.ts";
import { type TargetConfig, type TargetSeries, targetSeries } from "./target.ts";

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
  matrix: FeatureMatrix,
  into: { readonly rows: Float64Array; readonly cols: number; readonly at: number },
): Uint8Array {
  const have = new Uint8Array(candles.time.length);
  for (let i = 0, bar = 0; i < matrix.rows && bar < have.length;) {
    if (matrix.time[i] < candles.time[bar]) i++;
    else if (matrix.time[i] > candles.time[bar]) bar++;
    else {
      into.rows.set(matrix.values.subarray(i * matrix.cols, (i + 1) * matrix.cols), bar * into.cols + into.at);
      have[bar] = 1;
      i++;
      bar++;
    }
  }
  return have;
}

/** Rows that are made without a pause. */
export const ROWS_A_STEP = 256;

/**
 * Makes a market ready for a target.
 *
 * @param candles Bars, oldest first.
 * @param target What is forecast.
 * @param options Which features.
 * @throws {DataError} The market has closes alone and ranges were asked for.
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
  const own = features === "risk" ? undefined : features(candles);
  const more = extra?.(candles);
  const ownNames = own?.names ?? layout.names;
  const names = Object.freeze([...ownNames, ...(more?.names ?? [])]);
  const cols = names.length;
  const rows = new Float64Array(bars * cols);
  const anchors = new Float64Array(bars).fill(NaN);
  const scratch = new Float64Array(layout.names.length);
  const start = 0;
  for (let bar = firstRow(series, 0); bar < bars; bar++) {
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

/** A place in an array of numbers. */
interface NumbersAt<A extends Float32Array | Float64Array> {
  readonly values: A;
  readonly offset: number;
}

/** Copies a few numbers. A view of them would be garbage at every row: millions of rows are made for a training. */
export function copyNumbers<A extends Float32Array | Float64Array>(
  from: NumbersAt<A>,
  to: NumbersAt<A>,
  count: number,
): void {
  for (let i = 0; i < count; i++) to.values[to.offset + i] = from.values[from.offset + i];
}

/**
 * Writes the row of a bar as if the market had been listed with bar `start`, and returns its anchor (NaN where there is no
 * row). Columns appended by the caller are taken from the whole history.
 */
export function rowOf(
  table: MarketTable,
  at: { readonly start: number; readonly bar: number },
  out: { readonly values: Float64Array; readonly offset: number },
): number {
  const { start, bar } = at;
  const cols = table.names.length;
  // Behind the longest window nothing depends on the start but the count of bars, which is capped there.
  const same = start === 0 || !table.risk || bar - start + 1 >= 2 * table.layout.lookback;
  copyNumbers({ values: table.rows, offset: bar * cols }, out, cols);
  if (same || Number.isNaN(table.anchors[bar])) {
    return bar < firstRow(table.series, start) ? NaN : table.anchors[bar];
  }
  if (bar < firstRow(table.series, start)) return NaN;
  return table.target.anchor(riskRow(table.series, at, out), at);
}
