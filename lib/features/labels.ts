/**
 * Labels: what a model learns to forecast, each with the time at which it became known.
 * It refuses to hand out a label without that time.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { requireCandles } from "./feature_matrix.ts";

/** Forward returns of one market, oldest first. */
export interface Labels {
  /** Open time of the bar that each label starts from, ms UTC, `[rows]`. */
  readonly time: Float64Array;
  /**
   * Open time of the bar whose close completes the label (bar i + horizon), ms UTC, `[rows]`. A decision taken at the
   * close of the bar that opened at `t` may use the labels with `knownAt ≤ t`, and no other.
   */
  readonly knownAt: Float64Array;
  /** close[i + horizon] / close[i] − 1, as a fraction, `[rows]`. */
  readonly values: Float64Array;
  /** Bars between the two closes. */
  readonly horizon: number;
}

/** Labels candles with some horizon. */
export type LabelFunction = (candles: Candles, horizon: number) => Labels;

/**
 * Labels every bar with its return over the next `horizon` bars. The last `horizon` bars have no label yet.
 *
 * @param candles Bars, oldest first.
 * @param horizon Bars ahead, at least 1.
 * @returns `[bars − horizon]` labels.
 * @throws {DataError} There are no more bars than the horizon.
 * @throws {RangeError} The horizon is not a positive integer, or a price is not above 0.
 * @throws {TypeError} A price is not finite, or array lengths differ.
 *
 * @example
 * ```ts
 * import { forwardReturns } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const close = Float64Array.of(100, 110, 121);
 * const time = Float64Array.of(0, 60_000, 120_000);
 * const candles = { symbol: "X", interval: "1m", time, open: close, high: close, low: close, close, volume: close };
 * const labels = forwardReturns(candles, 2);
 * assertEquals([labels.time[0], labels.knownAt[0], labels.values[0].toFixed(2)], [0, 120_000, "0.21"]);
 * ```
 */
export function forwardReturns(candles: Candles, horizon: number): Labels {
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`Cannot label: horizon must be an integer of at least 1, got ${String(horizon)}`);
  }
  requireCandles(candles, "label");
  const { time, close, symbol } = candles;
  const rows = time.length - horizon;
  if (rows < 1) {
    throw new DataError(`Cannot label ${symbol}: needs more than ${horizon} bars (the horizon), got ${time.length}`);
  }
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i++) values[i] = close[i + horizon] / close[i] - 1;
  return { time: time.slice(0, rows), knownAt: time.slice(horizon), values, horizon };
}
