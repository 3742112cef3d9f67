/**
 * What looks wrong in the bars that a backtest used, carried in its result, and the holes that no position is carried through.
 * What is wrong is found in `lib/data`; nothing is repaired.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { checkCandles, type Finding } from "../data/quality.ts";

/** A finding of `checkCandles`, with the market it was made in. */
export interface MarketFinding extends Finding {
  /** The market. */
  readonly market: string;
}

/** Behind a hole a price that doubled or halved may be another instrument's, however restless the series is. */
const RELISTED_RATIO = 2;

/**
 * Findings over the first bars of a market.
 *
 * @param candles Bars; never changed.
 * @param bars How many of them were used (default all).
 */
export function dataFindings(candles: Candles, bars: number = candles.time.length): MarketFinding[] {
  const part = (values: Float64Array): Float64Array => values.subarray(0, bars);
  const { time, open, high, low, close, volume } = candles;
  const used = {
    ...candles,
    time: part(time),
    open: part(open),
    high: part(high),
    low: part(low),
    close: part(close),
    volume: part(volume),
  };
  return checkCandles(used).findings.map((finding) => ({ ...finding, market: candles.symbol }));
}

/** Indices of the bars that may be of another instrument than the one before: those of a possible relisting, and those behind a hole over which the price doubled or halved. */
export function relistedBars({ close }: Pick<Candles, "close">, findings: readonly Finding[]): ReadonlySet<number> {
  const moved = (index: number): boolean => {
    const ratio = close[index] / close[index - 1];
    return ratio >= RELISTED_RATIO || ratio <= 1 / RELISTED_RATIO;
  };
  const behind = findings.filter(({ kind, index }) =>
    kind === "possible-relisting" || (kind === "gap" && index > 0 && moved(index))
  );
  return new Set(behind.map(({ index }) => index));
}

/** That positions were not carried over holes, one sentence a market; none where there was no such hole among the bars traded. */
export function relistingNotes(
  { symbol, time }: Candles,
  traded: { readonly from: number; readonly to: number; readonly relisted: ReadonlySet<number> },
): string[] {
  const { from, to, relisted } = traded;
  const days = [...relisted].filter((index) => index > from && index < to)
    .map((index) => new Date(time[index]).toISOString().slice(0, 10));
  if (days.length === 0) return [];
  return [
    `${symbol} has a hole before ${days.join(", ")} behind which its price is of another size, possibly another ` +
    `instrument under the same symbol: what was held is closed at the last price before the hole`,
  ];
}
