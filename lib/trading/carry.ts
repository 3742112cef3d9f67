/**
 * What it costs to hold: funding and interest, from the time up to which they were paid to another. Prices do not move here.
 * @module
 */
import type { AccountRules } from "./account_rules.ts";
import { borrowDue, fundingDue } from "./cost_model.ts";
import { book, equityOf, type Item, type Ledger, type LedgerHolding, longsOf } from "./ledger_state.ts";

/** Cash lent for less than this share of the longs is a rounding error. */
const ROUNDING = 1e-9;

/** Pays funding, and interest on the units that a short has borrowed, up to but not including `to`. */
function payHolding(ledger: Ledger, holding: LedgerHolding, to: number, { costs }: AccountRules): void {
  if (costs && holding.units !== 0) {
    const value = holding.units * holding.close;
    book(ledger, holding, "funding", fundingDue(costs, holding.paidTo, to) * value);
    if (value < 0) book(ledger, holding, "borrow", borrowDue(costs, to - holding.paidTo) * -value);
  }
  holding.paidTo = to;
}

/**
 * Pays interest on the cash that longs have borrowed: what their value exceeds the equity by, for what shorts brought in stays
 * with whoever lent the units. Each long bears its share.
 */
function payLeverage(ledger: Ledger, to: number, { costs }: AccountRules): void {
  const { paidTo, list } = ledger;
  ledger.paidTo = to;
  if (!costs?.borrow || paidTo === null) return;
  const longs = longsOf(ledger);
  const lent = longs - equityOf(ledger);
  if (!(lent > ROUNDING * longs)) return;
  const share = borrowDue(costs, to - paidTo) * lent / longs;
  for (const holding of list) {
    if (holding.units > 0) book(ledger, holding, "borrow", share * holding.units * holding.close);
  }
}

/**
 * Pays for holding up to a moment of the bars: funding due at their open is paid on what was carried into it.
 *
 * @param moment `open` before anything is filled, `close` after the fills at the open.
 */
export function payCarry(ledger: Ledger, items: readonly Item[], moment: "open" | "close", rules: AccountRules): void {
  let latest = -Infinity;
  for (const { bar, interval, holding } of items) {
    payHolding(ledger, holding, moment === "open" ? bar.time + 1 : bar.time + interval, rules);
    latest = Math.max(latest, moment === "open" ? bar.time : bar.time + interval);
  }
  if (items.length > 0) payLeverage(ledger, latest, rules);
}
