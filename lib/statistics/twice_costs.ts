/**
 * What a backtest would have come to at twice its costs, from what it paid bar by bar: costs are in proportion to what is traded
 * and held, and that to equity, so twice the costs take twice the share of equity from each bar. It trades nothing anew.
 * @module
 */
import { type Figure, figure, undefinedFigure } from "./figure.ts";
import { type Metrics, metrics } from "./metrics.ts";

/** What is read of a backtest. */
export interface CostedCourse {
  /** Net return of each bar, `[bars]`. */
  readonly netReturns: Float64Array;
  /** Return of each bar had nothing been paid, `[bars]`. */
  readonly grossReturns: Float64Array;
  /** Bars a year. */
  readonly periodsPerYear: number;
  /** Risk-free rate a year. */
  readonly riskFreeRate: number;
}

/** A backtest at twice its costs. */
export interface TwiceCosts {
  /** Total return. */
  readonly totalReturn: Figure;
  /** Annualised net Sharpe ratio. */
  readonly sharpe: Figure;
}

/** Net returns at twice the costs, gross − 2 (gross − net); −1 where nothing would be left, 0 from there on. `[bars]` */
function returnsAtTwice({ netReturns, grossReturns }: CostedCourse): Float64Array {
  let isRuined = false;
  return netReturns.map((net, i) => {
    if (isRuined) return 0;
    const r = 2 * net - grossReturns[i];
    isRuined = r <= -1;
    return Math.max(-1, r);
  });
}

function figureOf({ reasons, ...figures }: Metrics, name: "totalReturn" | "sharpe"): Figure {
  const value = figures[name];
  return value === null ? undefinedFigure(reasons[name]) : figure(value);
}

/**
 * Figures at twice the costs.
 *
 * @param course A result of a backtest, or a portfolio's.
 *
 * @example A bar that gained 1% and paid 0.25%
 * ```ts
 * import { atTwiceCosts } from "@adaptrade/adaptrade/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const course = { grossReturns: Float64Array.of(0.01), netReturns: Float64Array.of(0.0075) };
 * const { totalReturn } = atTwiceCosts({ ...course, periodsPerYear: 252, riskFreeRate: 0 });
 * assertAlmostEquals(totalReturn.value!, 0.005);
 * ```
 */
export function atTwiceCosts(course: CostedCourse): TwiceCosts {
  const { periodsPerYear, riskFreeRate } = course;
  const found = metrics(returnsAtTwice(course), { periodsPerYear, riskFreeRate });
  return { totalReturn: figureOf(found, "totalReturn"), sharpe: figureOf(found, "sharpe") };
}
