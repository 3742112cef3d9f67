/**
 * The decisions of a walk-forward: for each bar the support known by then, scaled by itself alone, and the row to forecast.
 * It prepares inputs and adapts nothing; it refuses a label that was not known at the decision.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { listings } from "../data/listings.ts";
import type { AdaptPair } from "../engine/engine.ts";
import { atOnce, type Steps } from "../event_loop.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { forwardReturns, type LabelFunction } from "../features/labels.ts";
import { applyScaler } from "../features/scaler.ts";
import { tradingFeatures } from "../features/trading_features.ts";
import { joinRows, lowerBound } from "../tasks/market_rows.ts";
import { fitTaskScaler, scaledSamples, type TaskScaler } from "../tasks/market_task.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

/** How a walk-forward is laid out. */
export interface WalkForwardOptions {
  /** Labels to adapt on at each bar: the last W known by then, at least 2 (default 40). */
  readonly supportRows?: number;
  /** Bars that a forecast looks ahead, at least 1 (default 1); train and trade on the same. */
  readonly horizon?: number;
  /** First decision is taken at or after this bar's open time, ms UTC (default: as soon as W labels are known). */
  readonly from?: number;
  /** Decisions are taken on bars before this open time, ms UTC (default: to the last bar). */
  readonly to?: number;
  /** Features (default `tradingFeatures`). */
  readonly features?: FeatureFunction;
  /** Labels (default `forwardReturns`). */
  readonly labels?: LabelFunction;
}

/** Decisions on consecutive bars of one market, and what came of each; what positions are taken and paid for on. */
export interface DecisionWalk {
  /** Index of the first bar decided on. */
  readonly start: number;
  /** Open time of the bar at whose close each decision is taken, ms UTC, `[decisions]`. */
  readonly time: Float64Array;
  /** Forward return from each decision, as a fraction; NaN where the data end before it is known. `[decisions]` */
  readonly labels: Float64Array;
  /** Deviation that forecast errors are measured in, known at each decision, `[decisions]` (default 1: the labels' own unit). */
  readonly unit?: Float64Array;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
}

/** Everything a walk-forward adapts on and forecasts, one entry a decision; errors are in deviations of the support's labels. */
export interface WalkForward extends DecisionWalk {
  /** Support and features of each decision, scaled, `[decisions]`. */
  readonly pairs: readonly AdaptPair[];
  /** Scalers of each decision, fitted on its support alone, `[decisions]`. */
  readonly scalers: readonly TaskScaler[];
  /** Open time of the bar whose close completes each decision's label, ms UTC, `[decisions]`; Infinity past the data's end. */
  readonly knownAt: Float64Array;
  /** Open time of the bar that completed the last support label, ms UTC, `[decisions]`: never after `time`. */
  readonly supportKnownAt: Float64Array;
  /**
   * 1 at decisions that know too little of the instrument they would trade, behind a hole that it may have begun after: their
   * pair is that of the decision before, and they forecast 0. Absent where there are none. `[decisions]`
   */
  readonly blind?: Uint8Array | undefined;
}

/** The decisions of one instrument: from the first bar at which W labels of its own are known to its last in the range. */
type ListingWalk = Omit<WalkForward, "horizon" | "blind"> & { readonly known: number; readonly warmup: number };

function* walkListing(candles: Candles, options: WalkForwardOptions): Steps<ListingWalk> {
  const { supportRows = 40, horizon = 1, from = -Infinity, to = Infinity } = options;
  const { features: computeFeatures = tradingFeatures, labels: computeLabels = forwardReturns } = options;
  const features = computeFeatures(candles);
  const known = joinRows(candles.symbol, features, computeLabels(candles, horizon));
  const firstKnown = known.knownAt[supportRows - 1] ?? Infinity;
  const first = lowerBound(features.time, Math.max(from, firstKnown));
  const end = Math.max(first, lowerBound(features.time, to));
  const start = lowerBound(candles.time, features.time[first]);
  const pairs: AdaptPair[] = [];
  const scalers: TaskScaler[] = [];
  const labels = new Float64Array(end - first).fill(NaN);
  const knownAt = labels.map((_, i) => candles.time[start + i + horizon] ?? Infinity);
  const supportKnownAt = new Float64Array(end - first);
  yield;
  let [seen, labelled] = [0, 0];
  for (let row = first; row < end; row++) {
    const i = row - first;
    const time = features.time[row];
    if (time !== candles.time[start + i]) {
      throw new DataError(
        `Cannot walk forward over ${candles.symbol}: the bar at ${candles.time[start + i]} has no features`,
      );
    }
    while (seen < known.rows && known.knownAt[seen] <= time) seen++;
    const scaler = fitTaskScaler(known, seen - supportRows, seen);
    const values = features.values.subarray(row * features.cols, (row + 1) * features.cols);
    pairs.push({
      support: scaledSamples(known, scaler, { start: seen - supportRows, end: seen }),
      x: Float32Array.from(applyScaler(scaler.x, values)),
    });
    scalers.push(scaler);
    supportKnownAt[i] = known.knownAt[seen - 1];
    while (labelled < known.rows && known.time[labelled] < time) labelled++;
    if (known.time[labelled] === time) [labels[i], knownAt[i]] = [known.y[labelled], known.knownAt[labelled]];
    yield;
  }
  const { warmup } = features;
  const time = features.time.slice(first, end);
  return { start, time, pairs, scalers, labels, knownAt, supportKnownAt, known: known.rows, warmup };
}

