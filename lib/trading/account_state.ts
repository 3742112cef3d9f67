/**
 * What an account is between two bars, and what it is told of a bar: types alone. How it goes through a bar is in `ledger.ts`.
 * @module
 */
import type { Bar } from "../data/bar.ts";
import type { CostBreakdown } from "./cost_model.ts";
import type { Fill } from "./fill.ts";
import type { OpenTrade, Trade } from "./trade.ts";

/** What an account has in one market. */
export interface Holding {
  /** Units held; below 0 short. */
  readonly units: number;
  /** Signed value of what is held at the last close, in account currency. */
  readonly value: number;
  /** The value as a fraction of the account's equity. */
  readonly position: number;
  /** Target that was last traded for, as a fraction of equity; what is held drifts from it. */
  readonly target: number;
  /** Open time of its last bar, ms UTC; null before the first. */
  readonly time: number | null;
  /** Close of its last bar. */
  readonly close: number;
  /** (high − low) / close of its last bar. */
  readonly range: number;
  /** Up to when funding and interest on a short are paid, ms UTC. */
  readonly paidTo: number;
  /** Side that an exit has closed until the wanted side changes; 0 for none. */
  readonly barred: number;
  /** The open trade; null when flat. */
  readonly trade: OpenTrade | null;
}

/** The end of an account. */
export interface Ruin {
  /** Open time of the bar in which nothing was left, ms UTC. */
  readonly time: number;
  /** What is owed beyond the equity, in account currency, at least 0. */
  readonly owed: number;
}

/** An account between two bars. Plain data: `JSON.parse(JSON.stringify(account))` is the same account. */
export interface Account {
  /** Equity before the first bar. */
  readonly initialCapital: number;
  /** Cash, in account currency; below 0 borrowed. */
  readonly cash: number;
  /** cash + Σ units · price at the last closes, net of costs; never below 0. */
  readonly equity: number;
  /** Highest equity so far, the initial capital included. */
  readonly peak: number;
  /** Costs so far. */
  readonly costs: CostBreakdown;
  /** What is held, by market. */
  readonly holdings: Readonly<Record<string, Holding>>;
  /** Up to when interest on borrowed cash is paid, ms UTC; null before the first bar. */
  readonly paidTo: number | null;
  /** When nothing was left and trading stopped, and what is owed; null if it never did. */
  readonly ruined: Ruin | null;
}

/** One market's bar, and what was wanted before it. */
export interface BarOrder {
  /** The market. */
  readonly market: string;
  /** The bar; open, high, low and close are read. */
  readonly bar: Bar;
  /** Length of the bar, ms. */
  readonly interval: number;
  /** Position wanted at the close before the bar, as a fraction of equity; null keeps the units that are held. */
  readonly target: number | null;
  /** Sample deviation of 1-bar returns at that close; read by exits in units of volatility, which refuse an entry without it. */
  readonly volatility?: number | undefined;
  /**
   * The bar may be of another instrument than the one before it: what is held is closed at the last close, and nothing is
   * bought in the bar (default false).
   */
  readonly relisted?: boolean;
  /** False where nobody was there to trade: the bar is marked and paid for, margin is called, nothing else is filled (default true). */
  readonly lived?: boolean;
}

/** What a step gives. */
export interface AccountStep {
  /** The account at the close of the bars. */
  readonly account: Account;
  /** Purchases and sales, in the order they happened. */
  readonly fills: readonly Fill[];
  /** Trades that were closed, in the order they were. */
  readonly closed: readonly Trade[];
}

/** What a step of bars came to beside the account after it. */
export interface BarFigures {
  /** 1 + the return of the step had nothing been paid for its fills and for holding, at least 0. */
  readonly gross: number;
  /** Most Σ|position| held at once, each at its last fill or open, as a fraction of the equity there. */
  readonly exposure: number;
}
