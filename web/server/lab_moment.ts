/**
 * One moment of one market as a walk-forward sees it: at the close of a bar the last W labels known by then, scaled by
 * themselves alone, and the bar to forecast from. Beside it the bars that came after, to judge by; nothing is fitted on those.
 * @module
 */
import { applyScaler, DataError, fitScaler, type Samples, type Scaler } from "@adaptrade/adaptrade";
import type { LabMarket } from "./lab_market.ts";

/** What is known at a moment, and what came after. */
export interface LabMoment {
  /** Open time of the bar at whose close it is, ms UTC. */
  readonly time: number;
  /** The support, scaled. */
  readonly support: Samples;
  /** Open time of each support bar, ms UTC, `[rows]`. */
  readonly supportTime: readonly number[];
  /** Scaled features of the bar itself, then of the bars after it whose label is known today, `[1 + after, inputs]`. */
  readonly x: Float32Array;
  /** Scaled labels of those bars, `[1 + after]`; NaN where the data end before the label. */
  readonly y: Float64Array;
  /** Scaler of the labels: `value · scale + mean` is a return. */
  readonly label: Scaler;
  /** The bar's own label as a return; null where the data end before it. */
  readonly actual: number | null;
}

/** How a moment is laid out. */
export interface MomentOptions {
  /** Labels to adapt on. */
  readonly supportRows: number;
  /** Bars to judge by, the bar itself among them. */
  readonly queryRows: number;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
}

/** First index whose value is above `limit`. */
function firstAbove(values: Float64Array, limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Open time of the first bar at which enough labels are known, ms UTC; null where there is none. */
export function firstMoment(market: LabMarket, { supportRows, horizon }: MomentOptions): number | null {
  return market.rows(horizon).knownAt[supportRows - 1] ?? null;
}

/**
 * Lays a moment out.
 *
 * @param market the market
 * @param time any time, ms UTC; the moment is the close of the last bar that opened by then
 * @param options rows and horizon
 * @throws {DataError} Too few labels were known by then.
 */
export function labMoment(market: LabMarket, time: number, options: MomentOptions): LabMoment {
  const { features, candles } = market;
  const { supportRows, queryRows, horizon } = options;
  const rows = market.rows(horizon);
  const { cols } = rows;
  const bar = firstAbove(features.time, time) - 1;
  const known = bar < 0 ? 0 : firstAbove(rows.knownAt, features.time[bar]);
  if (known < supportRows) {
    const first = firstMoment(market, options);
    throw new DataError(
      `Cannot adapt on ${candles.symbol} at ${
        new Date(time).toISOString().slice(0, 10)
      }: expected ${supportRows} known labels, ` +
        `received ${known}; ${first === null ? "the market is too short" : `choose ${dateOf(first)} or later`}`,
    );
  }
  const [from, at] = [known - supportRows, features.time[bar]];
  const scaler = fitScaler(rows.x.subarray(from * cols, known * cols), cols);
  const label = fitScaler(rows.y.subarray(from, known), 1);
  const own = firstAbove(rows.time, at) - 1;
  const judged = rows.time[own] === at ? Math.min(queryRows, rows.rows - own) : 1;
  const values = features.values.subarray(bar * cols, Math.min(bar + judged, features.rows) * cols);
  const labels = rows.time[own] === at ? rows.y.subarray(own, own + judged) : Float64Array.of(NaN);
  return {
    time: at,
    support: {
      rows: supportRows,
      x: Float32Array.from(applyScaler(scaler, rows.x.subarray(from * cols, known * cols))),
      y: Float32Array.from(applyScaler(label, rows.y.subarray(from, known))),
    },
    supportTime: Array.from(rows.time.subarray(from, known)),
    x: Float32Array.from(applyScaler(scaler, values)),
    y: labels.map((value) => (value - label.mean[0]) / label.scale[0]),
    label,
    actual: Number.isNaN(labels[0]) ? null : labels[0],
  };
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
