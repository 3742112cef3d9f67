/**
 * Tasks by strategy: each strategy on each market (or pair of markets) is a source, and a task asks what its signals earn.
 * It refuses a pair spread where there is no pair.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import type { TaskSourceOptions } from "./asset_tasks.ts";
import type { MarketRows } from "./market_rows.ts";
import { pairRows, strategyRows } from "./strategy_rows.ts";
import type { SignalStrategy, StrategySignalOptions } from "./strategy_signal.ts";
import { type FamilySource, madeSource, sourceFamily, type TaskFamily } from "./task_family.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** A strategy that tasks can be drawn by. */
export type Strategy = SignalStrategy | "pair-spread";

/** What {@linkcode strategyFamily} takes. */
export interface StrategyFamilyOptions extends TaskSourceOptions, StrategySignalOptions {
  /** Bars that a label looks ahead, at least 1. */
  readonly horizon: number;
  /** Strategies to draw from (default momentum, mean-reversion and breakout). */
  readonly strategies?: readonly Strategy[];
  /** Symbols of each pair (default: every two markets that share a bar); read for pair-spread alone. */
  readonly pairs?: readonly (readonly [string, string])[];
  /** Features (default `tradingFeatures`). */
  readonly features?: FeatureFunction;
}

function sharesBar(a: Candles, b: Candles): boolean {
  const times = new Set(a.time);
  return b.time.some((time) => times.has(time));
}

function pairsOf(markets: readonly Candles[], pairs: StrategyFamilyOptions["pairs"]): [Candles, Candles][] {
  if (!pairs) {
    const all = markets.flatMap((a, i) => markets.slice(i + 1).map((b): [Candles, Candles] => [a, b]));
    const sharing = all.filter(([a, b]) => sharesBar(a, b));
    if (sharing.length > 0) return sharing;
    const lack = all.length === 0
      ? `needs at least 2 markets, received ${markets.length}`
      : "no two markets share a bar";
    throw new DataError(`Cannot draw tasks by pair-spread: ${lack}`);
  }
  const find = (symbol: string): Candles => {
    const found = markets.find((market) => market.symbol === symbol);
    if (found) return found;
    throw new DataError(
      `Cannot draw tasks by pair-spread: there is no ${symbol} among ${markets.map((m) => m.symbol).join(", ")}`,
    );
  };
  if (pairs.length === 0) throw new DataError("Cannot draw tasks by pair-spread: expected at least 1 pair, received 0");
  return pairs.map(([a, b]) => [find(a), find(b)]);
}

/**
 * The family of tasks by strategy. Rows are the bars on which a strategy's signal fires, labels what following it earns
 * (see `strategyRows` and `pairRows`), so support and query are that many signals, however long they took to come.
 *
 * @param markets Bars of each market; horizon and time range apply to each.
 * @param options Strategies, their window, task shape and time range.
 * @throws {DataError} There is no market or pair, or a strategy fires too seldom on one (naming both).
 * @throws {RangeError} A length is out of range, or a strategy is unknown.
 *
 * @example
 * ```ts
 * import { random, sampleMarkets } from "@adaptrade/adaptrade";
 * import { strategyFamily } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const family = strategyFamily([dax], { supportRows: 20, queryRows: 10, horizon: 5, strategies: ["momentum"] });
 * assertEquals(family.draw(random(1)).support.rows, 20);
 * ```
 */
export function strategyFamily(markets: readonly Candles[], options: StrategyFamilyOptions): TaskFamily {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  const { strategies = ["momentum", "mean-reversion", "breakout"], pairs } = options;
  if (markets.length === 0) throw new DataError("Cannot draw tasks: expected at least 1 market, received 0");
  if (strategies.length === 0) throw new RangeError("Cannot draw tasks: expected at least 1 strategy, received 0");
  const source = (name: string, strategy: Strategy, make: () => MarketRows): FamilySource =>
    madeSource(`${name} ${strategy}`, make, options);
  const sources = strategies.flatMap((strategy): FamilySource[] =>
    strategy === "pair-spread"
      ? pairsOf(markets, pairs).map(([a, b]) =>
        source(`${a.symbol}/${b.symbol}`, strategy, () => pairRows(a, b, options))
      )
      : markets.map((candles) =>
        source(candles.symbol, strategy, () => strategyRows(candles, { ...options, strategy }))
      )
  );
  return sourceFamily("strategy", sources, options);
}
