/**
 * What money earns without risk, as a return a bar. Ratios of risk and return are taken beyond it.
 * @module
 */

/** Throws a `RangeError` unless a risk-free rate is finite and above −1. */
export function requireRate(action: string, rate: number): void {
  if (!(rate > -1 && rate < Infinity)) {
    throw new RangeError(`${action}: riskFreeRate must be finite and above -1, got ${String(rate)}`);
  }
}

/** The return of one bar that compounds to a rate over a year: (1 + rate)^(1 / periodsPerYear) − 1. */
export function riskFreeReturn(rate: number, periodsPerYear: number): number {
  return rate === 0 ? 0 : Math.expm1(Math.log1p(rate) / periodsPerYear);
}

/**
 * Returns beyond the risk-free rate; the array itself where the rate is 0.
 *
 * @param returns Net return of each bar, `[bars]`; not changed.
 * @param rate Risk-free rate a year, as a fraction.
 * @param periodsPerYear Bars a year.
 */
export function excessReturns(returns: Float64Array, rate: number, periodsPerYear: number): Float64Array {
  const riskFree = riskFreeReturn(rate, periodsPerYear);
  return riskFree === 0 ? returns : returns.map((r) => r - riskFree);
}

/** What a ratio of a backtest is taken of: its net returns beyond its risk-free rate. `[bars]` */
export function excessOf(
  result: { readonly netReturns: Float64Array; readonly riskFreeRate: number; readonly periodsPerYear: number },
): Float64Array {
  return excessReturns(result.netReturns, result.riskFreeRate, result.periodsPerYear);
}
