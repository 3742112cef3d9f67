/**
 * One few-shot task cut from a market: support rows, a gap, query rows, all scaled by what the support has seen.
 * It refuses a query whose first bar is not after everything the support labels looked at.
 * @module
 */
import type { Samples, Task } from "../engine/problem.ts";
import { applyScaler, fitScaler, type Scaler } from "../features/scaler.ts";
import type { MarketRows } from "./market_rows.ts";

/** Scalers of a task, fitted on its support alone. */
export interface TaskScaler {
  /** Of the features, `[cols]`. */
  readonly x: Scaler;
  /** Of the labels, `[1]`: `invertScaler(y, prediction)` is a return again. */
  readonly y: Scaler;
}

/** A task that remembers where it came from and how to turn predictions back into returns. */
export interface MarketTask extends Task {
  /** Market and first support time. */
  readonly name: string;
  /** The market it was cut from. */
  readonly market: string;
  /** Scalers fitted on the support. */
  readonly scaler: TaskScaler;
  /** Open time of each support bar, ms UTC, `[support.rows]`. */
  readonly supportTime: Float64Array;
  /** Open time of each query bar, ms UTC, `[query.rows]`. */
  readonly queryTime: Float64Array;
  /** Open time of the bar whose close completed the last support label, ms UTC. */
  readonly supportKnownAt: number;
  /** Open time of the bar whose close completed the last query label, ms UTC. */
  readonly knownAt: number;
}

/** Fits a task's scalers on rows `start` to `end` (exclusive). */
export function fitTaskScaler(market: MarketRows, start: number, end: number): TaskScaler {
  const { cols } = market;
  return {
    x: fitScaler(market.x.subarray(start * cols, end * cols), cols),
    y: fitScaler(market.y.subarray(start, end), 1),
  };
}

/** Rows `start` to `end` (exclusive), scaled, as float32 samples. */
export function scaledSamples(
  market: MarketRows,
  scaler: TaskScaler,
  range: { readonly start: number; readonly end: number },
): Samples {
  const { start, end } = range;
  const { cols } = market;
  return {
    rows: end - start,
    x: Float32Array.from(applyScaler(scaler.x, market.x.subarray(start * cols, end * cols))),
    y: Float32Array.from(applyScaler(scaler.y, market.y.subarray(start, end))),
  };
}

/** Lengths of a task in rows. */
export interface TaskShape {
  /** Rows to adapt on, at least 2. */
  readonly supportRows: number;
  /** Rows to be judged on, at least 1. */
  readonly queryRows: number;
}

/** Rows that one task spans: support, a gap of the horizon, query. */
export function taskSpan(shape: TaskShape, horizon: number): number {
  return shape.supportRows + horizon + shape.queryRows;
}

/**
 * Cuts the task whose support starts at row `start`. Between support and query lie `horizon` rows, so that no bar that a
 * support label looked at is a query bar.
 *
 * @throws {RangeError} The task does not fit, or the query would begin before the support labels are known.
 */
export function cutTask(market: MarketRows, start: number, shape: TaskShape): MarketTask {
  const supportEnd = start + shape.supportRows;
  const queryStart = supportEnd + market.horizon;
  const queryEnd = queryStart + shape.queryRows;
  if (start < 0 || queryEnd > market.rows) {
    throw new RangeError(
      `Cannot cut a task from ${market.market}: rows ${start} to ${queryEnd} are not within its ${market.rows} rows`,
    );
  }
  const supportKnownAt = market.knownAt[supportEnd - 1];
  if (supportKnownAt >= market.time[queryStart]) {
    throw new RangeError(
      `Cannot cut a task from ${market.market}: its query begins at ${market.time[queryStart]}, ` +
        `its support labels reach to ${supportKnownAt}`,
    );
  }
  const scaler = fitTaskScaler(market, start, supportEnd);
  return {
    name: `${market.market} ${new Date(market.time[start]).toISOString().slice(0, 16)}`,
    market: market.market,
    support: scaledSamples(market, scaler, { start, end: supportEnd }),
    query: scaledSamples(market, scaler, { start: queryStart, end: queryEnd }),
    scaler,
    supportTime: market.time.slice(start, supportEnd),
    queryTime: market.time.slice(queryStart, queryEnd),
    supportKnownAt,
    knownAt: market.knownAt[queryEnd - 1],
  };
}
