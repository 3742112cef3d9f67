/**
 * How an account goes through a bar, on values it may change in place: the one algorithm behind `account.ts`, which copies
 * and checks, and `lib/backtest`, which steps a private account many times. Money is float64 throughout.
 * @module
 */
import type { Bar } from "../data/bar.ts";
import type { Account, AccountRules, BarOrder, ExitReason, Fill, Holding, OpenTrade, Trade } from "./account.ts";
import { tradeCost } from "./cost.ts";
import { borrowDue, type CostBreakdown, fillRates, fundingDue } from "./cost_model.ts";
import { barExit, exitFraction, type ExitRules } from "./exits.ts";
import { drawdownBrake } from "./sizing.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface LedgerHolding extends Omit<Mutable<Holding>, "trade"> {
  trade: Mutable<OpenTrade> | null;
}

/** An {@linkcode Account} that may be changed in place. */
export interface Ledger extends Omit<Mutable<Account>, "costs" | "holdings"> {
  /** Costs so far. */
  costs: Mutable<CostBreakdown>;
  /** What is held, by market. */
  holdings: Record<string, LedgerHolding>;
}

/** Rules of a step, and who hears of it. */
export interface LedgerRun {
  /** Rules, checked before. */
  readonly rules: AccountRules;
  /** Hears of every change of position. */
  readonly onFill?: (fill: Fill) => void;
  /** Hears of every trade that is closed. */
  readonly onClosed?: (trade: Trade) => void;
}

/** A holding that is traded, and what its entry may depend on. */
interface Traded {
  readonly market: string;
  readonly holding: LedgerHolding;
  readonly volatility?: number;
}

interface Item extends Traded {
  readonly bar: Bar;
  readonly interval: number;
  readonly target: number;
}

/** A change of position to be charged and reported. */
interface Change {
  readonly price: number;
  readonly time: number;
  readonly to: number;
  readonly range: number;
  readonly equity: number;
  readonly reason: ExitReason;
}

/** An open trade as it is reported, with its exit if it had one. */
export function tradeOf(
  market: string,
  trade: OpenTrade,
  exit: { readonly time: number | null; readonly price: number | null; readonly reason: ExitReason | null },
): Trade {
  return {
    market,
    side: trade.side > 0 ? "long" : "short",
    entryTime: trade.entryTime,
    entryPrice: trade.entryPrice,
    exitTime: exit.time,
    exitPrice: exit.price,
    exitReason: exit.reason,
    pnl: trade.pnl,
    cost: trade.cost,
    stop: trade.firstStop,
    takeProfit: trade.takeProfit,
  };
}

/** A market of which the account has seen one bar or none. */
export function newHolding(last?: { readonly time: number; readonly close: number; readonly range: number }): Holding {
  const { time = null, close = 0, range = 0 } = last ?? {};
  return { position: 0, value: 0, time, close, range, paidTo: time ?? 0, barred: 0, trade: null };
}

/** What the account will go for: nothing once ruined or while a stop bars the side, less in a drawdown, never past the limit. */
function targetOf(ledger: Ledger, order: BarOrder, { rules, holding }: {
  readonly rules: AccountRules;
  readonly holding: LedgerHolding;
}): number {
  if (ledger.ruinedAt !== null) return 0;
  if (holding.barred !== 0) {
    if (Math.sign(order.target) === holding.barred) return 0;
    holding.barred = 0;
  }
  const { brake, costs: { maxPosition = Infinity } = {} } = rules;
  const share = brake ? drawdownBrake(1 - ledger.equity / ledger.peak, brake) : 1;
  return Math.max(-maxPosition, Math.min(maxPosition, order.target * share));
}

/** A target that whole order steps reach, rounded towards the position held (towards nothing when it changes sides). */
function wholeSteps(target: number, held: number, unit: number): number {
  if (unit === 0 || target === 0) return target;
  const from = Math.sign(target) === Math.sign(held) ? held : 0;
  const steps = (target - from) / unit;
  return from + Math.trunc(steps + Math.sign(steps) * 1e-9) * unit;
}

