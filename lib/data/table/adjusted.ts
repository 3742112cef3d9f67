/**
 * The adjusted close of a table: bars scaled by it on request, or a note where the plain close shows a split that the adjusted
 * one does not. Volume is never scaled: an adjusted close holds dividends too, which do not change the number of shares.
 * @module
 */
import type { Candles } from "../candles.ts";

/** Between two bars the ratio of adjusted to plain close moves by this much at a split, and by less at a dividend. */
const LEAST_SPLIT = 1.3;

/** Splits that a note names. */
const MOST_NAMED = 3;

/**
 * Candles whose prices are those of the adjusted close: each bar times `adjusted / close`.
 *
 * @param candles The bars; unchanged.
 * @param adjusted Adjusted closes, `[bars]`.
 * @param error Makes the error about a bar.
 * @throws An error where an adjusted close is missing or a close is 0.
 */
export function scaleByAdjusted(
  candles: Candles,
  adjusted: Float64Array,
  error: (bar: number, words: string) => Error,
): Candles {
  const { open, high, low, close } = candles;
  const scaled = { open: open.slice(), high: high.slice(), low: low.slice() };
  // Where a price is the close, it stays the close to the last bit.
  const times = (price: number, factor: number, bar: number): number =>
    price === close[bar] ? adjusted[bar] : price * factor;
  for (let i = 0; i < close.length; i++) {
    const factor = adjusted[i] / close[i];
    if (!Number.isFinite(factor)) {
      throw error(i, `expected a number for the adjusted close, got ${adjusted[i]} at a close of ${close[i]}`);
    }
    scaled.open[i] = times(open[i], factor, i);
    scaled.high[i] = times(high[i], factor, i);
    scaled.low[i] = times(low[i], factor, i);
  }
  return { ...candles, ...scaled, close: adjusted };
}

/**
 * Notes on an adjusted close that was not asked for, and on splits that the plain close still has.
 *
 * @param candles The bars.
 * @param adjusted Adjusted closes, `[bars]`.
 */
export function findSplits({ time, close }: Candles, adjusted: Float64Array): string[] {
  const splits: string[] = [];
  for (let i = 1; i < close.length; i++) {
    const change = (adjusted[i] / close[i]) / (adjusted[i - 1] / close[i - 1]);
    if (change >= LEAST_SPLIT || change <= 1 / LEAST_SPLIT) splits.push(new Date(time[i]).toISOString().slice(0, 10));
  }
  const notes = ["its adjusted close was not read; adjusted: true scales prices by it"];
  if (splits.length > 0) {
    const more = splits.length > MOST_NAMED ? ` and ${splits.length - MOST_NAMED} more` : "";
    notes.push(
      `its prices look unadjusted for splits: the adjusted close moves apart from the close on ` +
        `${splits.slice(0, MOST_NAMED).join(", ")}${more}; pass adjusted: true`,
    );
  }
  return notes;
}
