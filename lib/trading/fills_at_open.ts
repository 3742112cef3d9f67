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

/** Limit of a purchase (below the last close) or a sale (above it), where the rules ask for one and the market has not passed it. */
function limitOf({ bar }: Item, side: number, last: number, { entry }: LedgerRun["rules"]): number | undefined {
  if (entry?.kind !== "limit") return undefined;
  const price = last * (1 - side * entry.offset);
  return side * (bar.open - price) > 0 ? price : undefined;
}

/**
 * Fills what is wanted.
 *
 * @param lastCloses Close of each market before the bar, `[items]`.
 * @returns Limit orders for the bar, and Σ|position| after the fills.
 */
export function fillWanted(
  ledger: Ledger,
  items: readonly Item[],
  { run, lastCloses }: { readonly run: LedgerRun; readonly lastCloses: readonly number[] },
): { readonly resting: Resting[]; readonly exposure: number } {
  const { rules } = run;
  const isClose = rules.fill === "close";
  const equity = equityOf(ledger);
  const resting: Resting[] = [];
  if (!(equity > 0)) return { resting, exposure: 0 };
  // Before its first bar a market has no close to fill at.
  const able = items.filter(({ lived, holding }) => lived && !(isClose && holding.time === null));
  const prices = able.map(({ holding }) => holding.close);
  const wanted = wantedUnits(ledger, able, { prices, equity, rules });
  const order = (item: Item, quantity: number): void => {
    const { bar, holding, target } = item;
    const [time, range] = isClose ? [holding.time!, holding.range] : [bar.time, (bar.high - bar.low) / bar.open];
    const isSame = target === null || (target === holding.target && holding.units !== 0);
    const reason = isSame ? "rebalance" : "signal";
    bookFill(ledger, item, { quantity, price: holding.close, time, range, equity, reason }, run);
  };
  const purchases: (Purchase & { readonly item: Item })[] = [];
  const aim = ({ holding, target }: Item): void => {
    if (target !== null) holding.target = target;
  };
  able.forEach((item, i) => {
    const { holding, bar } = item;
    const [held, to] = [holding.units, wanted[i]];
    if (to === held) return;
    const kept = Math.sign(to) === Math.sign(held) ? Math.sign(held) * Math.min(Math.abs(to), Math.abs(held)) : 0;
    if (kept !== held) order(item, kept - held);
    if (to === kept) return aim(item);
    const limit = limitOf(item, Math.sign(to), lastCloses[items.indexOf(item)], rules);
    if (limit !== undefined) return void resting.push({ item, price: limit });
    if (to > 0) {
      const range = isClose ? holding.range : (bar.high - bar.low) / bar.open;
      return void purchases.push({ item, units: to - kept, price: prices[i], rate: fillRate(rules, false, range) });
    }
    order(item, to - kept);
    aim(item);
  });
  const longs = purchases.reduce((sum, { units, price }) => sum + units * price, longsOf(ledger));
  const share = affordable(ledger, purchases, { rules, longs, equity });
  for (const { item, units } of purchases) {
    const quantity = share === 1 ? units : wholeUnits(units * share, rules);
    if (quantity === 0) continue;
    order(item, quantity);
    aim(item);
  }
  return { resting, exposure: grossOf(ledger) / equity };
}
