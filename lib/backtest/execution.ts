/**
 * Wanted positions on a price history, run through an account: the series that figures and charts are drawn from.
 * It knows no model, and how a bar is reckoned is `lib/trading`'s; it refuses positions that do not fit the bars.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import { type AccountRules, type FillRule, openAccount, openTrades, type Trade } from "../trading/account.ts";
import { type CostBreakdown, type CostModel, totalCosts } from "../trading/cost_model.ts";
import { exitWindow } from "../trading/exits.ts";
import { applyBars, type Ledger, newHolding } from "../trading/ledger.ts";
import { trailingVolatility } from "../features/trailing_volatility.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

/** Bars of volatility where no rule names its own. */
export const VOLATILITY_WINDOW = 20;

/** How an account trades a backtest. */
export interface ExecutionOptions extends AccountRules {
  /**
   * Cost per unit traded, as a fraction of what is traded: short for `costs: { takerFee }` and refused beside `costs`
   * (default 0.001 where `costs` is absent: 10 basis points of fee and slippage).
   */
  readonly costRate?: number;
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
  /** Level of the stop for the bar that follows each close; NaN where there is none. `[bars]` */
  readonly stops: Float64Array;
  /** Trades, oldest first; the last may still be open. */
  readonly trades: readonly Trade[];
  /** All costs, in account currency. */
  readonly costs: number;
  /** All costs by kind, in account currency. */
  readonly costBreakdown: CostBreakdown;
  /** Open time of the bar in which equity fell to 0 or below and trading stopped; null if it never did. */
  readonly ruinedAt: number | null;
}

/** True when a market's opens carry no information of their own. */
export function isCloseOnly(candles: Candles): boolean {
  return candles.closeOnly === true || candles.close.every((price, i) => price === candles.open[i]);
}

/** An account's rules out of options that may name a single cost rate. */
export function executionRules(options: ExecutionOptions): AccountRules {
  requireKnownKeys("Cannot execute", "options", options, BACKTEST_KEYS);
  const { costRate, costs, fill, exits, brake, initialCapital } = options;
  if (costRate !== undefined && costs !== undefined) {
    throw new RangeError("Cannot execute: expected costRate or costs, received both");
  }
  const rate = costRate ?? 0.001;
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`Cannot execute: costRate must be within [0, 1), got ${String(costRate)}`);
  }
  const model: CostModel = costs ?? { takerFee: rate };
  return { fill, costs: model, exits, brake, initialCapital };
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
 * a fraction of equity, restored at each close without cost; within a bar it is held in units, and left at a stop or a
 * take-profit that the bar touches. The last one wanted is never filled. Where equity falls to 0 the account stops.
 *
 * @param candles Prices; those before the first decision are read for the volatility of exits alone.
 * @param wanted First bar decided on, and the position wanted at the close of each bar from there, `[bars + 1]`.
 * @param options Fill, costs, exits and capital.
 * @throws {RangeError} The positions do not fit the candles, or an option is out of range.
 * @throws {TypeError} A position is not finite.
 */
export function execute(
  candles: Candles,
  wanted: { readonly start: number; readonly positions: Float64Array },
  options: ExecutionOptions = {},
): Execution {
  const { start, positions: targets } = wanted;
  requireExecution(candles, start, targets);
  const rules = executionRules(options);
  const account = openAccount(rules);
  const { symbol: market, time, open, high, low, close } = candles;
  const interval = intervalMs(candles.interval);
  const window = exitWindow(rules.exits ?? {});
  const volatility = window > 0 ? trailingVolatility(close, window) : undefined;
  const bars = targets.length - 1;
  const [equity, netReturns, grossReturns, positions, stops] = Array.from({ length: 5 }, () => new Float64Array(bars));
  const trades: Trade[] = [];
  const last = { time: time[start], close: close[start], range: (high[start] - low[start]) / close[start] };
  const ledger: Ledger = {
    ...account,
    costs: { ...account.costs },
    holdings: { [market]: { ...newHolding(last), paidTo: last.time + interval, trade: null } },
  };
  const run = { rules, onClosed: (trade: Trade) => trades.push(trade) };
  for (let i = 0; i < bars; i++) {
    const before = ledger.equity;
    const at = start + 1 + i;
    const bar = { time: time[at], open: open[at], high: high[at], low: low[at], close: close[at], volume: 0 };
    const order = { market, bar, interval, target: targets[i], volatility: volatility?.[at - 1] };
    const gross = applyBars(ledger, [order], run);
    const { position, trade } = ledger.holdings[market];
    equity[i] = ledger.equity;
    netReturns[i] = before > 0 ? ledger.equity / before - 1 : 0;
    grossReturns[i] = before > 0 ? gross - 1 : 0;
    positions[i] = position;
    stops[i] = trade?.stop ?? NaN;
  }
  trades.push(...openTrades(ledger));
  const { fill = "next-open" } = rules;
  return {
    initialCapital: account.initialCapital,
    fill: fill === "next-open" && isCloseOnly(candles) ? "next-close" : fill,
    time: time.slice(start + 1, start + 1 + bars),
    equity,
    netReturns,
    grossReturns,
    positions,
    stops,
    trades,
    costs: totalCosts(ledger.costs),
    costBreakdown: { ...ledger.costs },
    ruinedAt: ledger.ruinedAt,
  };
}
