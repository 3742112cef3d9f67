/**
 * Who fills what a trader wants: one interface, which paper implements as the backtest's account does, and which whoever trades
 * for real implements by sending orders. It decides nothing.
 * @module
 */
import { stepAccount } from "../../trading/account.ts";
import { type AccountRules, requireRules } from "../../trading/account_rules.ts";
import type { Account, AccountStep, BarOrder } from "../../trading/account_state.ts";

/** Takes an account through the bars of a moment. */
export interface Broker {
  /**
   * Tries to bring each market to its target and says what came of it. The trader asks it once a moment, when its bars have
   * closed; a target was wanted at the close before. What it gives is believed: the account, its fills and closed trades are what
   * the trader goes on with, shows and stores.
   *
   * @param account The account before the bars; it must not be changed.
   * @param orders Bars and wanted positions, at most one a market. Where `lived` is false nobody was there to trade.
   * @returns The account after them.
   */
  trade(account: Account, orders: readonly BarOrder[]): AccountStep | Promise<AccountStep>;
}

/**
 * The paper broker: fills at the bars' prices by the rules of an account, as every backtest does. No order leaves it.
 *
 * @param rules Fills, costs, exits and capital.
 * @throws {RangeError} A rule is out of range.
 * @throws {TypeError} A rule is unknown.
 *
 * @example
 * ```ts
 * import { paperBroker } from "@adaptrade/adaptrade/online";
 * import { openAccount } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const bar = { time: 0, open: 100, high: 101, low: 99, close: 101, volume: 0 };
 * const order = { market: "BTCUSDT", bar, interval: 3_600_000, target: 0.5 };
 * const { account, fills } = await paperBroker().trade(openAccount(), [order]);
 * assertEquals([account.equity, fills[0].quantity], [10_050, 50]);
 * ```
 */
export function paperBroker(rules: AccountRules = {}): Broker {
  requireRules(rules);
  return Object.freeze({
    trade: (account: Account, orders: readonly BarOrder[]): AccountStep => stepAccount(account, orders, rules),
  });
}
