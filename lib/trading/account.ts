/**
 * A trading account as an immutable value, stepped bar by bar: the backtest, the portfolio and the paper broker all go
 * through it, so that the same bars and wishes cost the same money everywhere. How a step is reckoned is in `ledger.ts`.
 * @module
 */
import type { Bar } from "../data/bar.ts";
import { type CostBreakdown, type CostModel, NO_COSTS, requireCostKeys, requireCosts } from "./cost_model.ts";
import { type ExitRules, requireExitKeys, requireExits } from "./exits.ts";
import { applyBars, tradeOf } from "./ledger.ts";
import { BRAKE_KEYS, type DrawdownBrake, drawdownBrake } from "./sizing.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** When a position wanted at the close of a bar is filled. */
export type FillRule = "next-open" | "close";

/** Why a position was left. */
export type ExitReason = "signal" | "stop" | "take-profit" | "ruin";

/** How an account trades. */
export interface AccountRules {
  /** Fill at the next bar's open (default), or at the very close that the decision was taken on. */
  readonly fill?: FillRule;
  /** Costs (default none). */
  readonly costs?: CostModel;
  /** Stops and take-profit (default none). */
  readonly exits?: ExitRules;
  /** Shrinks wanted positions in a drawdown (default never). */
  readonly brake?: DrawdownBrake;
  /** Equity before the first bar, above 0 (default 10,000). */
  readonly initialCapital?: number;
}

const RULE_KEYS: OptionKeys<AccountRules> = {
  fill: true,
  costs: true,
  exits: true,
  brake: true,
  initialCapital: true,
};

/** Refuses names that no rule has, at every depth. */
function requireRuleKeys(rules: AccountRules): void {
  requireKnownKeys("Cannot execute", "rules", rules, RULE_KEYS);
  requireKnownKeys("Cannot execute", "brake", rules.brake, BRAKE_KEYS);
  requireCostKeys(rules.costs);
  requireExitKeys(rules.exits);
}

/** One stay on one side of one market. */
export interface Trade {
  /** The market. */
  readonly market: string;
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
  /** Why it was left; null while it is open. */
  readonly exitReason: ExitReason | null;
  /** Profit before costs, in account currency; marked at the last close while it is open. */
  readonly pnl: number;
  /** Costs of its fills and of holding it, in account currency. */
  readonly cost: number;
  /** Level of its first stop; null without one. */
  readonly stop: number | null;
  /** Level of its take-profit; null without one. */
  readonly takeProfit: number | null;
}

/** One change of position. */
export interface Fill {
  /** The market. */
  readonly market: string;
  /** Open time of the bar it was filled in, ms UTC. */
  readonly time: number;
  /** Price. */
  readonly price: number;
  /** Position before, as a fraction of equity. */
  readonly from: number;
  /** Position after, as a fraction of equity. */
  readonly to: number;
  /** Fee, spread and slippage, in account currency. */
  readonly cost: number;
  /** What caused it. */
  readonly reason: ExitReason;
}

/** An open trade inside a {@linkcode Holding}. */
export interface OpenTrade {
  /** 1 for long, −1 for short. */
  readonly side: 1 | -1;
  /** Open time of the bar in which it was entered, ms UTC. */
  readonly entryTime: number;
  /** Price it was entered at. */
  readonly entryPrice: number;
  /** Profit so far, before costs. */
  readonly pnl: number;
  /** Costs so far. */
  readonly cost: number;
  /** Level of the first stop; null without one. */
  readonly firstStop: number | null;
  /** Level of the stop for the next bar; null without one. */
  readonly stop: number | null;
  /** Level of the take-profit; null without one. */
  readonly takeProfit: number | null;
  /** Distance of a trailing stop as a fraction of the best price; 0 when it does not trail. */
  readonly trail: number;
  /** Best price since the entry, known at the last close. */
  readonly best: number;
}

/** What an account has in one market. */
export interface Holding {
  /** Position, as a fraction of equity. */
  readonly position: number;
  /** Signed value of what is held, in account currency. */
  readonly value: number;
  /** Open time of its last bar, ms UTC; null before the first. */
  readonly time: number | null;
  /** Close of its last bar. */
  readonly close: number;
  /** (high − low) / close of its last bar. */
  readonly range: number;
  /** Up to when funding and borrow are paid, ms UTC. */
  readonly paidTo: number;
  /** Side that an exit has closed until the wanted side changes; 0 for none. */
  readonly barred: number;
  /** The open trade; null when flat. */
  readonly trade: OpenTrade | null;
}

/** An account between two bars. Plain data: `JSON.parse(JSON.stringify(account))` is the same account. */
export interface Account {
  /** Equity before the first bar. */
  readonly initialCapital: number;
  /** Equity at the last close, net of costs. */
  readonly equity: number;
  /** Highest equity so far, the initial capital included. */
  readonly peak: number;
  /** Costs so far. */
  readonly costs: CostBreakdown;
  /** What is held, by market. */
  readonly holdings: Readonly<Record<string, Holding>>;
  /** Open time of the bar in which equity fell to 0 or below and trading stopped; null if it never did. */
  readonly ruinedAt: number | null;
}

