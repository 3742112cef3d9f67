/**
 * Holes behind which another instrument may trade under the same symbol, and a market cut at them: nothing is to be held,
 * labelled or measured across one. It looks at the two bars on either side of each hole alone, never at later ones.
 * @module
 */
import { marketCalendar } from "./calendar.ts";
import type { Candles } from "./candles.ts";
import { findGaps } from "./quality_gaps.ts";

/** Behind a hole a price that doubled or halved may be another instrument's. */
const RELISTED_RATIO = 2;

/** True when a price doubled or halved: behind a hole, that may be another instrument's. */
function isAnother(before: number, after: number): boolean {
  const ratio = after / before;
  return ratio >= RELISTED_RATIO || ratio <= 1 / RELISTED_RATIO;
}

/**
 * Whether a bar may be of another instrument than the last one seen, for a market that never closes: a bar at least was missed
 * between them, and the price doubled or halved meanwhile.
 *
 * @param last The last bar seen.
 * @param bar A later bar.
 * @param step Length of a bar, ms.
 */
export function mayBeRelisted(
  last: { readonly time: number; readonly close: number },
  bar: { readonly time: number; readonly close: number },
  step: number,
): boolean {
  return bar.time - last.time > step && isAnother(last.close, bar.close);
}

/**
 * Bars that may be of another instrument than the bar before them: those behind a hole over which the price at least doubled or
 * halved.
 *
 * @param candles A series; one whose times do not ascend has none.
 * @returns Indices, ascending.
 */
export function relistings(candles: Candles): readonly number[] {
  const { time, close } = candles;
  if (time.length < 2 || !time.every((at, i) => i === 0 || at > time[i - 1])) return [];
  return [...findGaps(candles, marketCalendar(candles)).keys()].filter((i) => isAnother(close[i - 1], close[i]));
}

/** First bar of the listing that each bar belongs to, by index, `[bars]`: nothing is to look from a bar past it. */
export function listingStarts(candles: Candles): Int32Array {
  const starts = new Int32Array(candles.time.length);
  for (const from of relistings(candles)) starts.fill(from, from);
  return starts;
}

/** Bars `from` to `to` (exclusive) of a series, sharing its arrays. */
export function cutCandles(candles: Candles, from: number, to: number): Candles {
  const part = (values: Float64Array): Float64Array => values.subarray(from, to);
  const { time, open, high, low, close, volume } = candles;
  return {
    ...candles,
    time: part(time),
    open: part(open),
    high: part(high),
    low: part(low),
    close: part(close),
    volume: part(volume),
  };
}

/** A series cut where another instrument may begin, oldest first; itself alone where there is no such place. */
export function listings(candles: Candles): readonly Candles[] {
  const cuts = relistings(candles);
  if (cuts.length === 0) return [candles];
  return [0, ...cuts].map((from, i) => cutCandles(candles, from, cuts[i] ?? candles.time.length));
}
