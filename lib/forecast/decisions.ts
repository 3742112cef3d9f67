/**
 * What a model is given at a decision: the scaled row to forecast from, and the labelled rows known by then to adapt on.
 * Every label in a support was known at the decision's close; nothing is scaled on the support. It forecasts nothing.
 * @module
 */
import type { Samples } from "../engine/problem.ts";
import type { RiskLevel } from "../features/risk_features.ts";
import { type MarketMeans, type MarketSums, meansBeside } from "./market_means.ts";
import { copyNumbers, isWholeRow, type MarketTable, relativeLabel, rowOf } from "./market_table.ts";
import { type PoolScaler, scaleLabel, scaleRow } from "./pool_scaler.ts";
import type { TargetScale } from "./target.ts";

/** What a model is given of a row, and what its label is taken relative to. */
export interface RowPlan {
  /** Columns: own ones alone, or all. */
  readonly cols: number;
  /** Linear rule whose rest the model learns, on scaled columns; null where it learns the whole. */
  readonly skip: LinearRule | null;
}

/** How supports are laid out. */
export interface SupportPlan extends RowPlan {
  /** Bars that a label looks ahead. */
  readonly horizon: number;
  /** Labelled rows to adapt on, at most. */
  readonly rows: number;
  /** Bars between them. */
  readonly spacing: number;
  /** Which labelled bars may be adapted on (default all). */
  readonly adaptOn?: AdaptOn | undefined;
}

/** Whether the labelled bar `row` may be adapted on at the close of bar `decision`, both by index. */
export type AdaptOn = (row: number, decision: number) => boolean;

/** A market whose rows are scaled: own columns first, then the means over the other markets. */
export interface ScaledMarket {
  /** The market. */
  readonly table: MarketTable;
  /** Own columns. */
  readonly own: number;
  /** All columns. */
  readonly cols: number;
  /** Scaled rows of the whole history, `[bars, cols]`. */
  readonly rows: Float32Array;
  /** Means over the other markets at each bar. */
  readonly means: MarketMeans;
  /** The scales. */
  readonly scaler: PoolScaler;
  /** From labels to what networks learn. */
  readonly scale: TargetScale;
  /** Room for one row before it is scaled, `[cols]`, from 0 on; what it holds between two calls means nothing. */
  readonly room: { readonly values: Float64Array; readonly offset: number; readonly level: RiskLevel };
}

/** A linear rule on some of the columns, the same at every length of history or one that changes with it. */
export interface LinearRule {
  /** Which columns of the scaled row, ascending. */
  readonly columns: readonly number[];
  /** Intercept and slopes, `[columns.length + 1]`; one such row a knot where it changes with history, `[knots, columns.length + 1]`. */
  readonly beta: Float64Array;
  /** Where it changes with history; between two knots it is between their rules. */
  readonly byHistory?: {
    /** The column of the scaled row that holds the history. */
    readonly column: number;
    /** Values of that column, ascending. */
    readonly knots: readonly number[];
  };
}

/** The knot at or before the history of the row at `offset`, the first where it is shorter than all. */
function knotBefore({ byHistory }: LinearRule, x: Float32Array, offset: number): number {
  if (!byHistory) return 0;
  const { column, knots } = byHistory;
  let next = 1;
  while (next < knots.length && x[offset + column] >= knots[next]) next++;
  return next - 1;
}

/** How far that history lies towards the next knot, a share. */
function shareAfter({ byHistory }: LinearRule, knot: number, x: Float32Array, offset: number): number {
  if (!byHistory || knot + 1 >= byHistory.knots.length) return 0;
  const { column, knots } = byHistory;
  return Math.max(0, (x[offset + column] - knots[knot]) / (knots[knot + 1] - knots[knot]));
}

/** What the rule of one knot says of the row at `offset`. */
function knotValue({ columns, beta }: LinearRule, knot: number, x: Float32Array, offset: number): number {
  const at = knot * (columns.length + 1);
  let sum = beta[at];
  for (let j = 0; j < columns.length; j++) sum += beta[at + j + 1] * x[offset + columns[j]];
  return sum;
}

/** What a linear rule says of the row at `offset`. */
export function ruleValue(rule: LinearRule, x: Float32Array, offset: number): number {
  const knot = knotBefore(rule, x, offset);
  const share = shareAfter(rule, knot, x, offset);
  const said = knotValue(rule, knot, x, offset);
  return share === 0 ? said : (1 - share) * said + share * knotValue(rule, knot + 1, x, offset);
}

/** Intercept and slopes of a linear rule at the history of a row, `[columns.length + 1]`. */
export function ruleCoefficients(rule: LinearRule, x: Float32Array): Float64Array {
  const { columns: { length }, beta } = rule;
  const knot = knotBefore(rule, x, 0);
  const share = shareAfter(rule, knot, x, 0);
  const at = knot * (length + 1);
  const next = share === 0 ? at : at + length + 1;
  return Float64Array.from({ length: length + 1 }, (_, j) => (1 - share) * beta[at + j] + share * beta[next + j]);
}

/** A decision's place: the bar at whose close it is taken, and the first bar of the history that it may know. */
export interface DecisionAt {
  /** First bar of the history. */
  readonly start: number;
  /** Bar at whose close it is taken. */
  readonly bar: number;
}

