/**
 * Features of how violent a market is: volatility over a ladder of windows, returns, downside and volume, each relative to
 * the market's own level, so that they mean the same in every market. A row can be taken as if the market had been listed
 * at any earlier bar. It reads no bar before that one, and none beyond the longest window.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { DAY_MS, weekdayOf } from "../data/calendar.ts";
import { intervalMs } from "../data/interval.ts";
import { listingStarts } from "../data/listings.ts";
import { requireKnownKeys } from "../options.ts";
import { BAR_VARIANCE_KEYS, type BarVarianceOptions, type BarVariances, barVariances } from "./bar_variance.ts";
import type { FeatureMatrix } from "./feature_matrix.ts";

/** Decay a bar of the exponentially weighted level (RiskMetrics' λ for daily data). */
export const LEVEL_DECAY = 0.94;

/** Least share of a level that a window's mean counts as: a bar without a move is e^−4.6 of the level, not nothing. */
const LEAST_SHARE = 1e-4;

const INTRADAY = {
  windows: [1, 3, 6, 12, 24, 72, 168],
  returns: [1, 6, 24, 168],
  volumes: [1, 6, 24, 168],
  har: [0, 4, 6],
};
const DAILY = { windows: [1, 2, 5, 10, 22, 66, 132], returns: [1, 5, 22, 66], volumes: [1, 5, 22, 66], har: [0, 2, 4] };

/** A market made ready for {@linkcode riskRow}. Entry i uses bars at or before i alone. */
export interface RiskSeries {
  /** The bars. */
  readonly candles: Candles;
  /** Variances and log returns. */
  readonly bars: BarVariances;
  /** What the rows hold. */
  readonly layout: RiskLayout;
  /** min(r, 0)² of each bar's log return r, `[bars]`. */
  readonly downside: Float64Array;
  /** First bar of the listing that each bar belongs to, `[bars]`: another instrument may have traded before it. */
  readonly listed: Int32Array;
}

/** Which columns the rows of a bar length have. */
export interface RiskLayout {
  /** Column names. */
  readonly names: readonly string[];
  /** Bars of each rung of the volatility ladder, ascending, `[7]`. */
  readonly windows: readonly number[];
  /** Bars of each return. */
  readonly returns: readonly number[];
  /** Bars of each volume. */
  readonly volumes: readonly number[];
  /** Columns of the ladder that a heterogeneous autoregression reads (Corsi 2009): bar, day and week, or day, week and month. */
  readonly har: readonly number[];
  /** Columns that say something of the market, not of the clock or the history: those worth a mean over markets. */
  readonly shared: number;
  /** Whether bars are shorter than a day. */
  readonly intraday: boolean;
  /** Bars that a row looks back, at most. */
  readonly lookback: number;
}

/** What a row was measured against. */
export interface RiskLevel {
  /** Log of the exponentially weighted volatility a bar; NaN where the market has stood still. */
  volatility: number;
  /** Log of the exponentially weighted volume a bar; NaN where there is none. */
  volume: number;
}

/**
 * The columns of a bar length.
 *
 * @param interval Such as `1h`.
 */
export function riskLayout(interval: string): RiskLayout {
  const intraday = intervalMs(interval) < DAY_MS;
  const { windows, returns, volumes, har } = intraday ? INTRADAY : DAILY;
  const shared = [
    ...windows.map((w) => `volatility_${w}`),
    ...returns.map((w) => `move_${w}`),
    ...returns.slice(1).map((w) => `downside_${w}`),
    ...volumes.map((w) => `volume_${w}`),
    "level",
  ];
  const clock = intraday ? ["hour_sin", "hour_cos", "hour_sin_2", "hour_cos_2", "weekend"] : [];
  return Object.freeze({
    names: Object.freeze([...shared, "history", ...clock]),
    windows,
    returns,
    volumes,
    har,
    shared: shared.length,
    intraday,
    lookback: windows[windows.length - 1],
  });
}

/** Makes a market ready: variances, returns, the columns of its bar length, and where its listings begin. */
export function riskSeries(candles: Candles, options: BarVarianceOptions = {}): RiskSeries {
  const bars = barVariances(candles, options);
  const downside = bars.logReturn.map((move) => move < 0 ? move * move : 0);
  return { candles, bars, downside, layout: riskLayout(candles.interval), listed: listingStarts(candles) };
}

/** First bar at which a history that begins with bar `start` has a row: one bar later where only closes exist. */
export function firstRow(series: RiskSeries, start: number): number {
  return series.bars.closeOnly ? start + 1 : start;
}

/** Log of a mean over a whole, held from below; 0 of nothing. */
function relative(mean: number, whole: number): number {
  return whole > 0 ? Math.log(Math.max(mean / whole, LEAST_SHARE)) : 0;
}

/**
 * Writes the row of bar t as if the market had been listed with bar `start`: bars `max(start, t − lookback + 1)` to t and
 * no other. With σ the exponentially weighted volatility (decay {@linkcode LEVEL_DECAY}) of those bars: ln σ_w − ln σ for
 * each window w, ln(C_t / C_{t−w}) / (σ √w), √(mean of min(r, 0)²) / σ, ln of mean volume over its weighted level, ln σ
 * itself (what a short history is pulled towards), ln of the bars of history, and hour and weekend of the bar's close where
 * bars are shorter than a day.
 *
 * @param series From {@linkcode riskSeries}.
 * @param at First bar of the history, and the row's bar, at least {@linkcode firstRow}.
 * @param out Receives the row from `offset` on, and in `level`, where there is one, what the row is relative to.
 * @returns The levels; NaN in place of a volatility means that the row is empty (zeros), for the market has stood still.
 */
