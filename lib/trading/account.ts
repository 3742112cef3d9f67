/**
 * A trading account as an immutable value, stepped bar by bar: the backtest, the portfolio and the paper broker all go
 * through it, so that the same bars and wishes cost the same money everywhere. How a step is reckoned is in `ledger.ts`.
 * @module
 */
import { type AccountRules, requireRuleKeys, requireRules } from "./account_rules.ts";
import type { Account, AccountStep, BarOrder } from "./account_state.ts";
import { NO_COSTS } from "./cost_model.ts";
import type { Fill } from "./fill.ts";
import { applyBars } from "./ledger.ts";
import type { Ledger } from "./ledger_state.ts";
import { type Trade, tradeOf } from "./trade.ts";

/**
 * An account before its first bar.
 *
 * @param rules Capital; all rules are checked here, once.
 * @throws {RangeError} A rule is out of range.
 * @throws {TypeError} A rule is unknown.
 *
 * @example
 * ```ts
 * import { openAccount } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const { cash, equity, holdings } = openAccount({ initialCapital: 5000 });
 * assertEquals({ cash, equity, holdings }, { cash: 5000, equity: 5000, holdings: {} });
 * ```
 */
export function openAccount(rules: AccountRules = {}): Account {
  requireRules(rules);
  const { initialCapital = 10_000 } = rules;
  return {
    initialCapital,
    cash: initialCapital,
    equity: initialCapital,
    peak: initialCapital,
    costs: NO_COSTS,
    holdings: {},
    paidTo: null,
    ruined: null,
  };
}

/** A copy that `applyBars` may change. */
export function ledgerOf(account: Account): Ledger {
  const holdings = Object.fromEntries(
    Object.entries(account.holdings).map((
      [market, holding],
    ) => [market, { ...holding, trade: holding.trade && { ...holding.trade } }]),
  );
  return { ...account, costs: { ...account.costs }, holdings, list: Object.values(holdings) };
}

function requireOrders(account: Account, orders: readonly BarOrder[]): void {
  const names = new Set<string>();
  for (const { market, bar, target, interval } of orders) {
    if (names.has(market)) throw new RangeError(`Cannot step an account: ${market} has two bars in one step`);
    names.add(market);
    for (const name of ["time", "open", "high", "low", "close"] as const) {
      if (Number.isFinite(bar[name]) && (name === "time" || bar[name] > 0)) continue;
      throw new RangeError(
        `Cannot step an account: ${market} needs a finite ${name}${name === "time" ? "" : " above 0"}, ` +
          `got ${String(bar[name])}`,
      );
    }
    if (target !== null && !Number.isFinite(target)) {
      throw new TypeError(`Cannot step an account: target of ${market} must be finite, got ${String(target)}`);
    }
    if (!(interval > 0)) {
      throw new RangeError(`Cannot step an account: interval of ${market} must be above 0, got ${String(interval)}`);
    }
    const last = account.holdings[market]?.time ?? -Infinity;
    if (bar.time <= last) {
      throw new RangeError(`Cannot step an account: ${market} needs a bar after ${last}, got one of ${bar.time}`);
    }
  }
}

/**
 * Goes through one bar of each market given, all of one time: carries what is held to the open, pays funding and interest, fills
 * what was wanted, goes through the bar with its limit orders, stops, take-profits and margin, marks to the close.
 *
 * What is held is units, and its weight drifts; `rules.rebalance` says when it is brought back to a target that stands. A
 * target is a fraction of the equity before the fills are charged; where longs are to be worth no more than the equity, their
 * costs come out of what is bought, so that nothing is borrowed. A fill costs rate × |quantity| × price; a flip is two. Stops
 * fill at their level or, where the bar opens beyond them, at its open. Where the equity at the worst prices of the bar falls to
 * the maintenance margin, everything is closed at those prices; equity never falls below 0, and what is owed beyond it stands
 * in `ruined`.
 *
 * @param account The account before the bars; it is not changed.
 * @param orders Bars and wanted positions, at most one a market.
 * @param rules The rules it was opened with.
 * @throws {RangeError} A bar is not after the market's last one, or a price is not above 0.
 * @throws {TypeError} A target is not finite.
 *
 * @example A long from the open of 100, stopped at 98 within the bar
 * ```ts
 * import { openAccount, stepAccount } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const rules = { costs: { takerFee: 0.001 }, exits: { stop: { fraction: 0.02 } } };
 * const bar = { time: 0, open: 100, high: 101, low: 97, close: 99, volume: 0 };
 * const order = { market: "BTCUSDT", bar, interval: 3_600_000, target: 1 };
 * const { account, closed, fills } = stepAccount(openAccount(rules), [order], rules);
 * assertEquals(fills.map(({ price, quantity }) => [price, quantity.toFixed(1)]), [[100, "99.9"], [98, "-99.9"]]);
 * assertEquals([closed[0].exitPrice, closed[0].exitReason], [98, "stop"]);
 * assertEquals(account.equity.toFixed(2), "9780.42"); // 10,000 / 1.001 / 100 units, sold at 98, less 9.79
 * ```
 */
export function stepAccount(account: Account, orders: readonly BarOrder[], rules: AccountRules = {}): AccountStep {
  requireRuleKeys(rules);
  requireOrders(account, orders);
  const next = ledgerOf(account);
  const fills: Fill[] = [];
  const closed: Trade[] = [];
  applyBars(next, orders, { rules, onFill: (fill) => fills.push(fill), onClosed: (trade) => closed.push(trade) });
  const { list: _, ...stepped } = next;
  return { account: stepped, fills, closed };
}

/**
 * Trades that are still open, marked at the last close.
 *
 * @example
 * ```ts
 * import { openAccount, openTrades, stepAccount } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const bar = { time: 0, open: 100, high: 101, low: 99, close: 101, volume: 0 };
 * const { account } = stepAccount(openAccount(), [{ market: "BTC", bar, interval: 3_600_000, target: 1 }]);
 * assertEquals(openTrades(account).map(({ market, entryPrice }) => [market, entryPrice]), [["BTC", 100]]);
 * ```
 */
export function openTrades(account: Account): Trade[] {
  return Object.entries(account.holdings).flatMap(([market, { trade }]) =>
    trade ? [tradeOf(market, trade, { time: null, price: null, reason: null })] : []
  );
}