function levelsOf(
  exits: ExitRules,
  entry: { readonly side: 1 | -1; readonly price: number; readonly volatility: number },
) {
  const { side, price, volatility } = entry;
  const stop = exits.stop ? exitFraction(exits.stop, volatility) : null;
  const profit = exits.takeProfit ? exitFraction(exits.takeProfit, volatility) : null;
  return {
    stop: stop === null ? null : price * (1 - side * stop),
    takeProfit: profit === null ? null : price * (1 + side * profit),
    trail: exits.stop?.trailing ? stop! : 0,
  };
}

/** Books a cost on the account and on the trade it belongs to. */
function book(ledger: Ledger, holding: LedgerHolding, kind: keyof CostBreakdown, amount: number): void {
  if (amount === 0) return;
  ledger.costs[kind] += amount;
  ledger.equity -= amount;
  if (holding.trade) holding.trade.cost += amount;
}

/** Charges one leg, rate × |Δposition| × equity, and reports it. */
function leg(ledger: Ledger, { market, holding }: Traded, change: Change, run: LedgerRun): void {
  const { price, time, to, range, equity, reason } = change;
  const rates = fillRates(run.rules.costs ?? {}, reason === "take-profit", range);
  const move = { from: holding.position, to };
  let cost = 0;
  for (const kind of ["fees", "spread", "slippage"] as const) {
    const amount = tradeCost(rates[kind], move, equity);
    book(ledger, holding, kind, amount);
    cost += amount;
  }
  run.onFill?.({ market, time, price, ...move, cost, reason });
  holding.position = to;
}

/** Takes a position to `change.to`: closes the trade where the side changes, opens one where there is none. */
function trade(ledger: Ledger, traded: Traded, change: Change, run: LedgerRun): void {
  const { market, holding, volatility = NaN } = traded;
  const { time, price, to, reason } = change;
  const stays = Math.sign(to) === Math.sign(holding.position);
  if (holding.trade && !stays) {
    leg(ledger, traded, { ...change, to: 0 }, run);
    run.onClosed?.(tradeOf(market, holding.trade, { time, price, reason }));
    holding.trade = null;
  }
  if (to === 0) return;
  if (!holding.trade) {
    const side = to > 0 ? 1 : -1;
    const { stop, takeProfit, trail } = levelsOf(run.rules.exits ?? {}, { side, price, volatility });
    if (Number.isNaN(stop) || Number.isNaN(takeProfit)) return; // no stop can be set: the position is not taken
    holding.trade = {
      side,
      entryTime: time,
      entryPrice: price,
      pnl: 0,
      cost: 0,
      firstStop: stop,
      stop,
      takeProfit,
      trail,
      best: price,
    };
  }
  leg(ledger, traded, change, run);
}

/** Fills what is wanted, all on the equity before any of it is charged; afterwards each holds its fraction of what is left. */
function fillAll(ledger: Ledger, items: readonly Item[], run: LedgerRun): void {
  const isClose = run.rules.fill === "close";
  const { minOrder = 0 } = run.rules.costs ?? {};
  const equity = Math.max(ledger.equity, 0);
  const moved: LedgerHolding[] = [];
  for (const item of items) {
    const { bar, holding } = item;
    if (isClose && holding.time === null) continue; // there was no close to fill at
    const price = isClose ? holding.close : bar.open;
    const unit = equity > 0 ? minOrder * price / equity : 0;
    const to = equity > 0 ? wholeSteps(item.target, holding.position, unit) : 0;
    if (to === holding.position) continue;
    const [time, range] = isClose ? [holding.time!, holding.range] : [bar.time, (bar.high - bar.low) / bar.open];
    trade(ledger, item, { price, time, to, range, equity, reason: "signal" }, run);
    moved.push(holding);
  }
  for (const holding of moved) holding.value = holding.position * ledger.equity;
}

/** Pays funding and borrow on what is held, up to but not including `to`. */
function pay(ledger: Ledger, holding: LedgerHolding, to: number, rules: AccountRules): void {
  const { costs } = rules;
  if (costs && holding.value !== 0) {
    book(ledger, holding, "funding", fundingDue(costs, holding.paidTo, to) * holding.value);
    if (holding.value < 0) book(ledger, holding, "borrow", borrowDue(costs, to - holding.paidTo) * -holding.value);
  }
  holding.paidTo = to;
}

