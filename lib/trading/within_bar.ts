/**
 * What happens between a bar's open and its close: limit orders that the bar trades through, stops and take-profits, and the
 * margin at its worst prices. The order of high and low is unknown, so the worse is assumed.
 * @module
 */
import { maintenanceOf } from "./cost_model.ts";
import { type BarExit, barExit } from "./exits.ts";
import type { Resting } from "./fills_at_open.ts";
import {
  bookFill,
  equityOf,
  fillRate,
  grossOf,
  type Item,
  type Ledger,
  type LedgerHolding,
  type LedgerRun,
  longsOf,
  markTo,
} from "./ledger_state.ts";
import { sawPrices, trail } from "./trade.ts";
import { affordable, wholeUnits } from "./targets.ts";

/** Part of a bar that a position is held in. */
interface Path {
  readonly open: number;
  readonly high: number;
  readonly low: number;
}

/** A market's way through the bar. */
interface Passage {
  readonly item: Item;
  /** Prices it is exposed to; those since the fill of a limit order. */
  path: Path;
  /** The level that ends the position, if any. */
  exit?: BarExit;
}

/** Closes what is held in a market at a price, and keeps its side barred where the rules say so. */
function leave(
  ledger: Ledger,
  { item, exit }: {
    readonly item: Item;
    readonly exit: Pick<BarExit, "price"> & { readonly reason: BarExit["reason"] | "liquidation" };
  },
  run: LedgerRun,
): number {
  const { holding, bar } = item;
  const { price, reason } = exit;
  const earned = markTo(holding, price);
  const trade = holding.trade!;
  sawPrices(trade, price, price);
  holding.barred = run.rules.exits?.reentry === "bar" ? 0 : trade.side;
  const range = (bar.high - bar.low) / price;
  const order = { quantity: -holding.units, price, time: bar.time, range, equity: equityOf(ledger), reason };
  bookFill(ledger, item, { ...order, maker: reason === "take-profit" }, run);
  return earned;
}

/** Fills a limit order that the bar trades through, cut to what limit and cash still allow; gives what the way to its price earned. */
function fillResting(ledger: Ledger, passage: Passage, { price }: Resting, run: LedgerRun): number {
  const { item } = passage;
  const { bar, holding, target } = item;
  const { rules } = run;
  const { maxGross = Infinity } = rules;
  const earned = markTo(holding, price);
  const equity = equityOf(ledger);
  const wanted = target! * equity / price - holding.units;
  const room = Math.max(0, maxGross * equity - grossOf(ledger)) / price;
  const units = Math.sign(wanted) * Math.min(Math.abs(wanted), room);
  const longs = longsOf(ledger) + Math.max(0, units) * price;
  const share = units > 0
    ? affordable(ledger, [{ units, price, rate: fillRate(rules, true, 0) }], { rules, longs, equity })
    : 1;
  const quantity = wholeUnits(units * share, rules);
  if (quantity === 0 || Math.sign(quantity) !== Math.sign(target!)) return earned;
  const reason = target === holding.target && holding.units !== 0 ? "rebalance" : "signal";
  bookFill(ledger, item, { quantity, price, time: bar.time, range: 0, equity, reason, maker: true }, run);
  holding.target = target!;
  // A long's limit lies below the open: the high may have come before it, the low has not.
  passage.path = quantity > 0
    ? { open: price, high: price, low: bar.low }
    : { open: price, high: bar.high, low: price };
  return earned;
}

/** Whether a bar trades through a limit order on the side of a target. */
function tradesThrough({ bar, target }: Item, price: number, { entry }: LedgerRun["rules"]): boolean {
  const through = entry?.kind === "limit" ? entry.through ?? 0 : 0;
  return target! > 0 ? bar.low < price * (1 - through) : bar.high > price * (1 + through);
}

/** The exit that comes before a limit order is reached, if any. */
function exitBefore({ holding, bar }: Item, price: number): BarExit | undefined {
  const { trade } = holding;
  if (!trade) return undefined;
  const { open } = bar;
  return barExit(trade.side, trade, { open, high: Math.max(open, price), low: Math.min(open, price) });
}

/** Price of a market that the margin is reckoned at: where it is sure to have been left, or else the worst that was held through. */
function worstPrice({ item: { holding }, path, exit }: Passage): number {
  if (exit && (exit.reason === "stop" || exit.price === path.open)) return exit.price;
  return holding.units > 0 ? path.low : path.high;
}

