/**
 * The account: fills positions at prices, charges costs, marks to market. Money is float64 throughout.
 * It knows no model: it takes one wanted position a bar and refuses to fill at a price that was past when it was wanted.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { tradeCost } from "../trading/cost.ts";

/** When a position wanted at the close of a bar is filled. */
export type FillRule = "next-open" | "close";

/** How an account trades. */
export interface ExecutionOptions {
  /** Fill at the next bar's open (default), or at the very close that the decision was taken on. */
  readonly fill?: FillRule;
  /** Cost per unit traded, as a fraction of what is traded (default 0.001: 10 basis points of fee and slippage). */
  readonly costRate?: number;
  /** Equity before the first bar, above 0 (default 10,000). */
  readonly initialCapital?: number;
}

/** One stay on one side of the market. */
export interface Trade {
  /** Long or short. */
  readonly side: "long" | "short";
  /** Open time of the bar in which it was entered, ms UTC. */
  readonly entryTime: number;
  /** Price it was entered at. */
  readonly entryPrice: number;
  /** Open time of the bar in which it was left, ms UTC; null while it is open. */
  readonly exitTime: number | null;
  /** Price it was left at; null while it is open. */
  readonly exitPrice: number | null;
  /** Profit before costs, in account currency; marked at the last close while it is open. */
  readonly pnl: number;
  /** Costs of its fills, in account currency. */
  readonly cost: number;
}

/** What an account went through; series have one entry a bar after the first decision. */
export interface Execution {
  /** Equity before the first bar. */
  readonly initialCapital: number;
  /** How positions were filled: `next-close` when `next-open` was asked for a market that has closes alone. */
  readonly fill: FillRule | "next-close";
  /** Open time of each bar, ms UTC, `[bars]`. */
  readonly time: Float64Array;
  /** Equity at the close of each bar, net of costs, `[bars]`. */
  readonly equity: Float64Array;
  /** Net return of each bar, `[bars]`; their product is equity / initialCapital. */
  readonly netReturns: Float64Array;
  /** Return of each bar had its fills been free, `[bars]`. */
  readonly grossReturns: Float64Array;
  /** Position at the close of each bar, as a fraction of equity, `[bars]`. */
  readonly positions: Float64Array;
  /** Trades, oldest first; the last may still be open. */
  readonly trades: readonly Trade[];
  /** All costs, in account currency. */
  readonly costs: number;
  /** Open time of the bar in which equity fell to 0 or below and trading stopped; null if it never did. */
  readonly ruinedAt: number | null;
}

interface OpenTrade {
  side: "long" | "short";
  entryTime: number;
  entryPrice: number;
  pnl: number;
  cost: number;
}

/** True when a market's opens carry no information of their own. */
export function isCloseOnly(candles: Candles): boolean {
  return candles.closeOnly === true || candles.close.every((price, i) => price === candles.open[i]);
}

function requireExecution(candles: Candles, start: number, targets: Float64Array): void {
  if (!Number.isInteger(start) || start < 0 || start + targets.length > candles.time.length || targets.length === 0) {
    throw new RangeError(
      `Cannot execute: ${targets.length} positions from bar ${start} do not fit the ${candles.time.length} bars of ` +
        candles.symbol,
    );
  }
  const bad = targets.findIndex((target) => !Number.isFinite(target));
  if (bad >= 0) {
    throw new TypeError(`Cannot execute: positions must be finite, got positions[${bad}] = ${targets[bad]}`);
  }
}

/**
 * Trades the wanted positions. The position wanted at the close of bar `start + i` is filled at the open of the next bar
 * (or at that close), costs rate × |Δposition| × equity at the fill, and is marked to market at every close. A position is
 * a fraction of equity, restored at each close without cost; within a bar it is held in units. The last one wanted is
 * never filled. Where equity falls to 0 the account stops.
 *
 * @param candles Prices; opens and closes are read.
 * @param wanted First bar decided on, and the position wanted at the close of each bar from there, `[bars + 1]`.
 * @param options Fill, costs and capital.
 * @throws {RangeError} The positions do not fit the candles, or an option is out of range.
 * @throws {TypeError} A position is not finite.
 */
export function execute(
  candles: Candles,
  wanted: { readonly start: number; readonly positions: Float64Array },
  options: ExecutionOptions = {},
): Execution {
  const { fill = "next-open", costRate = 0.001, initialCapital = 10_000 } = options;
  const { start, positions: targets } = wanted;
  requireExecution(candles, start, targets);
  if (!(costRate >= 0 && costRate < 1)) {
    throw new RangeError(`Cannot execute: costRate must be within [0, 1), got ${String(costRate)}`);
  }
  if (!(initialCapital > 0 && initialCapital < Infinity)) {
    throw new RangeError(`Cannot execute: initialCapital must be finite and above 0, got ${String(initialCapital)}`);
  }
  if (fill !== "next-open" && fill !== "close") {
    throw new RangeError(`Cannot execute: fill must be next-open or close, got ${String(fill)}`);
  }
  const { time, open, close } = candles;
  const bars = targets.length - 1;
  const series = Array.from({ length: 4 }, () => new Float64Array(bars));
  const [equities, netReturns, grossReturns, positions] = series;
  const trades: Trade[] = [];
  let [equity, held, costs, gross] = [initialCapital, 0, 0, 1];
  let ruinedAt: number | null = null;
  let trade: OpenTrade | undefined;

  const hold = (from: number, to: number): void => {
    const move = held * (to / from - 1);
    if (trade) trade.pnl += equity * move;
    equity *= 1 + move;
    gross *= 1 + move;
  };
  const trading = (bar: number, price: number, target: number): void => {
    if (target === held) return;
    const fillEquity = Math.max(equity, 0);
    const charge = (from: number, to: number): void => {
      const cost = tradeCost(costRate, { from, to }, fillEquity);
      equity -= cost;
      costs += cost;
      if (trade) trade.cost += cost;
    };
    const stays = Math.sign(target) === Math.sign(held);
    if (trade && !stays) {
      charge(held, 0);
      trades.push({ ...trade, exitTime: time[bar], exitPrice: price });
      trade = undefined;
    }
    if (!stays && target !== 0) {
      trade = { side: target > 0 ? "long" : "short", entryTime: time[bar], entryPrice: price, pnl: 0, cost: 0 };
    }
    charge(stays ? held : 0, target);
    held = target;
  };

  for (let i = 0; i < bars; i++) {
    const bar = start + i + 1;
    const before = equity;
    gross = 1;
    const target = ruinedAt === null ? targets[i] : 0;
    if (fill === "close" || target === held) {
      trading(bar - 1, close[bar - 1], target);
      hold(close[bar - 1], close[bar]);
    } else {
      hold(close[bar - 1], open[bar]);
      trading(bar, open[bar], equity > 0 ? target : 0);
      hold(open[bar], close[bar]);
    }
    if (equity <= 0 && ruinedAt === null) {
      ruinedAt = time[bar];
      trading(bar, close[bar], 0);
    }
    equities[i] = equity;
    netReturns[i] = before > 0 ? equity / before - 1 : 0;
    grossReturns[i] = before > 0 ? gross - 1 : 0;
    positions[i] = held;
  }
  if (trade) trades.push({ ...trade, exitTime: null, exitPrice: null });
  return {
    initialCapital,
    fill: fill === "next-open" && isCloseOnly(candles) ? "next-close" : fill,
    time: time.slice(start + 1, start + 1 + bars),
    equity: equities,
    netReturns,
    grossReturns,
    positions,
    trades,
    costs,
    ruinedAt,
  };
}
