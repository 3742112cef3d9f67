/**
 * One stay on one side of one market, from the fill that opened it to the one that closed it. What is bought in between is
 * averaged: the entry price, and the stop and take-profit that hang on it, are those of all that is held.
 * @module
 */
import { exitFraction, type ExitRules } from "./exits.ts";
import type { ExitReason } from "./fill.ts";

/** One stay on one side of one market. */
export interface Trade {
  /** The market. */
  readonly market: string;
  /** Long or short. */
  readonly side: "long" | "short";
  /** Open time of the bar in which it was entered, ms UTC. */
  readonly entryTime: number;
  /** Average price of what was held. */
  readonly entryPrice: number;
  /** Open time of the bar in which it was left, ms UTC; null while it is open. */
  readonly exitTime: number | null;
  /** Price it was left at; null while it is open. */
  readonly exitPrice: number | null;
  /** Why it was left; null while it is open. */
  readonly exitReason: ExitReason | null;
  /** Most units that were held at once. */
  readonly quantity: number;
  /** Profit before costs, in account currency; marked at the last close while it is open. */
  readonly pnl: number;
  /** Costs of its fills and of holding it, in account currency. */
  readonly cost: number;
  /** Level of its first stop; null without one. */
  readonly stop: number | null;
  /** Level of its take-profit when it was left; null without one. */
  readonly takeProfit: number | null;
  /** Worst price seen while it was held: its largest loss on the way is |worst / entryPrice − 1|. */
  readonly worst: number;
  /** Best price seen while it was held, in the bar of a limit entry and in that of an exit inside the bar known ones alone. */
  readonly best: number;
}

/** An open trade inside a holding. */
export interface OpenTrade {
  /** 1 for long, −1 for short. */
  readonly side: 1 | -1;
  /** Open time of the bar in which it was entered, ms UTC. */
  readonly entryTime: number;
  /** Average price of what is held. */
  readonly entryPrice: number;
  /** Most units held so far. */
  readonly quantity: number;
  /** Σ quantity · price of its fills: what was paid for what is held, less what was received. */
  readonly basis: number;
  /** Profit so far, before costs, at the last close. */
  readonly pnl: number;
  /** Costs so far. */
  readonly cost: number;
  /** Level of the first stop; null without one. */
  readonly firstStop: number | null;
  /** Level of the stop for the next bar; null without one. */
  readonly stop: number | null;
  /** Distance of the stop, as a fraction of the price it hangs on; null without one. */
  readonly stopDistance: number | null;
  /** Whether the stop follows the best price. */
  readonly trailing: boolean;
  /** Level of the take-profit; null without one. */
  readonly takeProfit: number | null;
  /** Distance of the take-profit, as a fraction of the entry price; null without one. */
  readonly profitDistance: number | null;
  /** Worst price since the entry, known at the last close. */
  readonly worst: number;
  /** Best price since the entry, known at the last close. */
  readonly best: number;
}

/** An {@linkcode OpenTrade} that may be changed in place. */
export type MutableTrade = { -readonly [K in keyof OpenTrade]: OpenTrade[K] };

/** An open trade as it is reported, with its exit if it had one. */
export function tradeOf(
  market: string,
  trade: OpenTrade,
  exit: { readonly time: number | null; readonly price: number | null; readonly reason: ExitReason | null },
): Trade {
  const { side, entryTime, entryPrice, quantity, pnl, cost, firstStop, takeProfit, worst, best } = trade;
  return {
    market,
    side: side > 0 ? "long" : "short",
    entryTime,
    entryPrice,
    exitTime: exit.time,
    exitPrice: exit.price,
    exitReason: exit.reason,
    quantity,
    pnl,
    cost,
    stop: firstStop,
    takeProfit,
    worst,
    best,
  };
}

/** Hangs the levels of a trade on its entry price; a trailing stop never moves away from the market. */
function setLevels(trade: MutableTrade): void {
  const { side, entryPrice, stopDistance, profitDistance, trailing } = trade;
  if (stopDistance !== null) {
    const level = entryPrice * (1 - side * stopDistance);
    trade.stop = trailing && trade.stop !== null && side * (trade.stop - level) > 0 ? trade.stop : level;
  }
  if (profitDistance !== null) trade.takeProfit = entryPrice * (1 + side * profitDistance);
}

/** A trade about to be entered; undefined where a level needs a volatility that is not known, so that none can be set. */
export function openTrade(
  exits: ExitRules,
  entry: { readonly side: 1 | -1; readonly time: number; readonly price: number; readonly volatility: number },
): MutableTrade | undefined {
  const { side, time, price, volatility } = entry;
  const stopDistance = exits.stop ? exitFraction(exits.stop, volatility) : null;
  const profitDistance = exits.takeProfit ? exitFraction(exits.takeProfit, volatility) : null;
  if (Number.isNaN(stopDistance) || Number.isNaN(profitDistance)) return undefined;
  const trade: MutableTrade = {
    side,
    entryTime: time,
    entryPrice: price,
    quantity: 0,
    basis: 0,
    pnl: 0,
    cost: 0,
    firstStop: null,
    stop: null,
    stopDistance,
    trailing: exits.stop?.trailing === true,
    takeProfit: null,
    profitDistance,
    worst: price,
    best: price,
  };
  setLevels(trade);
  trade.firstStop = trade.stop;
  return trade;
}

/** Takes a fill into a trade, before the units change: what is added moves the average, what is taken away leaves it. */
export function averageIn(
  trade: MutableTrade,
  fill: { readonly quantity: number; readonly price: number; readonly held: number },
): void {
  const { quantity, price, held } = fill;
  trade.basis += quantity * price;
  if (Math.sign(quantity) !== trade.side) return;
  const after = held + quantity;
  // The first fill of a trade is its price to the last bit, not a quotient that rounds.
  if (held !== 0) trade.entryPrice = (held * trade.entryPrice + quantity * price) / after;
  trade.quantity = Math.max(trade.quantity, Math.abs(after));
  sawPrices(trade, price, price);
  if (held !== 0) setLevels(trade);
}

/** Notes prices that a trade was held at. */
export function sawPrices(trade: MutableTrade, low: number, high: number): void {
  const [worst, best] = trade.side > 0 ? [low, high] : [high, low];
  if (trade.side * (worst - trade.worst) < 0) trade.worst = worst;
  if (trade.side * (best - trade.best) > 0) trade.best = best;
}

/** Moves a trailing stop behind the best price seen; called at the close, so that it follows one bar late. */
export function trail(trade: MutableTrade): void {
  if (!trade.trailing) return;
  const level = trade.best * (1 - trade.side * trade.stopDistance!);
  if (trade.side * (level - trade.stop!) > 0) trade.stop = level;
}