/**
 * Closes everything where the equity at the worst prices is not above the maintenance margin. Positions that a level has
 * surely ended by then are left there.
 *
 * @returns What was earned on the way to these prices; null where the margin holds.
 */
function callMargin(ledger: Ledger, passages: readonly Passage[], run: LedgerRun): number | null {
  const sure = (passage: Passage): boolean => passage.exit !== undefined && worstPrice(passage) === passage.exit.price;
  const worst = new Map<LedgerHolding, Passage>(passages.map((passage) => [passage.item.holding, passage]));
  let [equity, gross] = [ledger.cash, 0];
  for (const market in ledger.holdings) {
    const holding = ledger.holdings[market];
    if (holding.units === 0) continue;
    const passage = worst.get(holding);
    const price = passage ? worstPrice(passage) : holding.close;
    equity += holding.units * price;
    if (!passage || !sure(passage)) gross += Math.abs(holding.units) * price;
  }
  if (gross === 0 || equity > maintenanceOf(run.rules.costs ?? {}) * gross) return null;
  let earned = 0;
  for (const passage of passages) if (sure(passage)) earned += leave(ledger, { ...passage, exit: passage.exit! }, run);
  return earned + liquidate(ledger, (holding) => worst.get(holding), run, passages[0].item.bar.time);
}

/** Closes all that is held: markets of the bar at their worst price, others at their last close. */
function liquidate(
  ledger: Ledger,
  passageOf: (holding: LedgerHolding) => Passage | undefined,
  run: LedgerRun,
  time: number,
): number {
  let earned = 0;
  const open = Object.entries(ledger.holdings).filter(([, { units }]) => units !== 0);
  for (const [, holding] of open) {
    const passage = passageOf(holding);
    if (passage) earned += markTo(holding, worstPrice({ ...passage, exit: undefined }));
  }
  for (const [market, holding] of open) {
    const { close: price, range } = holding;
    const bar = passageOf(holding)?.item.bar ?? { time, open: price, high: price, low: price, close: price, volume: 0 };
    const item: Item = { market, holding, bar, interval: 0, target: 0, volatility: NaN, lived: true };
    leave(ledger, { item, exit: { price, reason: "liquidation" } }, run);
    holding.range = range;
  }
  return earned;
}

/** Notes what a bar's prices were for the trades still held, and lets trailing stops follow. */
function seeBar({ item: { holding, bar }, path }: Passage): void {
  const { trade } = holding;
  if (!trade) return;
  sawPrices(trade, Math.min(path.low, bar.close), Math.max(path.high, bar.close));
  trail(trade);
}

/** Calls the margin at the prices the markets stand at now. */
export function callMarginNow(ledger: Ledger, items: readonly Item[], run: LedgerRun): void {
  const passages = items.map((item): Passage => {
    const price = item.holding.close;
    return { item, path: { open: price, high: price, low: price } };
  });
  callMargin(ledger, passages, run);
}

/**
 * Goes from the open to the close of the bars.
 *
 * @returns What prices earned, and Σ|position| after the limit orders that were filled.
 */
export function throughBars(
  ledger: Ledger,
  items: readonly Item[],
  { run, resting }: { readonly run: LedgerRun; readonly resting: readonly Resting[] },
): { readonly earned: number; readonly exposure: number } {
  let [earned, exposure] = [0, 0];
  const passages = items.map((item): Passage => {
    const passage: Passage = { item, path: item.bar };
    const { holding, bar, lived } = item;
    const order = resting.find((one) => one.item === item);
    if (order && tradesThrough(item, order.price, run.rules)) {
      passage.exit = exitBefore(item, order.price);
      if (!passage.exit) {
        earned += fillResting(ledger, passage, order, run);
        const equity = equityOf(ledger);
        if (equity > 0) exposure = Math.max(exposure, grossOf(ledger) / equity);
      }
    }
    const { trade } = holding;
    if (lived && trade) passage.exit ??= barExit(trade.side, trade, passage.path === bar ? bar : passage.path);
    return passage;
  });
  const called = callMargin(ledger, passages, run);
  if (called !== null) earned += called;
  for (const passage of passages) {
    const { item: { holding, bar }, exit } = passage;
    if (exit && holding.trade) earned += leave(ledger, { item: passage.item, exit }, run);
    else seeBar(passage);
    earned += markTo(holding, bar.close);
  }
  return { earned, exposure };
}
