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
  type LedgerRun,
  longsOf,
  markTo,
} from "./ledger_state.ts";
import { affordable, wholeUnits } from "./targets.ts";
import { sawPrices, trail } from "./trade.ts";

/** What prices earned on the way. */
type Earned = number;

/** Closes what is held in a market at a price, and keeps its side barred where the rules say so. */
function leave(
  ledger: Ledger,
  item: Pick<Item, "market" | "holding" | "bar" | "volatility">,
  exit: { readonly price: number; readonly reason: BarExit["reason"] | "liquidation" },
  run: LedgerRun,
): Earned {
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

/** What prices earned, and Σ|position| as a fraction of the equity before the fills were charged. */
interface Passed {
  readonly earned: Earned;
  readonly exposure: number;
}

/** Fills a limit order that the bar trades through, cut to what limit and cash still allow. */
function fillResting(ledger: Ledger, { item, price }: Resting, run: LedgerRun): Passed {
  const { bar, holding, target } = item;
  const { rules } = run;
  const { maxGross = Infinity } = rules;
  const earned = markTo(holding, price);
  const equity = equityOf(ledger);
  const wanted = target! * equity / price - holding.units;
  const room = Math.max(0, maxGross * equity - grossOf(ledger)) / price;
  const units = Math.sign(wanted) * Math.min(Math.abs(wanted), room);
  const longs = longsOf(ledger) + Math.max(0, units) * price;
  const terms = { price, time: bar.time, range: 0, equity, maker: true };
  const rate = fillRate(rules, { ...terms, market: item.market, quantity: units });
  const share = units > 0 ? affordable(ledger, [{ units, price, rate }], { rules, longs, equity }) : 1;
  const quantity = wholeUnits(units * share, rules);
  if (quantity === 0 || Math.sign(quantity) !== Math.sign(target!)) return { earned, exposure: 0 };
  const reason = target === holding.target && holding.units !== 0 ? "rebalance" : "signal";
  bookFill(ledger, item, { ...terms, quantity, reason }, run);
  holding.target = target!;
  // A long's limit lies below the open: the high may have come before it, the low has not.
  item.path = quantity > 0 ? { open: price, high: price, low: bar.low } : { open: price, high: bar.high, low: price };
  return { earned, exposure: grossOf(ledger) / equity };
}

/** Whether a level has surely ended a position before anything worse could happen: a stop, or an open beyond a level. */
function isSure({ path, exit }: Item): boolean {
  return exit !== undefined && (exit.reason === "stop" || exit.price === path.open);
}

/** The worst price that what is held goes through. */
function worstOf({ holding, path }: Item): number {
  return holding.units > 0 ? path.low : path.high;
}

/**
 * Closes everything where the equity at the worst prices is not above the maintenance margin. Positions that a level has
 * surely ended by then are left there.
 */
function callMargin(ledger: Ledger, items: readonly Item[], run: LedgerRun): Earned {
  let [equity, gross] = [equityOf(ledger), grossOf(ledger)];
  for (const item of items) {
    const { holding: { units, close } } = item;
    if (units === 0) continue;
    const sure = isSure(item);
    const price = sure ? item.exit!.price : worstOf(item);
    equity += units * (price - close);
    gross += sure ? -Math.abs(units) * close : Math.abs(units) * (price - close);
  }
  if (equity > maintenanceOf(run.rules.costs ?? {}) * gross) return 0;
  let earned = 0;
  for (const item of items) {
    if (item.holding.trade && isSure(item)) earned += leave(ledger, item, item.exit!, run);
  }
  for (const item of items) earned += markTo(item.holding, worstOf(item));
  for (const [market, holding] of Object.entries(ledger.holdings)) {
    if (holding.units === 0) continue;
    const { close: price, range } = holding;
    const { bar: { time } } = items[0];
    const still = { time, open: price, high: price, low: price, close: price, volume: 0 };
    const item = items.find((one) => one.holding === holding) ?? { market, holding, volatility: NaN, bar: still };
    leave(ledger, item, { price, reason: "liquidation" }, run);
    holding.range = range;
  }
  return earned;
}

/** Calls the margin at the prices the markets stand at now; true where everything was closed. */
export function callMarginNow(ledger: Ledger, items: readonly Item[], run: LedgerRun): boolean {
  const gross = grossOf(ledger);
  if (gross === 0 || equityOf(ledger) > maintenanceOf(run.rules.costs ?? {}) * gross) return false;
  const standing = items.map((item): Item => {
    const price = item.holding.close;
    return { ...item, path: { open: price, high: price, low: price }, exit: undefined };
  });
  callMargin(ledger, standing, run);
  return true;
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
): Passed {
  let [earned, exposure] = [0, 0];
  for (const order of resting) {
    const { item, price } = order;
    if (!tradesThrough(item, price, run.rules)) continue;
    item.exit = exitBefore(item, price);
    if (item.exit) continue;
    const passed = fillResting(ledger, order, run);
    earned += passed.earned;
    exposure = Math.max(exposure, passed.exposure);
  }
  for (const item of items) {
    const { holding: { trade }, lived, path } = item;
    if (lived && trade) item.exit ??= barExit(trade.side, trade, path);
  }
  earned += callMargin(ledger, items, run);
  for (const item of items) {
    const { holding, bar, path, exit } = item;
    if (exit && holding.trade) earned += leave(ledger, item, exit, run);
    else if (holding.trade) {
      sawPrices(holding.trade, Math.min(path.low, bar.close), Math.max(path.high, bar.close));
      trail(holding.trade);
    }
    earned += markTo(holding, bar.close);
  }
  return { earned, exposure };
}
