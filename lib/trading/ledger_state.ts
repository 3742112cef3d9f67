/**
 * An account that may be changed in place, what it is worth, and one fill or payment on it. Equity is always cash + Σ units ·
 * price, added up anew; nothing else is kept that could differ from it. Money is float64 throughout.
 * @module
 */
import type { Bar } from "../data/bar.ts";
import type { AccountRules } from "./account_rules.ts";
import type { Account, Holding } from "./account_state.ts";
import { type CostBreakdown, type CostedFill, fillRates } from "./cost_model.ts";
import type { BarExit } from "./exits.ts";
import type { ExitReason, Fill } from "./fill.ts";
import { averageIn, type MutableTrade, openTrade, type Trade, tradeOf } from "./trade.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A {@linkcode Holding} that may be changed in place; `close` is the last price seen, also within a bar. */
export interface LedgerHolding extends Omit<Mutable<Holding>, "trade"> {
  trade: MutableTrade | null;
}

/** An {@linkcode Account} that may be changed in place. */
export interface Ledger extends Omit<Mutable<Account>, "costs" | "holdings"> {
  /** Costs so far. */
  costs: Mutable<CostBreakdown>;
  /** What is held, by market. */
  holdings: Record<string, LedgerHolding>;
  /** The same holdings in the order of their markets' first bars: they are gone through several times a bar. */
  readonly list: LedgerHolding[];
}

/** Rules of a step, and who hears of it. */
export interface LedgerRun {
  /** Rules, checked before. */
  readonly rules: AccountRules;
  /** Hears of every fill. */
  readonly onFill?: (fill: Fill) => void;
  /** Hears of every trade that is closed. */
  readonly onClosed?: (trade: Trade) => void;
}

/** Part of a bar that a position is held in. */
export interface Path {
  readonly open: number;
  readonly high: number;
  readonly low: number;
}

/** A market's bar on its way through the account. */
export interface Item {
  /** The market. */
  readonly market: string;
  /** Its holding. */
  readonly holding: LedgerHolding;
  /** Its bar. */
  readonly bar: Bar;
  /** Length of the bar, ms. */
  readonly interval: number;
  /** Position to go for, as a fraction of equity; null keeps what is held. */
  readonly target: number | null;
  /** Volatility known at the decision. */
  readonly volatility: number;
  /** Whether anything may be filled in the bar but what margin demands. */
  readonly lived: boolean;
  /** Close before the bar. */
  readonly lastClose: number;
  /** Prices that what is held is exposed to: the bar's, or those since the fill of a limit order. */
  path: Path;
  /** The level that ends the position within the bar, if any. */
  exit?: BarExit | undefined;
}

/** One purchase or sale to be booked. */
export interface Order {
  /** Units to buy; to sell below 0. */
  readonly quantity: number;
  readonly price: number;
  readonly time: number;
  /** (high − low) / price of the bar it is filled in. */
  readonly range: number;
  /** Equity that positions before and after are fractions of. */
  readonly equity: number;
  readonly reason: ExitReason;
  /** Whether a resting limit order is filled. */
  readonly maker?: boolean;
}

/** What a ledger has in a market; one of which it has seen no bar is begun. */
export function holdingIn(ledger: Ledger, market: string): LedgerHolding {
  const known = ledger.holdings[market];
  if (known) return known;
  const holding = newHolding();
  ledger.holdings[market] = holding;
  ledger.list.push(holding);
  return holding;
}

/** A market of which the account has seen no bar. */
function newHolding(): LedgerHolding {
  return {
    units: 0,
    value: 0,
    position: 0,
    target: 0,
    time: null,
    close: 0,
    range: 0,
    paidTo: 0,
    barred: 0,
    trade: null,
  };
}

/** Cash + Σ units · price at the last prices seen. */
export function equityOf({ cash, list }: Ledger): number {
  let equity = cash;
  for (const { units, close } of list) equity += units * close;
  return equity;
}

/** Σ|units · price| at the last prices seen. */
export function grossOf({ list }: Ledger): number {
  let gross = 0;
  for (const { units, close } of list) gross += Math.abs(units) * close;
  return gross;
}

/** What longs are worth at the last prices seen. */
export function longsOf({ list }: Ledger): number {
  let longs = 0;
  for (const { units, close } of list) longs += Math.max(0, units) * close;
  return longs;
}

/** Moves a holding's price; gives what that earned. */
export function markTo(holding: LedgerHolding, price: number): number {
  const earned = holding.units * (price - holding.close);
  holding.close = price;
  return earned;
}

/** Books a cost on the account and on the trade it belongs to. */
export function book(ledger: Ledger, holding: LedgerHolding, kind: keyof CostBreakdown, amount: number): void {
  if (amount === 0) return;
  ledger.costs[kind] += amount;
  ledger.cash -= amount;
  if (holding.trade) holding.trade.cost += amount;
}

/** Rate of all that a fill pays, per unit of value. */
export function fillRate({ costs = {} }: AccountRules, fill: CostedFill): number {
  const { fees, spread, slippage } = fillRates(costs, fill);
  return fees + spread + slippage;
}

/**
 * Buys or sells, charges rate × |quantity| × price (twin: `tradeCost`) and reports it. It opens a trade where nothing was held
 * and closes the one whose last unit goes; a flip is two orders. Nothing is bought where a stop is asked for and none can be set.
 */
export function bookFill(
  ledger: Ledger,
  at: Pick<Item, "market" | "holding" | "volatility">,
  order: Order,
  run: LedgerRun,
): void {
  const { market, holding, volatility } = at;
  const { quantity, price, time, range, equity, reason, maker = false } = order;
  const { costs = {}, exits = {} } = run.rules;
  const held = holding.units;
  holding.trade ??= openTrade(exits, { side: quantity > 0 ? 1 : -1, time, price, volatility }) ?? null;
  const { trade } = holding;
  if (trade === null) return;
  averageIn(trade, { quantity, price, held });
  const after = quantity === -held ? 0 : held + quantity;
  const value = Math.abs(quantity) * price;
  const rates = fillRates(costs, { market, time, price, quantity, equity, range, maker });
  ledger.cash -= quantity * price;
  holding.units = after;
  let fee = 0;
  for (const kind of ["fees", "spread", "slippage"] as const) {
    book(ledger, holding, kind, rates[kind] * value);
    fee += rates[kind] * value;
  }
  if (reason === "liquidation") {
    const { liquidationFee = 0 } = costs;
    book(ledger, holding, "fees", liquidationFee * value);
    fee += liquidationFee * value;
  }
  const share = equity > 0 ? price / equity : 0;
  run.onFill?.({ market, time, price, quantity, from: held * share, to: after * share, fee, reason });
  if (after !== 0) return;
  trade.pnl = -trade.basis;
  run.onClosed?.(tradeOf(market, trade, { time, price, reason }));
  holding.trade = null;
}