/** Walks of the instruments that a series holds; those that are too short to decide anything are left out, unless all are. */
function* walkListings(candles: Candles, options: WalkForwardOptions): Steps<ListingWalk[]> {
  const parts = listings(candles);
  if (parts.length === 1) return [yield* walkListing(candles, options)];
  const errors: DataError[] = [];
  const walks: ListingWalk[] = [];
  for (const part of parts) {
    try {
      walks.push(yield* walkListing(part, options));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      errors.push(error);
    }
  }
  if (walks.length === 0) throw errors[0];
  return walks;
}

/**
 * Lays out a walk-forward: at the close of bar t the support is the last W rows whose labels were known by then (with
 * horizon h these end at bar t − h), both scalers are fitted on it, and the features of bar t are what to forecast from.
 *
 * Behind a hole that another instrument may have begun after, features, labels and supports begin anew: until there are enough
 * of them the decisions are blind.
 *
 * @param candles Bars of one market.
 * @param options Support, horizon and time range.
 * @throws {DataError} There is no bar at which W labels are known, or bars within the range lack features.
 * @throws {RangeError} An option is out of range.
 *
 * @example
 * ```ts
 * import { sampleMarkets, walkForward } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const { pairs, time, supportKnownAt } = walkForward(dax, { from: Date.UTC(1998, 0), supportRows: 20 });
 * assertEquals([pairs[0].support.rows, supportKnownAt[0] <= time[0]], [20, true]);
 * ```
 */
export function walkForward(candles: Candles, options: WalkForwardOptions = {}): WalkForward {
  return atOnce(walkForwardSteps(candles, options));
}

/** {@linkcode walkForward} in steps, for those that a signal may end. */
export function* walkForwardSteps(candles: Candles, options: WalkForwardOptions): Steps<WalkForward> {
  requireKnownKeys("Cannot walk forward", "options", options, BACKTEST_KEYS);
  const { supportRows = 40, horizon = 1, to = Infinity } = options;
  if (!Number.isInteger(supportRows) || supportRows < 2) {
    throw new RangeError(
      `Cannot walk forward: supportRows must be an integer of at least 2, got ${String(supportRows)}`,
    );
  }
  const walks = yield* walkListings(candles, options);
  const sighted = walks.filter(({ time }) => time.length > 0);
  const decided = sighted.reduce((sum, { time }) => sum + time.length, 0);
  if (decided < 2) {
    const labels = walks.reduce((sum, { known }) => sum + known, 0);
    throw new DataError(
      `Cannot walk forward over ${candles.symbol}: needs 2 bars within the range at which ${supportRows} labels are known, ` +
        `got ${decided} (${candles.time.length} bars, ${labels} labels behind a warm-up of ${walks[0].warmup})`,
    );
  }
  if (walks.length === 1 && listings(candles).length === 1) {
    const { known: _known, warmup: _warmup, ...walk } = walks[0];
    return { ...walk, unit: labelDeviations(walk.scalers), horizon };
  }
  const start = lowerBound(candles.time, sighted[0].time[0]);
  const time = candles.time.slice(start, lowerBound(candles.time, to));
  const pairs: AdaptPair[] = [];
  const scalers: TaskScaler[] = [];
  const labels = new Float64Array(time.length).fill(NaN);
  const knownAt = labels.map((_, i) => candles.time[start + i + horizon] ?? Infinity);
  const supportKnownAt = new Float64Array(time.length);
  const blind = new Uint8Array(time.length).fill(1);
  for (const walk of sighted) {
    const at = lowerBound(time, walk.time[0]);
    while (pairs.length < at) repeatLast(pairs, scalers);
    pairs.push(...walk.pairs);
    scalers.push(...walk.scalers);
    labels.set(walk.labels, at);
    // A label that an instrument's end cut off has nothing to wait for.
    walk.labels.forEach((label, i) => Number.isNaN(label) || (knownAt[at + i] = walk.knownAt[i]));
    supportKnownAt.set(walk.supportKnownAt, at);
    blind.fill(0, at, at + walk.time.length);
  }
  while (pairs.length < time.length) repeatLast(pairs, scalers);
  for (let i = 1; i < time.length; i++) if (blind[i]) supportKnownAt[i] = supportKnownAt[i - 1];
  return {
    start,
    time,
    pairs,
    scalers,
    labels,
    knownAt,
    unit: labelDeviations(scalers),
    supportKnownAt,
    horizon,
    blind,
  };
}

/** Deviation of each support's labels: the unit of its forecast error. */
function labelDeviations(scalers: readonly TaskScaler[]): Float64Array {
  return Float64Array.from(scalers, ({ y }) => y.scale[0]);
}

/** Stands in for a decision without a support of its own by the one before it; what is forecast from it is not read. */
function repeatLast(pairs: AdaptPair[], scalers: TaskScaler[]): void {
  pairs.push(pairs[pairs.length - 1]);
  scalers.push(scalers[scalers.length - 1]);
}

/** Predictions `[decisions]` (scaled) as returns; 0 where a decision is blind. */
export function predictedReturns(
  { scalers, blind }: Pick<WalkForward, "scalers" | "blind">,
  outputs: readonly Float32Array[],
): Float64Array {
  return Float64Array.from(
    outputs,
    ([output], i) => blind?.[i] ? 0 : output * scalers[i].y.scale[0] + scalers[i].y.mean[0],
  );
}

/**
 * Mean squared error of forecast returns over the decisions whose label is known, each in units of its own
 * deviation (that of the support's labels, or the anchor): what the network is trained to lower. NaN when no label is known.
 */
export function queryLoss(walk: Pick<DecisionWalk, "labels" | "unit">, predictions: Float64Array): number {
  let [sum, count] = [0, 0];
  walk.labels.forEach((label, i) => {
    if (Number.isNaN(label)) return;
    sum += ((predictions[i] - label) / (walk.unit?.[i] ?? 1)) ** 2;
    count++;
  });
  return sum / count;
}
