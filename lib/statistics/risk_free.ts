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
