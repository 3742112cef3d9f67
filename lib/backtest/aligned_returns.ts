/**
 * The returns of several markets on one clock, for weights that know how they move together: at each timestamp that any of them
 * has, each is at its last close. It looks at no bar after the time it is asked about.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { relistings } from "../data/listings.ts";
import { bisectRight } from "../features/bisect.ts";

/** Fewest bars that all markets must have had for a covariance of them. */
const FEWEST_ROWS = 20;

/** Returns of markets on one clock. */
export interface AlignedReturns {
  /**
   * Returns of some markets over the last timestamps up to a time, by market, oldest first, `[rows]` each, 0 where one had no bar;
   * no row from before all of them had begun. Undefined where they have less than 20 rows together.
   */
  upTo(time: number, markets: readonly number[], rows: number): Float64Array[] | undefined;
}

/** Returns on the clock `[times]`: 0 where there is no bar, NaN before the second one. */
function onClock(candles: Candles, clock: Float64Array): Float64Array {
  const { time, close } = candles;
  const broken = new Set(relistings(candles));
  const out = new Float64Array(clock.length).fill(NaN);
  let next = 0;
  for (let i = 0; i < clock.length; i++) {
    if (next < time.length && time[next] === clock[i]) {
      // Between two instruments under one name there is no return.
      if (next > 0) out[i] = broken.has(next) ? 0 : close[next] / close[next - 1] - 1;
      next++;
    } else if (next > 1) out[i] = 0;
  }
  return out;
}

/**
 * Puts markets on one clock.
 *
 * @param markets Bars of each; the markets asked for later are indices into these.
 */
export function alignedReturns(markets: readonly Candles[]): AlignedReturns {
  const clock = Float64Array.from(new Set(markets.flatMap(({ time }) => Array.from(time)))).sort();
  const returns = markets.map((candles) => onClock(candles, clock));
  const begun = returns.map((values) => values.findIndex((r) => !Number.isNaN(r)));
  return {
    upTo(time, wanted, rows): Float64Array[] | undefined {
      const end = bisectRight(clock, time);
      const first = Math.max(end - rows, ...wanted.map((market) => begun[market] < 0 ? Infinity : begun[market]));
      return end - first < FEWEST_ROWS ? undefined : wanted.map((market) => returns[market].subarray(first, end));
    },
  };
}
