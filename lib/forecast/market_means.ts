/**
 * What the other markets did in the same bar: means of their feature rows, point in time, the market itself left out.
 * A bar that some lack is the mean of those that have it; one that all lack is counted, never filled from another bar.
 * @module
 */
import { DataError } from "../data/candles.ts";
import type { MarketTable } from "./market_table.ts";

/** Sums of feature rows over markets, by open time. */
export interface MarketSums {
  /** The markets that were added, by symbol. */
  readonly tables: ReadonlyMap<string, MarketTable>;
  /** Open times, ms UTC, ascending, `[times]`. */
  readonly time: Float64Array;
  /** Markets with a row at each time, `[times]`. */
  readonly counts: Float64Array;
  /** Sums of their rows, `[times, shared]`. */
  readonly sums: Float64Array;
  /** Columns. */
  readonly shared: number;
}

/** Means beside one market's bars. */
export interface MarketMeans {
  /** Mean row of the others at each bar, `[bars, shared]`; zeros where there is none. */
  readonly values: Float64Array;
  /** Other markets with a row at each bar, `[bars]`. */
  readonly counts: Float64Array;
}

/**
 * Adds up the rows of markets by time. Row i of each uses bars up to its own, so sums do too.
 *
 * @throws {DataError} A market is there twice: it would count twice.
 */
export function sumMarkets(tables: readonly MarketTable[]): MarketSums {
  const [{ shared }] = tables;
  const bySymbol = new Map(tables.map((table) => [table.candles.symbol, table]));
  const twice = tables.find((table) => bySymbol.get(table.candles.symbol) !== table);
  if (twice) {
    throw new DataError(
      `Cannot take means over markets: ${twice.candles.symbol} is there twice; join its files or leave one out`,
    );
  }
  const time = Float64Array.from(new Set(tables.flatMap(({ candles }) => Array.from(candles.time)))).sort();
  const counts = new Float64Array(time.length);
  const sums = new Float64Array(time.length * shared);
  for (const table of tables) {
    eachShared(time, table, (at, bar) => {
      counts[at]++;
      for (let j = 0; j < shared; j++) sums[at * shared + j] += table.rows[bar * table.names.length + j];
    });
  }
  return { tables: bySymbol, time, counts, sums, shared };
}

/** Calls back for each bar of a table that has a row and a place among the times. */
function eachShared(time: Float64Array, table: MarketTable, use: (at: number, bar: number) => void): void {
  let at = 0;
  const { time: bars } = table.candles;
  for (let bar = table.first; bar < bars.length; bar++) {
    if (Number.isNaN(table.anchors[bar])) continue;
    while (at < time.length && time[at] < bars[bar]) at++;
    if (time[at] === bars[bar]) use(at, bar);
  }
}

/**
 * Means of the others beside a market.
 *
 * @param all From {@linkcode sumMarkets}; where the market is one of them (by symbol) what was added of it is taken out again,
 * whatever stretch of its history that was.
 * @param table The market.
 */
export function meansBeside(all: MarketSums, table: MarketTable): MarketMeans {
  const { shared } = all;
  const { time } = table.candles;
  const values = new Float64Array(time.length * shared);
  const counts = new Float64Array(time.length);
  const added = new Int32Array(all.time.length).fill(-1);
  const member = all.tables.get(table.candles.symbol);
  if (member) eachShared(all.time, member, (at, bar) => added[at] = bar);
  let at = 0;
  for (let bar = 0; bar < time.length; bar++) {
    while (at < all.time.length && all.time[at] < time[bar]) at++;
    if (all.time[at] !== time[bar]) continue;
    const own = added[at];
    const count = all.counts[at] - (own < 0 ? 0 : 1);
    counts[bar] = count;
    if (count <= 0) continue;
    for (let j = 0; j < shared; j++) {
      const mine = own < 0 ? 0 : member!.rows[own * member!.names.length + j];
      values[bar * shared + j] = (all.sums[at * shared + j] - mine) / count;
    }
  }
  return { values, counts };
}
