/**
 * One market as rows to learn from: features and labels joined by timestamp, never by position.
 * It refuses to pair a row with a label of another time, and keeps no label without the time it became known.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { listings } from "../data/listings.ts";
export { bisectLeft as lowerBound } from "../features/bisect.ts";
import type { FeatureFunction, FeatureMatrix } from "../features/feature_matrix.ts";
import { forwardReturns, type LabelFunction, type Labels } from "../features/labels.ts";
import { sequenceFeatures } from "../features/sequence_features.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** Rows of one market, oldest first, each with its features and its label. */
export interface MarketRows {
  /** Market name. */
  readonly market: string;
  /** Number of rows. */
  readonly rows: number;
  /** Number of features. */
  readonly cols: number;
  /** Open time of each row's bar, ms UTC, `[rows]`. */
  readonly time: Float64Array;
  /** Open time of the bar whose close completes the label, ms UTC, `[rows]`. */
  readonly knownAt: Float64Array;
  /** Features, `[rows, cols]` row-major. */
  readonly x: Float64Array;
  /** Labels as fractions, `[rows]`. */
  readonly y: Float64Array;
  /** Bars that a label looks ahead. */
  readonly horizon: number;
}

/** How {@linkcode marketRows} makes rows of candles. */
export interface MarketRowsOptions {
  /** Bars that a label looks ahead, at least 1. */
  readonly horizon: number;
  /** Features (default `tradingFeatures`). */
  readonly features?: FeatureFunction;
  /** Bars of features that a row holds, `[lookback][features]` with the oldest first (default 1: those of its own bar). */
  readonly lookback?: number;
  /** Labels (default `forwardReturns`). */
  readonly labels?: LabelFunction;
}

/**
 * Joins features and labels of one market by timestamp. Rows that only one of the two has are left out.
 *
 * @param market Market name.
 * @param features Features with their times, ascending.
 * @param labels Labels with their times, ascending.
 * @throws {DataError} No time is in both.
 *
 * @example
 * ```ts
 * import { forwardReturns, sampleMarkets, tradingFeatures } from "@adaptrade/adaptrade";
 * import { joinRows } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const { rows, cols } = joinRows("DAX", tradingFeatures(dax), forwardReturns(dax, 5));
 * assertEquals([rows > 1000, cols], [true, 10]);
 * ```
 */
export function joinRows(market: string, features: FeatureMatrix, labels: Labels): MarketRows {
  const { cols } = features;
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < features.rows && j < labels.time.length;) {
    if (features.time[i] === labels.time[j]) pairs.push([i++, j++]);
    else if (features.time[i] < labels.time[j]) i++;
    else j++;
  }
  if (pairs.length === 0) {
    throw new DataError(
      `Cannot join ${market}: ${features.rows} rows of features and ${labels.time.length} labels share no time`,
    );
  }
  const x = new Float64Array(pairs.length * cols);
  pairs.forEach(([i], row) => x.set(features.values.subarray(i * cols, (i + 1) * cols), row * cols));
  return {
    market,
    rows: pairs.length,
    cols,
    time: Float64Array.from(pairs, ([i]) => features.time[i]),
    knownAt: Float64Array.from(pairs, ([, j]) => labels.knownAt[j]),
    x,
    y: Float64Array.from(pairs, ([, j]) => labels.values[j]),
    horizon: labels.horizon,
  };
}

/**
 * Makes rows of candles: features, labels, and the join of both by timestamp. Neither reaches across a hole behind which another
 * instrument may trade; a stretch between two of them that is too short gives no rows.
 *
 * @param candles Bars of one market.
 * @param options Horizon, and other features or labels than the standard ones.
 * @throws {DataError} The market is shorter than the warm-up, the lookback and the horizon together.
 * @throws {RangeError} `lookback` is no whole number of at least 1.
 *
 * @example
 * ```ts
 * import { marketRows, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const { market, cols, horizon } = marketRows(dax, { horizon: 5 });
 * assertEquals([market, cols, horizon], ["DAX", 10, 5]);
 * ```
 */
export function marketRows(candles: Candles, options: MarketRowsOptions): MarketRows {
  requireKnownKeys("Cannot make rows", "options", options, TASK_KEYS);
  const { horizon, lookback = 1, labels = forwardReturns } = options;
  const features = sequenceFeatures(lookback, options.features);
  const parts = listings(candles);
  const rowsOf = (part: Candles): MarketRows => joinRows(part.symbol, features(part), labels(part, horizon));
  if (parts.length === 1) return rowsOf(candles);
  const errors: DataError[] = [];
  const rows = parts.flatMap((part) => {
    try {
      return [rowsOf(part)];
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      errors.push(error);
      return [];
    }
  });
  if (rows.length === 0) throw errors[0];
  return joinInTime(rows);
}

/** Rows of several stretches of one market, in the order of time. */
function joinInTime(stretches: readonly MarketRows[]): MarketRows {
  const all = (pick: (rows: MarketRows) => Float64Array): Float64Array =>
    Float64Array.from(stretches.flatMap((rows) => [...pick(rows)]));
  return {
    ...stretches[0],
    rows: stretches.reduce((sum, { rows }) => sum + rows, 0),
    time: all(({ time }) => time),
    knownAt: all(({ knownAt }) => knownAt),
    x: all(({ x }) => x),
    y: all(({ y }) => y),
  };
}

/** Rows `start` to `end` (exclusive) as a market of their own; arrays are copied. */
export function sliceRows(market: MarketRows, start: number, end: number): MarketRows {
  const { cols } = market;
  return {
    ...market,
    rows: Math.max(0, end - start),
    time: market.time.slice(start, end),
    knownAt: market.knownAt.slice(start, end),
    x: market.x.slice(start * cols, end * cols),
    y: market.y.slice(start, end),
  };
}

/** The rows at the indices given, which ascend, as a market of their own; arrays are copied. */
export function pickRows(market: MarketRows, rows: readonly number[]): MarketRows {
  const { cols } = market;
  const x = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => x.set(market.x.subarray(row * cols, (row + 1) * cols), i * cols));
  return {
    ...market,
    rows: rows.length,
    time: Float64Array.from(rows, (row) => market.time[row]),
    knownAt: Float64Array.from(rows, (row) => market.knownAt[row]),
    x,
    y: Float64Array.from(rows, (row) => market.y[row]),
  };
}
