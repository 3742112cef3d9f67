/**
 * What a strategy earned in each regime, as the regime was known when the position was decided on.
 * @module
 */
import { type Regime, REGIMES } from "../../features/regimes.ts";
import { excessOf } from "../../statistics/risk_free.ts";
import { barSharpe } from "../../statistics/sharpe_interval.ts";

/** A strategy's bars in one regime. */
export interface RegimeReturn {
  /** The regime; null where none was labelled. */
  readonly regime: Regime | null;
  /** Bars decided on in it. */
  readonly bars: number;
  /** Their compounded net return, as a fraction. */
  readonly totalReturn: number;
  /** Their annualised Sharpe ratio; null where undefined. */
  readonly sharpe: number | null;
}

/**
 * Groups the returns of bars by the regime known at the decision before them.
 *
 * @param regimes Regime at each decision, `[bars + 1]`; the last decision earned nothing yet.
 * @param result Net return of the bar after each decision, `[bars]`, the risk-free rate and bars a year.
 * @returns Regimes that occurred, in the order of `REGIMES`, unlabelled bars last.
 */
export function regimeReturns(
  regimes: readonly (Regime | null)[],
  result: { readonly netReturns: Float64Array; readonly riskFreeRate: number; readonly periodsPerYear: number },
): RegimeReturn[] {
  const excess = excessOf(result);
  return [...REGIMES, null].flatMap((regime) => {
    const part = result.netReturns.filter((_, i) => regimes[i] === regime);
    if (part.length === 0) return [];
    const sharpe = barSharpe(excess.filter((_, i) => regimes[i] === regime)) * Math.sqrt(result.periodsPerYear);
    return [{
      regime,
      bars: part.length,
      totalReturn: part.reduce((growth, r) => growth * (1 + r), 1) - 1,
      sharpe: Number.isFinite(sharpe) ? sharpe : null,
    }];
  });
}