/** One market's bar, and what was wanted before it. */
export interface BarOrder {
  /** The market. */
  readonly market: string;
  /** The bar; open, high, low and close are read. */
  readonly bar: Bar;
  /** Length of the bar, ms. */
  readonly interval: number;
  /** Position wanted at the close before the bar, as a fraction of equity. */
  readonly target: number;
  /** Sample deviation of 1-bar returns at that close; read by exits in units of volatility, which refuse an entry without it. */
  readonly volatility?: number;
}

/** What a step gives. */
export interface AccountStep {
  /** The account at the close of the bars. */
  readonly account: Account;
  /** Changes of position, in the order they happened. */
  readonly fills: readonly Fill[];
  /** Trades that were closed, in the order they were. */
  readonly closed: readonly Trade[];
}

/**
 * Throws unless rules make sense.
 *
 * @throws {RangeError} A value is out of range; the message names it.
 * @throws {TypeError} A rule has a name that is not known; the message says which is nearest.
 */
export function requireRules(rules: AccountRules): void {
  requireRuleKeys(rules);
  const { fill = "next-open", costs = {}, exits = {}, brake, initialCapital = 10_000 } = rules;
  if (fill !== "next-open" && fill !== "close") {
    throw new RangeError(`Cannot execute: fill must be next-open or close, got ${String(fill)}`);
  }
  if (!(initialCapital > 0 && initialCapital < Infinity)) {
    throw new RangeError(`Cannot execute: initialCapital must be finite and above 0, got ${String(initialCapital)}`);
  }
  requireCosts(costs);
  requireExits(exits);
  if (brake) drawdownBrake(0, brake);
}

/**
 * An account before its first bar.
 *
 * @param rules Capital; all rules are checked here, once.
 * @throws {RangeError} A rule is out of range.
 */
export function openAccount(rules: AccountRules = {}): Account {
  requireRules(rules);
  const { initialCapital = 10_000 } = rules;
  return {
    initialCapital,
    equity: initialCapital,
    peak: initialCapital,
    costs: NO_COSTS,
    holdings: {},
    ruinedAt: null,
  };
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
    if (!Number.isFinite(target)) {
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
 * Goes through one bar of each market given, all of one time: carries positions to the open, pays funding and borrow, fills
 * what was wanted, leaves at stops and take-profits inside the bar, marks to the close.
 *
 * A position is a fraction of equity: restored at each close of its market without cost, held in units within a bar. A fill
 * costs rate × |Δposition| × equity at the fill; a flip pays both legs. Stops fill at their level or, where the bar opens
 * beyond them, at its open. Where equity falls to 0 everything is closed and trading stops.
 *
 * @param account The account before the bars; it is not changed.
 * @param orders Bars and wanted positions, at most one a market.
 * @param rules The rules it was opened with.
 * @throws {RangeError} A bar is not after the market's last one, or a price is not above 0.
 * @throws {TypeError} A target is not finite.
 *
 * @example A long from the open of 100, stopped at 98 within the bar
 * ```ts
 * import { openAccount, stepAccount } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const rules = { costs: { takerFee: 0.001 }, exits: { stop: { fraction: 0.02 } } };
 * const bar = { time: 0, open: 100, high: 101, low: 97, close: 99, volume: 0 };
 * const order = { market: "BTCUSDT", bar, interval: 3_600_000, target: 1 };
 * const { account, closed } = stepAccount(openAccount(rules), [order], rules);
 * assertEquals([closed[0].exitPrice, closed[0].exitReason], [98, "stop"]);
 * assertEquals(account.equity.toFixed(2), "9780.41"); // 10,000 − 10 of fee, − 199.80, − 9.79 of fee
 * ```
 */
export function stepAccount(account: Account, orders: readonly BarOrder[], rules: AccountRules = {}): AccountStep {
  requireRuleKeys(rules);
  requireOrders(account, orders);
  const next = {
    ...account,
    costs: { ...account.costs },
    holdings: Object.fromEntries(
      Object.entries(account.holdings).map((
        [market, holding],
      ) => [market, { ...holding, trade: holding.trade && { ...holding.trade } }]),
    ),
  };
  const fills: Fill[] = [];
  const closed: Trade[] = [];
  applyBars(next, orders, { rules, onFill: (fill) => fills.push(fill), onClosed: (trade) => closed.push(trade) });
  return { account: next, fills, closed };
}

/** Trades that are still open, marked at the last close. */
export function openTrades(account: Account): Trade[] {
  return Object.entries(account.holdings).flatMap(([market, { trade }]) =>
    trade ? [tradeOf(market, trade, { time: null, price: null, reason: null })] : []
  );
}
