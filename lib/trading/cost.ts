/**
 * What a change of position costs, for reckonings in fractions of equity. It is what the account charges, rate × |quantity| ×
 * price (twin: `bookFill` in `ledger_state.ts`), where positions are fractions of the equity at the fill.
 * @module
 */

/**
 * cost = rate × |to − from| × equity: a flip from long to short pays both legs.
 *
 * @param rate Fee and slippage per unit traded, as a fraction (0.001 is 10 basis points).
 * @param change Positions before and after, as fractions of equity.
 * @param equity Equity at the fill, in account currency.
 * @returns Cost in account currency.
 *
 * @example
 * ```ts
 * import { tradeCost } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tradeCost(0.001, { from: 1, to: -1 }, 10_000), 20);
 * ```
 */
export function tradeCost(
  rate: number,
  change: { readonly from: number; readonly to: number },
  equity: number,
): number {
  return rate * Math.abs(change.to - change.from) * equity;
}
