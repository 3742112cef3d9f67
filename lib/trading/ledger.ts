/**
 * How an account goes through a bar, on values it may change in place: the one algorithm behind `account.ts`, which copies
 * and checks, and `lib/backtest`, which steps a private account many times.
 * @module
 */
import type { AccountRules } from "./account_rules.ts";
import type { BarFigures, BarOrder } from "./account_state.ts";
import { payCarry } from "./carry.ts";
import { fillWanted } from "./fills_at_open.ts";
import {
  bookFill,
  equityOf,
  grossOf,
  holdingIn,
  type Item,
  type Ledger,
  type LedgerRun,
  markTo,
} from "./ledger_state.ts";
import { targetOf } from "./targets.ts";
import { callMarginNow, throughBars } from "./within_bar.ts";

/** 1 + what prices earned, as a share of the equity it was earned on. */
function grown(earned: number, base: number): number {
  return base > 0 ? Math.max(0, 1 + earned / base) : 1;
}

/** Closes what is held of an instrument that may not be traded any more, at its last close. */
function leaveListing(ledger: Ledger, { market, holding, bar }: Item, run: LedgerRun): void {
  const { units, close: price, time, range } = holding;
  holding.target = 0;
  holding.barred = 0;
  if (units === 0) return;
  const order = {
    quantity: -units,
    price,
    time: time ?? bar.time,
    range,
    equity: equityOf(ledger),
    reason: "hole" as const,
  };
  bookFill(ledger, { market, holding, volatility: NaN }, order, run);
}

/** Marks to the close: equity, each holding's weight of it, the peak, and the end where nothing is left. */
function settle(ledger: Ledger, items: readonly Item[]): void {
  for (const { bar, holding } of items) {
    holding.time = bar.time;
    holding.range = (bar.high - bar.low) / bar.close;
  }
  ledger.equity = equityOf(ledger);
  if (!(ledger.equity > 0) && ledger.ruined === null) {
    ledger.ruined = { time: items[0].bar.time, owed: ledger.equity < 0 ? -ledger.equity : 0 };
    ledger.cash = 0;
    ledger.equity = 0;
  }
  for (const holding of ledger.list) {
    holding.value = holding.units * holding.close;
    holding.position = holding.units === 0 ? 0 : holding.value / ledger.equity;
    if (holding.trade) holding.trade.pnl = holding.value - holding.trade.basis;
  }
  ledger.peak = Math.max(ledger.peak, ledger.equity);
}

/**
 * Goes through one bar of each market given, in place. See `stepAccount` for what it means.
 *
 * @returns What the step came to beside the account.
 */
export function applyBars(ledger: Ledger, orders: readonly BarOrder[], run: LedgerRun): BarFigures {
  const rules: AccountRules = run.rules;
  if (orders.length === 0) return { gross: 1, exposure: grossOf(ledger) / ledger.equity };
  const items = orders.map((order): Item => {
    const { market, bar, interval, volatility = NaN, lived = true, relisted = false } = order;
    const holding = holdingIn(ledger, market);
    const target = targetOf(ledger, holding, order, rules);
    const { close: lastClose } = holding;
    const item: Item = {
      market,
      bar,
      interval,
      volatility,
      holding,
      target,
      lived: lived && !relisted,
      lastClose,
      path: bar,
    };
    if (relisted) leaveListing(ledger, item, run);
    return item;
  });
  let base = equityOf(ledger);
  let filled = rules.fill === "close" ? fillWanted(ledger, items, run) : undefined;
  let earned = 0;
  for (const { bar, holding } of items) earned += markTo(holding, bar.open);
  const overnight = grown(earned, base);
  payCarry(ledger, items, "open", rules);
  // An account that was closed at the open does not trade before the next bar.
  const called = callMarginNow(ledger, items, run);
  base = equityOf(ledger);
  filled ??= called ? { resting: [], exposure: 0 } : fillWanted(ledger, items, run);
  payCarry(ledger, items, "close", rules);
  const within = throughBars(ledger, items, { run, resting: filled.resting });
  callMarginNow(ledger, items, run);
  settle(ledger, items);
  return {
    gross: overnight * grown(within.earned, base),
    exposure: Math.max(filled.exposure, within.exposure),
  };
}