/** Moves what is held from one price to another; gives the profit. */
function move(holding: LedgerHolding, from: number, to: number): number {
  if (holding.value === 0) return 0;
  const pnl = holding.value * (to / from - 1);
  holding.value += pnl;
  if (holding.trade) holding.trade.pnl += pnl;
  return pnl;
}

/** Adds profits to the equity; gives 1 + their share of it. */
function earn(ledger: Ledger, pnl: number): number {
  const base = ledger.equity;
  ledger.equity += pnl;
  return base > 0 ? 1 + pnl / base : 1;
}

/** Goes through the bar from its open: exits at the first level it fills, or stays to the close. */
function throughBar(ledger: Ledger, items: readonly Item[], run: LedgerRun): number {
  const base = ledger.equity;
  const exits: { item: Item; change: Change }[] = [];
  let sum = 0;
  for (const item of items) {
    const { bar, holding } = item;
    const exit = holding.trade ? barExit(holding.trade.side, holding.trade, bar) : undefined;
    const pnl = move(holding, bar.open, exit ? exit.price : bar.close);
    sum += pnl;
    if (!exit) continue;
    const range = (bar.high - bar.low) / exit.price;
    exits.push({ item, change: { ...exit, time: bar.time, to: 0, range, equity: Math.max(base + pnl, 0) } });
  }
  const gross = earn(ledger, sum);
  for (const { item, change } of exits) {
    const { holding } = item;
    holding.barred = run.rules.exits?.reentry === "bar" ? 0 : holding.trade!.side;
    trade(ledger, item, change, run);
    holding.value = 0;
  }
  return gross;
}

/** Marks to the close: each market of the bar is back at its fraction of equity, trailing stops follow. */
function mark(ledger: Ledger, items: readonly Item[]): void {
  for (const { bar, holding } of items) {
    holding.time = bar.time;
    holding.close = bar.close;
    holding.range = (bar.high - bar.low) / bar.close;
    holding.value = holding.position * ledger.equity;
    const open = holding.trade;
    if (!open) continue;
    open.best = open.side > 0 ? Math.max(open.best, bar.high) : Math.min(open.best, bar.low);
    if (open.trail === 0) continue;
    const level = open.best * (1 - open.side * open.trail);
    open.stop = open.side > 0 ? Math.max(open.stop!, level) : Math.min(open.stop!, level);
  }
}

/** Closes everything at the last closes: there is no equity left to trade with. */
function ruin(ledger: Ledger, time: number, run: LedgerRun): void {
  ledger.ruinedAt = time;
  for (const [market, holding] of Object.entries(ledger.holdings)) {
    if (holding.position === 0) continue;
    const change = { price: holding.close, time, to: 0, range: 0, equity: 0, reason: "ruin" as const };
    trade(ledger, { market, holding }, change, run);
    holding.value = 0;
  }
}

/**
 * Goes through one bar of each market given, in place. See `stepAccount` for what it means.
 *
 * @returns 1 + the return of the step had its fills been free.
 */
export function applyBars(ledger: Ledger, orders: readonly BarOrder[], run: LedgerRun): number {
  const { rules } = run;
  const items = orders.map((order): Item => {
    const { market, bar, interval, volatility } = order;
    const holding = ledger.holdings[market] ??= newHolding();
    return { market, bar, interval, volatility, holding, target: targetOf(ledger, order, { rules, holding }) };
  });
  if (rules.fill === "close") fillAll(ledger, items, run);
  let overnight = 0;
  for (const { bar, holding } of items) overnight += move(holding, holding.close, bar.open);
  const gross = earn(ledger, overnight);
  for (const { bar, holding } of items) pay(ledger, holding, bar.time + 1, rules);
  if (rules.fill !== "close") fillAll(ledger, items, run);
  for (const { bar, interval, holding } of items) pay(ledger, holding, bar.time + interval, rules);
  const within = throughBar(ledger, items, run);
  mark(ledger, items);
  ledger.peak = Math.max(ledger.peak, ledger.equity);
  if (ledger.equity <= 0 && ledger.ruinedAt === null && items.length > 0) ruin(ledger, items[0].bar.time, run);
  return gross * within;
}
