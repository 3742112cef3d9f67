/**
 * What an account buys and sells before a bar runs, at its open or at the close decided on: sales first, then purchases, all
 * sized on the equity before any of it is charged. What is to rest as a limit order is handed back.
 * @module
 */
import {
  bookFill,
  equityOf,
  fillRate,
  grossOf,
  type Item,
  type Ledger,
  type LedgerRun,
  longsOf,
} from "./ledger_state.ts";
import { affordable, type Purchase, wantedUnits, wholeUnits } from "./targets.ts";

/** A limit order in force for one bar. */
export interface Resting {
  /** What it is for. */
  readonly item: Item;
  /** Its price. */
  readonly price: number;
}

/** What was done before the bars run. */
export interface Filled {
  /** Limit orders for the bars. */
  readonly resting: readonly Resting[];
  /** Σ|position| after the fills. */
  readonly exposure: number;
}

/** Limit of a purchase (below the last close) or a sale (above it), where the rules ask for one and the market has not passed it. */
function limitOf({ bar, lastClose }: Item, side: number, { entry }: LedgerRun["rules"]): number | undefined {
  if (entry?.kind !== "limit") return undefined;
  const price = lastClose * (1 - side * entry.offset);
  return side * (bar.open - price) > 0 ? price : undefined;
}

/** What of a holding stays when it goes to other units: none of it where it changes sides. */
function keptOf(held: number, to: number): number {
  return Math.sign(to) === Math.sign(held) ? Math.sign(held) * Math.min(Math.abs(to), Math.abs(held)) : 0;
}

/** Range of the bar that a market order is filled in, as a fraction of its price. */
function rangeOf({ bar, holding }: Item, isClose: boolean): number {
  return isClose ? holding.range : (bar.high - bar.low) / bar.open;
}

/** Notes that what is held is what was asked for. */
function reach({ holding, target }: Item): void {
  if (target !== null) holding.target = target;
}

/**
 * Fills what is wanted of the markets at the prices they stand at: their opens, or the closes before.
 *
 * @returns Limit orders for the bars, and Σ|position| after the fills.
 */
export function fillWanted(ledger: Ledger, items: readonly Item[], run: LedgerRun): Filled {
  const { rules } = run;
  const isClose = rules.fill === "close";
  const equity = equityOf(ledger);
  if (!(equity > 0)) return { resting: [], exposure: 0 };
  // Before its first bar a market has no close to fill at.
  const able = items.filter(({ lived, holding }) => lived && !(isClose && holding.time === null));
  const wanted = wantedUnits(ledger, able, { equity, rules });
  if (able.every(({ holding }, i) => wanted[i] === holding.units)) {
    return { resting: [], exposure: grossOf(ledger) / equity };
  }
  const termsOf = (item: Item) => ({
    price: item.holding.close,
    time: isClose ? item.holding.time! : item.bar.time,
    range: rangeOf(item, isClose),
    equity,
  });
  const order = (item: Item, quantity: number): void => {
    const { holding, target } = item;
    const isSame = target === null || (target === holding.target && holding.units !== 0);
    bookFill(ledger, item, {
      ...termsOf(item),
      quantity,
      reason: isSame ? "rebalance" : "signal",
    }, run);
  };
  const resting: Resting[] = [];
  const purchases: (Purchase & { readonly item: Item })[] = [];
  able.forEach((item, i) => {
    const { holding: { units: held, close: price } } = item;
    const to = wanted[i];
    if (to === held) return;
    const kept = keptOf(held, to);
    if (kept !== held) order(item, kept - held);
    if (to === kept) return reach(item);
    const limit = limitOf(item, Math.sign(to), rules);
    if (limit !== undefined) resting.push({ item, price: limit });
    else if (to > 0) {
      const units = to - kept;
      const fill = { ...termsOf(item), market: item.market, quantity: units, maker: false };
      purchases.push({ item, units, price, rate: fillRate(rules, fill) });
    } else {
      order(item, to - kept);
      reach(item);
    }
  });
  const longs = purchases.reduce((sum, { units, price }) => sum + units * price, longsOf(ledger));
  const share = affordable(ledger, purchases, { rules, longs, equity });
  for (const { item, units } of purchases) {
    const quantity = share === 1 ? units : wholeUnits(units * share, rules);
    if (quantity === 0) continue;
    order(item, quantity);
    reach(item);
  }
  return { resting, exposure: grossOf(ledger) / equity };
}
