/**
 * What a strategy's trades could cost before its gain is used up. It trades nothing anew: the fills are those that there were.
 * @module
 */
import { type Figure, figure, undefinedFigure } from "./figure.ts";
import type { Fill } from "../trading/fill.ts";

/** What is read of a course. */
export interface TradedCourse {
  /** Equity before the first bar. */
  readonly initialCapital: number;
  /** Equity at the close of each bar, net of costs, `[bars]`. */
  readonly equity: Float64Array;
  /** What a ruined account owes beyond its equity. */
  readonly owed: number;
  /** Every purchase and sale. */
  readonly fills: readonly Fill[];
}

/** What a course gained net of its costs, in account currency; what is owed is lost. */
export function gainOf({ equity, initialCapital, owed }: Omit<TradedCourse, "fills">): number {
  return (equity.length > 0 ? equity[equity.length - 1] : initialCapital) - owed - initialCapital;
}

/**
 * The cost per unit of value traded at which nothing is left of a gain: (net gain + what the fills paid) / Σ|quantity · price|.
 * Below 0 for a strategy that loses before costs. To first order: sizes are left as they were, though they would follow the
 * equity.
 *
 * @param course A result of a backtest, or a portfolio's.
 * @returns A fraction of what is traded; null with a reason where nothing was.
 *
 * @example
 * ```ts
 * import { breakEvenCost } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const fill = { market: "X", time: 0, from: 0, to: 1, fee: 5, reason: "signal" } as const;
 * const fills = [{ ...fill, price: 100, quantity: 100 }, { ...fill, price: 110, quantity: -100 }];
 * const course = { initialCapital: 10_000, equity: Float64Array.of(10_990), owed: 0, fills };
 * assertEquals(breakEvenCost(course).value?.toFixed(4), "0.0476"); // 1,000 earned on 21,000 traded
 * ```
 */
export function breakEvenCost(course: TradedCourse): Figure {
  let [traded, paid] = [0, 0];
  for (const { quantity, price, fee } of course.fills) {
    traded += Math.abs(quantity) * price;
    paid += fee;
  }
  return traded === 0 ? undefinedFigure("nothing was traded") : figure((gainOf(course) + paid) / traded);
}