export function riskRow(
  series: RiskSeries,
  at: { readonly start: number; readonly bar: number },
  out: { readonly values: Float64Array; readonly offset: number; readonly level?: RiskLevel },
): RiskLevel {
  const { candles: { time, close, volume: volumes, interval }, bars: { total, inner }, downside: falls, layout } =
    series;
  const { start, bar: t } = at;
  const { values, offset } = out;
  const { windows, returns } = layout;
  const first = firstRow(series, start);
  const count = Math.min(layout.lookback, t - first + 1);
  // Not taken out of a list: the engine would then keep each sum on the heap, which is most of what a training throws away.
  let weight = 1;
  let weights = 0;
  let level = 0;
  let volumeLevel = 0;
  let variance = 0;
  let volume = 0;
  let downside = 0;
  let [w, r, q] = [0, 0, 0];
  const column = { move: windows.length, downside: windows.length + returns.length, volume: 0, rest: layout.shared };
  column.volume = column.downside + returns.length - 1;
  for (let k = 0; k < count;) {
    // Every return and volume ends where a rung of the ladder does.
    for (const end = Math.min(count, windows[w]); k < end; k++) {
      const i = t - k;
      const v = i === start ? inner[i] : total[i];
      variance += v;
      level += weight * v;
      volume += volumes[i];
      volumeLevel += weight * volumes[i];
      weights += weight;
      weight *= LEVEL_DECAY;
      // Added whether it fell or not: half of the bars did, and a processor that guesses which waits for as long as a row takes.
      if (i > start) downside += falls[i];
    }
    const last = k === count;
    while (w < windows.length && (k === windows[w] || last)) values[offset + w++] = variance / k;
    while (r < returns.length && (k === returns[r] || last)) {
      const from = Math.max(start, t - Math.min(k, returns[r]));
      values[offset + column.move + r] = Math.log(close[t] / close[from]) / Math.sqrt(Math.max(1, t - from));
      if (r > 0) values[offset + column.downside + r - 1] = downside / k;
      r++;
    }
    while (q < layout.volumes.length && (k === layout.volumes[q] || last)) {
      values[offset + column.volume + q++] = volume / k;
    }
  }
  level /= weights;
  volumeLevel /= weights;
  const still = !(level > 0);
  const sigma = Math.sqrt(level);
  for (let j = 0; j < windows.length; j++) values[offset + j] = 0.5 * relative(values[offset + j], level);
  for (let j = column.move; j < column.downside; j++) values[offset + j] = still ? 0 : values[offset + j] / sigma;
  for (let j = column.downside; j < column.volume; j++) {
    values[offset + j] = still ? 0 : Math.sqrt(values[offset + j]) / sigma;
  }
  for (let j = column.volume; j < column.rest - 1; j++) values[offset + j] = relative(values[offset + j], volumeLevel);
  values[offset + column.rest - 1] = still ? 0 : 0.5 * Math.log(level);
  values[offset + column.rest] = Math.log(Math.min(t - start + 1, 2 * layout.lookback));
  if (layout.intraday) {
    const closed = time[t] + intervalMs(interval);
    const hour = 2 * Math.PI * (closed % DAY_MS) / DAY_MS;
    const weekday = weekdayOf(closed);
    const clock = [Math.sin(hour), Math.cos(hour), Math.sin(2 * hour), Math.cos(2 * hour)];
    clock.forEach((value, j) => values[offset + column.rest + 1 + j] = value);
    values[offset + column.rest + 5] = weekday === 0 || weekday === 6 ? 1 : 0;
  }
  const { level: found = { volatility: NaN, volume: NaN } } = out;
  found.volatility = still ? NaN : 0.5 * Math.log(level);
  found.volume = volumeLevel > 0 ? Math.log(volumeLevel) : NaN;
  return found;
}

/**
 * The features that risk is forecast from, one row a bar: see {@linkcode riskRow} for the formulas. The first rows know
 * the few bars that there are, and say how many (`history`).
 *
 * @param candles Bars, oldest first.
 * @param options `closeOnly: true` reads closes alone, whatever there is.
 * @returns `[bars, cols]` (from the second bar on where only closes exist); bars at which the market had stood still for
 * the whole look-back give a row of zeros.
 * @throws {DataError} There are fewer than 2 bars.
 * @throws {RangeError} A price is not above 0, or times do not ascend.
 * @throws {TypeError} A price is not finite, or array lengths differ.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { riskFeatures } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * const [nasdaq] = await sampleMarkets({ symbols: ["NASDAQ"] });
 * const { names, rows, warmup } = riskFeatures(nasdaq);
 * assertEquals([names[0], rows, warmup], ["volatility_1", nasdaq.time.length, 0]);
 * ```
 */
export function riskFeatures(candles: Candles, options: BarVarianceOptions = {}): FeatureMatrix {
  requireKnownKeys("Cannot compute features", "options", options, BAR_VARIANCE_KEYS);
  const series = riskSeries(candles, options);
  const warmup = firstRow(series, 0);
  const bars = candles.time.length;
  if (bars < 2) throw new DataError(`Cannot compute features of ${candles.symbol}: needs at least 2 bars, got ${bars}`);
  const cols = series.layout.names.length;
  const values = new Float64Array((bars - warmup) * cols);
  for (let bar = warmup; bar < bars; bar++) {
    riskRow(series, { start: 0, bar }, { values, offset: (bar - warmup) * cols });
  }
  return { names: series.layout.names, time: candles.time.slice(warmup), rows: bars - warmup, cols, values, warmup };
}
