/**
 * What looks wrong in the bars that a backtest used, carried in its result, and the holes that no position is carried through.
 * What is wrong is found in `lib/data`; nothing is repaired.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { cutCandles } from "../data/listings.ts";
import { checkCandles, type Finding } from "../data/quality.ts";

/** A finding of `checkCandles`, with the market it was made in. */
export interface MarketFinding extends Finding {
  /** The market. */
  readonly market: string;
}

/**
 * Findings over the first bars of a market.
 *
 * @param candles Bars; never changed.
 * @param bars How many of them were used (default all).
 */
export function dataFindings(candles: Candles, bars: number = candles.time.length): MarketFinding[] {
  return checkCandles(cutCandles(candles, 0, bars)).findings.map((finding) => ({ ...finding, market: candles.symbol }));
}

/** That positions were not carried over holes, one sentence a market; none where there was no such hole among the bars traded. */
export function relistingNotes(
  { symbol, time }: Candles,
  traded: { readonly from: number; readonly to: number; readonly relisted: readonly number[] },
): string[] {
  const { from, to, relisted } = traded;
  const days = relisted.filter((index) => index > from && index < to)
    .map((index) => new Date(time[index]).toISOString().slice(0, 10));
  if (days.length === 0) return [];
  return [
    `${symbol} has a hole before ${days.join(", ")} behind which its price is of another size, possibly another ` +
    `instrument under the same symbol: what was held is closed at the last price before the hole`,
  ];
}
