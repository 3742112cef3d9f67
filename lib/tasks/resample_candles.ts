/**
 * Coarser bars out of finer ones, aligned to UTC. It refuses to hand out a bar whose time is not over: what it gives for
 * the first bars of a series is what it gives for them in the whole series.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { intervalMs, intervalName } from "../data/interval.ts";
import { requireCandles } from "../features/feature_matrix.ts";

const WEEK_MS = 604_800_000;
/** Weeks begin on Monday; 1970-01-01 was a Thursday. */
const FIRST_MONDAY = 345_600_000;

function coarseMs(candles: Candles, scale: number | string): number {
  const base = intervalMs(candles.interval);
  if (typeof scale === "number" && (!Number.isInteger(scale) || scale < 1)) {
    throw new RangeError(`Cannot resample: the factor must be an integer of at least 1, got ${String(scale)}`);
  }
  const ms = typeof scale === "number" ? scale * base : intervalMs(scale);
  if (ms % base !== 0) {
    throw new RangeError(
      `Cannot resample ${candles.symbol}: ${scale} must be a multiple of its interval, ${candles.interval}`,
    );
  }
  return ms;
}

/**
 * Joins bars into coarser ones: first open, highest high, lowest low, last close, summed volume. Coarse bars begin at
 * multiples of their length from 1970-01-01 UTC, those of whole weeks on a Monday. A bar is given once a finer bar has
 * closed at its end or one after it has opened, so the last one may be missing; the first one is left out where the series
 * begins within it. Holes stay holes.
 *
 * @param candles Bars of one market, oldest first.
 * @param scale How many of them make a coarse bar, or the coarse interval, such as `"4h"`.
 * @returns New candles; a close-only market stays one.
 * @throws {DataError} There is no coarse bar that is whole.
 * @throws {RangeError} The scale is no multiple of the interval, or a price is not above 0.
 * @throws {TypeError} A price is not finite, or array lengths differ.
 *
 * @example
 * ```ts
 * import { resampleCandles } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const close = Float64Array.of(1, 2, 3, 4, 5);
 * const time = close.map((_, i) => i * 3_600_000);
 * const candles = { symbol: "X", interval: "1h", time, open: close, high: close, low: close, close, volume: close };
 * const { interval, open, volume } = resampleCandles(candles, 2);
 * assertEquals([interval, [...open], [...volume]], ["2h", [1, 3], [3, 7]]); // the third is not over
 * ```
 */
export function resampleCandles(candles: Candles, scale: number | string): Candles {
  requireCandles(candles, "resample");
  const base = intervalMs(candles.interval);
  const ms = coarseMs(candles, scale);
  const offset = ms % WEEK_MS === 0 ? FIRST_MONDAY : 0;
  const { time, open, high, low, close, volume } = candles;
  const begin = (t: number): number => Math.floor((t - offset) / ms) * ms + offset;
  const bars: { start: number; end: number; time: number }[] = [];
  for (let start = 0; start < time.length;) {
    const opens = begin(time[start]);
    let end = start + 1;
    while (end < time.length && begin(time[end]) === opens) end++;
    const begun = start > 0 || time[start] === opens;
    const over = end < time.length || time[end - 1] + base >= opens + ms;
    if (begun && over) bars.push({ start, end, time: opens });
    start = end;
  }
  const interval = intervalName(ms);
  if (bars.length === 0) {
    throw new DataError(
      `Cannot resample ${candles.symbol} to ${interval}: ${time.length} bars of ${candles.interval} hold no whole one`,
    );
  }
  const closes = Float64Array.from(bars, ({ end }) => close[end - 1]);
  const fold = (values: Float64Array, join: (a: number, b: number) => number): Float64Array =>
    Float64Array.from(bars, ({ start, end }) => values.subarray(start, end).reduce((a, b) => join(a, b)));
  const closeOnly = candles.closeOnly === true;
  return {
    symbol: candles.symbol,
    interval,
    time: Float64Array.from(bars, (bar) => bar.time),
    open: closeOnly ? closes : Float64Array.from(bars, ({ start }) => open[start]),
    high: closeOnly ? closes : fold(high, Math.max),
    low: closeOnly ? closes : fold(low, Math.min),
    close: closes,
    volume: fold(volume, (a, b) => a + b),
    ...(closeOnly && { closeOnly }),
  };
}
