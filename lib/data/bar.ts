/**
 * One bar at a time: the unit in which an account and an online learner receive a market. It reads no file and opens no socket.
 * @module
 */
import type { Candles } from "./candles.ts";

/** One closed price bar of one market. */
export interface Bar {
  /** Open time, ms since 1970 UTC. */
  readonly time: number;
  /** First price, above 0. */
  readonly open: number;
  /** Highest price. */
  readonly high: number;
  /** Lowest price. */
  readonly low: number;
  /** Last price, above 0. */
  readonly close: number;
  /** Traded volume in base units. */
  readonly volume: number;
}

/**
 * The bars of a price history, oldest first, each frozen.
 *
 * @example
 * ```ts
 * import { barsOf, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [market] = await sampleMarkets();
 * const [{ close }] = barsOf(market);
 * assertEquals(close, market.close[0]);
 * ```
 */
export function* barsOf(candles: Candles): Generator<Bar, void, void> {
  const { time, open, high, low, close, volume } = candles;
  for (let i = 0; i < time.length; i++) {
    yield Object.freeze({
      time: time[i],
      open: open[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volume: volume[i],
    });
  }
}

/**
 * A price history of bars, oldest first.
 *
 * @example
 * ```ts
 * import { barsOf } from "@adaptrade/adaptrade";
 * import { candlesOf } from "@adaptrade/adaptrade/data";
 * import { assertEquals } from "@std/assert";
 *
 * const bar = { time: Date.UTC(2024, 0, 1), open: 1, high: 2, low: 0.5, close: 1.5, volume: 10 };
 * assertEquals([...barsOf(candlesOf({ symbol: "X", interval: "1d" }, [bar]))], [bar]);
 * ```
 */
export function candlesOf(
  market: { readonly symbol: string; readonly interval: string },
  bars: readonly Bar[],
): Candles {
  const column = (name: keyof Bar): Float64Array => {
    const values = new Float64Array(bars.length);
    for (let i = 0; i < bars.length; i++) values[i] = bars[i][name];
    return values;
  };
  return {
    symbol: market.symbol,
    interval: market.interval,
    time: column("time"),
    open: column("open"),
    high: column("high"),
    low: column("low"),
    close: column("close"),
    volume: column("volume"),
  };
}
