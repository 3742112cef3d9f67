/**
 * Scaling by the training pool: fitted once on rows of many markets, stored with the forecaster, never refitted on a support.
 * Inputs are bounded and labels cut, so that one bar of thirty deviations cannot carry a fit.
 * @module
 */
import type { Scaler } from "../features/scaler.ts";

/** Scaled inputs lie within ± this many deviations of the pool. */
export const INPUT_BOUND = 5;
/** Scaled labels to learn from are cut at ± this many deviations of the pool. */
export const LABEL_CUT = 4;
/** Least deviation of a column, as a share of its largest value: below it the column says nothing and is dropped. */
const LEAST_SPREAD = 1e-9;

/** Scales of features and labels, of the training pool. */
export interface PoolScaler {
  /** Of the columns, `[cols]`; scale Infinity drops a column. */
  readonly x: Scaler;
  /** Mean of labels relative to their anchors; 0 for targets that are centred. */
  readonly labelMean: number;
  /** Deviation of labels relative to their anchors. */
  readonly labelScale: number;
  /** Columns that count less the longer the history: the absolute level, which a market soon tells by itself. */
  readonly fading: {
    /** Which, ascending. */
    readonly columns: readonly number[];
    /** The column that holds ln of the bars of history; −1 where there is none. */
    readonly history: number;
  };
}

/** Bars of history at which a fading column counts half. */
const FADE_BARS = 20;

/** Mean and deviation of columns; a column of almost no spread is dropped (scale Infinity) rather than blown up. */
export function fitColumns(values: Float64Array, cols: number): Scaler {
  const rows = values.length / cols;
  const mean = new Float64Array(cols);
  const scale = new Float64Array(cols);
  for (let j = 0; j < cols; j++) {
    let [sum, largest] = [0, 0];
    for (let i = 0; i < rows; i++) {
      sum += values[i * cols + j];
      largest = Math.max(largest, Math.abs(values[i * cols + j]));
    }
    mean[j] = sum / rows;
    let squares = 0;
    for (let i = 0; i < rows; i++) squares += (values[i * cols + j] - mean[j]) ** 2;
    const deviation = Math.sqrt(squares / Math.max(1, rows - 1));
    scale[j] = deviation > LEAST_SPREAD * largest ? deviation : Infinity;
  }
  return { mean, scale };
}

/**
 * Fits the scales of a pool.
 *
 * @param values Rows of the pool, `[rows, cols]`.
 * @param relative Labels relative to their anchors, `[rows]`.
 * @param options `centred`: whether 0 is a label's natural mean, so that none is fitted; and which columns fade.
 */
export function fitPool(
  values: Float64Array,
  relative: Float64Array,
  options: { readonly centred: boolean; readonly fading: PoolScaler["fading"] },
): PoolScaler {
  const { centred, fading } = options;
  const x = fitColumns(values, values.length / relative.length);
  const bulk = fitColumns(relative, 1);
  // The mean and deviation of what the cut leaves: a few labels of a crash must not set the unit for all others.
  const [low, high] = [bulk.mean[0] - LABEL_CUT * bulk.scale[0], bulk.mean[0] + LABEL_CUT * bulk.scale[0]];
  const cut = fitColumns(relative.map((z) => Math.max(low, Math.min(high, z))), 1);
  const spread = cut.scale[0] < Infinity ? cut.scale[0] : 1;
  return { x, labelMean: centred ? 0 : cut.mean[0], labelScale: spread, fading };
}

/** Scales a row (or its first `cols` columns) into float32, bounded, and writes it. */
export function scaleRow(
  scaler: Pick<PoolScaler, "x" | "fading">,
  row: { readonly values: Float64Array; readonly offset: number },
  out: { readonly values: Float32Array; readonly offset: number; readonly cols?: number },
): void {
  const { x: { mean, scale }, fading: { columns, history } } = scaler;
  const { cols = mean.length } = out;
  for (let j = 0; j < cols; j++) {
    const z = (row.values[row.offset + j] - mean[j]) / scale[j];
    out.values[out.offset + j] = Math.max(-INPUT_BOUND, Math.min(INPUT_BOUND, z));
  }
  if (history < 0) return;
  const weight = FADE_BARS / (FADE_BARS + Math.exp(row.values[row.offset + history]));
  for (const column of columns) if (column < cols) out.values[out.offset + column] *= weight;
}

/** A label relative to its anchor, in deviations of the pool, cut. */
export function scaleLabel(scaler: PoolScaler, relative: number): number {
  return Math.max(-LABEL_CUT, Math.min(LABEL_CUT, (relative - scaler.labelMean) / scaler.labelScale));
}
