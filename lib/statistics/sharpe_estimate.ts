/**
 * What the tests of a Sharpe ratio read off a return series: its ratio a bar, length, skewness and kurtosis.
 * Nothing here is annualised: the tests compare ratios of one bar length.
 * @module
 */
import { barSharpe } from "./sharpe_interval.ts";

/** A Sharpe ratio and what its uncertainty depends on. */
export interface SharpeEstimate {
  /** mean / sample deviation of the returns, a bar and not annualised; null where undefined. */
  readonly sharpe: number | null;
  /** Bars it was estimated on. */
  readonly bars: number;
  /** Third standardised moment γ₃ of the returns (0 for a normal distribution); null where undefined. */
  readonly skewness: number | null;
  /** Fourth standardised moment γ₄, not the excess (3 for a normal distribution); null where undefined. */
  readonly kurtosis: number | null;
  /** Why figures are null; null or absent where they are not. */
  readonly reason?: string | null;
}

/** Returns that deviate less than this from their mean do not vary: their squares are no numbers. */
const LEAST_DEVIATION = 1e-150;

/** Throws unless all returns are finite. */
export function requireReturns(action: string, returns: Float64Array): void {
  const bad = returns.findIndex((r) => !Number.isFinite(r));
  if (bad >= 0) throw new TypeError(`${action}: returns must be finite, got returns[${bad}] = ${returns[bad]}`);
}

/**
 * Estimates the Sharpe ratio of a series of returns and its moments, `γ₃ = m₃ / m₂^1.5` and `γ₄ = m₄ / m₂²` with central
 * moments over n.
 *
 * @param returns Net return of each bar, as a fraction, `[bars]`.
 * @throws {TypeError} A return is not finite.
 *
 * @example
 * ```ts
 * import { sharpeEstimate } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const { sharpe, skewness } = sharpeEstimate(Float64Array.of(0.75, -0.25));
 * assertEquals([sharpe?.toFixed(4), skewness], ["0.3536", 0]);
 * ```
 */
export function sharpeEstimate(returns: Float64Array): SharpeEstimate {
  requireReturns("Cannot estimate a Sharpe ratio", returns);
  const bars = returns.length;
  const undefinedFor = (reason: string): SharpeEstimate => ({
    sharpe: null,
    bars,
    skewness: null,
    kurtosis: null,
    reason,
  });
  if (bars < 2) return undefinedFor("needs at least 2 bars");
  const mean = returns.reduce((sum, r) => sum + r, 0) / bars;
  const scale = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / bars);
  const sharpe = barSharpe(returns);
  if (Number.isNaN(sharpe) || !(scale > LEAST_DEVIATION)) return undefinedFor("returns do not vary");
  let [third, fourth] = [0, 0];
  for (const r of returns) {
    const z = (r - mean) / scale;
    third += z ** 3;
    fourth += z ** 4;
  }
  return { sharpe, bars, skewness: third / bars, kurtosis: fourth / bars, reason: null };
}
