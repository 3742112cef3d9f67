/**
 * What single trades amount to: what one is worth, how they run in streaks, how long they last, how far they go on the way. Open
 * trades are counted and otherwise left out: they are not decided yet.
 * @module
 */
import type { Trade } from "../trading/trade.ts";
import { type Figure, figure, undefinedFigure } from "./figure.ts";

/** Closed trades together. Amounts are net of costs, in account currency. */
export interface TradeStatistics {
  /** Closed trades. */
  readonly closed: number;
  /** Trades that are still open. */
  readonly open: number;
  /** Trades that won / those that won or lost, by net profit. */
  readonly winRate: Figure;
  /** Mean net profit of a trade. */
  readonly expectancy: Figure;
  /** Mean net profit of the trades that won. */
  readonly averageWin: Figure;
  /** Mean net profit of the trades that lost, below 0. */
  readonly averageLoss: Figure;
  /** Average win / |average loss|. */
  readonly payoff: Figure;
  /** Most trades in a row that won, in the order they were closed. */
  readonly longestWins: number;
  /** Most trades in a row that lost. */
  readonly longestLosses: number;
  /** Mean time from the bar of entry to that of exit, ms. */
  readonly meanHolding: Figure;
  /** Median of it, ms. */
  readonly medianHolding: Figure;
  /** Longest, ms. */
  readonly longestHolding: Figure;
  /** Mean of the worst unrealised return on the way (maximum adverse excursion), a fraction of the entry price, at most 0. */
  readonly meanAdverse: Figure;
  /** Worst of them. */
  readonly worstAdverse: Figure;
  /** Mean of the best unrealised return on the way (maximum favourable excursion), a fraction of the entry price, at least 0. */
  readonly meanFavourable: Figure;
  /** Best of them. */
  readonly bestFavourable: Figure;
}

/** Return of a trade at a price, before costs, as a fraction of its entry price. */
function returnAt({ side, entryPrice }: Trade, price: number): number {
  return (price / entryPrice - 1) * (side === "long" ? 1 : -1);
}

function longestRun(profits: readonly number[], side: 1 | -1): number {
  let [longest, run] = [0, 0];
  for (const profit of profits) {
    run = profit * side > 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** A figure of values; undefined without any. */
function over(values: readonly number[], reason: string, compute: (values: readonly number[]) => number): Figure {
  return values.length > 0 ? figure(compute(values)) : undefinedFigure(reason);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/**
 * Describes trades. A trade's excursions are those of the prices that were seen while it was held, against the average price
 * that it was entered at.
 *
 * @param trades In the order they were closed, as a backtest has them; open ones are counted apart.
 *
 * @example
 * ```ts
 * import { backtestPositions, sampleMarkets, walkForward } from "@adaptrade/adaptrade";
 * import { tradeStatistics } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const options = { from: Date.UTC(1998, 0) };
 * const walk = walkForward(dax, options);
 * const wanted = walk.time.map((_, i) => i % 4 < 2 ? 1 : -1); // long and short for two bars each
 * const { trades } = backtestPositions("flips", dax, { walk, wanted, options });
 * const { closed, open, medianHolding } = tradeStatistics(trades);
 * assertEquals([closed, open, medianHolding.value], [trades.length - 1, 1, 2 * 86_400_000]);
 * ```
 */
export function tradeStatistics(trades: readonly Trade[]): TradeStatistics {
  const closed = trades.filter(({ exitTime }) => exitTime !== null);
  const profits = closed.map(({ pnl, cost }) => pnl - cost);
  const [wins, losses] = [profits.filter((profit) => profit > 0), profits.filter((profit) => profit < 0)];
  const none = "no closed trade";
  const averageWin = over(wins, "no trade won", mean);
  const averageLoss = over(losses, "no trade lost", mean);
  const holding = closed.map(({ entryTime, exitTime }) => (exitTime ?? NaN) - entryTime);
  const adverse = closed.map((trade) => Math.min(0, returnAt(trade, trade.worst)));
  const favourable = closed.map((trade) => Math.max(0, returnAt(trade, trade.best)));
  return {
    closed: closed.length,
    open: trades.length - closed.length,
    winRate: over([...wins, ...losses], "no trade won or lost", (decided) => wins.length / decided.length),
    expectancy: over(profits, none, mean),
    averageWin,
    averageLoss,
    payoff: averageWin.value !== null && averageLoss.value !== null
      ? figure(averageWin.value / -averageLoss.value)
      : undefinedFigure(averageWin.reason ?? averageLoss.reason ?? none),
    longestWins: longestRun(profits, 1),
    longestLosses: longestRun(profits, -1),
    meanHolding: over(holding, none, mean),
    medianHolding: over(holding, none, median),
    longestHolding: over(holding, none, (values) => values.reduce((a, b) => Math.max(a, b))),
    meanAdverse: over(adverse, none, mean),
    worstAdverse: over(adverse, none, (values) => values.reduce((a, b) => Math.min(a, b))),
    meanFavourable: over(favourable, none, mean),
    bestFavourable: over(favourable, none, (values) => values.reduce((a, b) => Math.max(a, b))),
  };
}