/** Means over the other markets beside a table, or none: all counts 0. */
export function meansOrNone(sums: MarketSums | null, table: MarketTable): MarketMeans {
  if (sums) return meansBeside(sums, table);
  const bars = table.candles.time.length;
  return { values: new Float64Array(bars * table.shared), counts: new Float64Array(bars) };
}

/** Scales a market's rows by the pool. Means over other markets that none has a bar for are the pool's mean. */
export function scaleMarket(
  table: MarketTable,
  means: MarketMeans,
  scaling: { readonly scaler: PoolScaler; readonly scale: TargetScale },
): ScaledMarket {
  const { scaler, scale } = scaling;
  const own = table.names.length;
  const cols = scaler.x.mean.length;
  const bars = table.candles.time.length;
  const rows = new Float32Array(bars * cols);
  const room = { values: new Float64Array(cols), offset: 0, level: { volatility: NaN, volume: NaN } };
  const out = { values: rows, offset: 0, cols };
  const market = { table, own, cols, rows, means, scaler, scale, room };
  for (let bar = table.first; bar < bars; bar++) {
    copyNumbers(table.rows, bar * own, room, own);
    out.offset = bar * cols;
    scaleWith(market, bar, out);
  }
  return market;
}

/** Writes the scaled row of a decision and returns its anchor; NaN where there is none. */
export function decisionRow(
  market: ScaledMarket,
  at: DecisionAt,
  out: { readonly values: Float32Array; readonly offset: number; readonly cols: number },
): number {
  const { table, cols, rows, room } = market;
  const { bar } = at;
  if (isWholeRow(table, at)) {
    copyNumbers(rows, bar * cols, out, out.cols);
    return table.anchors[bar];
  }
  const anchor = rowOf(table, at, room);
  scaleWith(market, bar, out);
  return anchor;
}

/**
 * Puts the means over the other markets behind a bar's own columns, which are in the room, and scales all; without another market
 * they are the pool's mean.
 */
function scaleWith(
  { own, cols, means, table: { shared }, scaler, room }: ScaledMarket,
  bar: number,
  out: { readonly values: Float32Array; readonly offset: number; readonly cols: number },
): void {
  for (let j = own; j < cols; j++) room.values[j] = means.values[bar * shared + j - own];
  scaleRow(scaler, room, out);
  if (!(means.counts[bar] > 0) && out.cols > own) out.values.fill(0, out.offset + own, out.offset + out.cols);
}

/**
 * Label of a bar as a network learns it: relative to its anchor, in deviations of the pool, cut, less what the linear rule
 * says of its row; NaN where it is not known or not defined.
 */
function learnedLabel(
  market: ScaledMarket,
  bar: number,
  row: {
    readonly anchor: number;
    readonly x: Float32Array;
    readonly offset: number;
    readonly skip: LinearRule | null;
  },
): number {
  const relative = relativeLabel(market.table, market.scale, bar, row.anchor);
  if (Number.isNaN(relative)) return NaN;
  const scaled = scaleLabel(market.scaler, relative);
  return row.skip ? scaled - ruleValue(row.skip, row.x, row.offset) : scaled;
}

/** Rows to adapt on, and how many there would be had every bar moved. */
export interface Support extends Samples {
  /** Bars that were looked at: labelled rows, and those whose label is not defined, for the market stood still. */
  readonly places: number;
}

/** Writes rows of a history that begins with bar `start` into `x` at an offset, and says their labels as a network learns them. */
export function rowWriter(
  market: ScaledMarket,
  { start, x, cols, skip }: {
    readonly start: number;
    readonly x: Float32Array;
    readonly cols: number;
    readonly skip: LinearRule | null;
  },
): (bar: number, offset: number) => number {
  const at = { start, bar: 0 };
  const out = { values: x, offset: 0, cols };
  const row = { anchor: NaN, x, offset: 0, skip };
  return (bar, offset) => {
    at.bar = bar;
    out.offset = row.offset = offset;
    row.anchor = decisionRow(market, at, out);
    return learnedLabel(market, bar, row);
  };
}

/**
 * Rows to adapt on at a decision: of the last `plan.rows` whose outcome was known at its close and that may be adapted on, at
 * least `plan.spacing` bars apart, oldest first, those that have a label. Nothing older takes the place of a bar in which the
 * market stood still.
 */
export function supportOf(market: ScaledMarket, at: DecisionAt, plan: SupportPlan): Support {
  const { start, bar } = at;
  const { horizon, rows: wanted, spacing, cols, skip, adaptOn } = plan;
  const x = new Float32Array(wanted * (cols + 1));
  const y = x.subarray(wanted * cols);
  const write = rowWriter(market, { start, x, cols, skip });
  let [free, places, row] = [wanted, 0, bar - horizon];
  while (row >= start && places < wanted) {
    if (adaptOn && !adaptOn(row, bar)) {
      row--;
      continue;
    }
    const label = write(row, (free - 1) * cols);
    if (!Number.isNaN(label)) y[--free] = label;
    row -= spacing;
    places++;
  }
  return { rows: wanted - free, places, x: x.subarray(free * cols, wanted * cols), y: y.subarray(free) };
}

/** Whether a support says nothing to adapt on: no row, equal labels, or no column that varies. */
export function saysNothing({ rows, x, y }: Samples): boolean {
  if (rows < 2 || y.every((label) => label === y[0])) return true;
  const cols = x.length / rows;
  for (let i = cols; i < x.length; i++) if (x[i] !== x[i - cols]) return false;
  return true;
}
