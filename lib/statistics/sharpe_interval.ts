/**
 * How sure a Sharpe ratio is. It assumes neither normal nor independent returns: it resamples blocks of them.
 * @module
 */
import { random } from "../net/random.ts";
import { requireKnownKeys } from "../options.ts";
import { expandedTail } from "./expanded_tail.ts";
import { isConstant } from "./is_constant.ts";
import { METRICS_KEYS } from "./metrics.ts";
import { excessReturns, requireRate } from "./risk_free.ts";

/** What {@linkcode sharpeInterval} takes. */
export interface SharpeIntervalOptions {
  /** Bars a year, above 0. */
  readonly periodsPerYear: number;
  /** Risk-free rate a year, as a fraction above −1, that the ratio is taken beyond (default 0). */
  readonly riskFreeRate?: number;
  /** Coverage, within (0, 1) (default 0.95). */
  readonly level?: number;
  /** Resamples, at least 100 (default 1000). */
  readonly resamples?: number | undefined;
  /** Mean block length in bars, at least 1 (default the cube root of the bars, rounded up). */
  readonly block?: number;
  /** Seed of the resampling (default 0). */
  readonly seed?: number;
}

/** An interval of annualised Sharpe ratios. */
export interface SharpeInterval {
  /** Lower end; null where the Sharpe ratio is undefined. */
  readonly low: number | null;
  /** Upper end; null where the Sharpe ratio is undefined. */
  readonly high: number | null;
  /** Coverage it was made for. */
  readonly level: number;
}

/** mean / sample deviation of returns; NaN when they do not vary. */
export function barSharpe(returns: Float64Array): number {
  if (isConstant(returns)) return NaN;
  let sum = 0;
  for (const r of returns) sum += r;
  const mean = sum / returns.length;
  let squares = 0;
  for (const r of returns) squares += (r - mean) ** 2;
  const deviation = Math.sqrt(squares / (returns.length - 1));
  return deviation > 1e-14 * Math.abs(mean) ? mean / deviation : NaN;
}

/**
 * Percentile interval of the annualised Sharpe ratio by the stationary bootstrap (Politis & Romano 1994): blocks of
 * geometric length, wrapped around the end, so that dependence between neighbouring bars stays. Its quantiles are taken as far
 * out as so few blocks call for (`expandedTail`).
 *
 * @param netReturns Net return of each bar, `[bars]`.
 * @param options Bars a year, risk-free rate, level, resamples, block and seed.
 * @throws {RangeError} An option is out of range.
 *
 * @example
 * ```ts
 * import { sharpeInterval } from "@adaptrade/adaptrade/statistics";
 * import { assert } from "@std/assert";
 *
 * const returns = Float64Array.from({ length: 250 }, (_, i) => 0.001 + 0.01 * Math.sin(i * i));
 * const { low, high } = sharpeInterval(returns, { periodsPerYear: 252 });
 * assert(low! < high!);
 * ```
 */
export function sharpeInterval(netReturns: Float64Array, options: SharpeIntervalOptions): SharpeInterval {
  requireKnownKeys("Cannot bound a Sharpe ratio", "options", options, METRICS_KEYS);
  const bars = netReturns.length;
  const {
    periodsPerYear,
    riskFreeRate = 0,
    level = 0.95,
    resamples = 1000,
    block = Math.ceil(Math.cbrt(bars)),
    seed = 0,
  } = options;
  if (!(periodsPerYear > 0)) {
    throw new RangeError(`Cannot bound a Sharpe ratio: periodsPerYear must be above 0, got ${String(periodsPerYear)}`);
  }
  requireRate("Cannot bound a Sharpe ratio", riskFreeRate);
  const returns = excessReturns(netReturns, riskFreeRate, periodsPerYear);
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`Cannot bound a Sharpe ratio: level must be within (0, 1), got ${String(level)}`);
  }
  if (!Number.isInteger(resamples) || resamples < 100) {
    throw new RangeError(`Cannot bound a Sharpe ratio: resamples must be at least 100, got ${String(resamples)}`);
  }
  if (bars < 2 || Number.isNaN(barSharpe(returns))) return { low: null, high: null, level };
  if (!(block >= 1)) {
    throw new RangeError(`Cannot bound a Sharpe ratio: block must be at least 1, got ${String(block)}`);
  }
  const stream = random(seed);
  const sample = new Float64Array(bars);
  const ratios: number[] = [];
  for (let i = 0; i < resamples; i++) {
    let at = stream.integer(bars);
    for (let t = 0; t < bars; t++) {
      sample[t] = returns[at];
      at = stream.uniform() < 1 / block ? stream.integer(bars) : (at + 1) % bars;
    }
    const ratio = barSharpe(sample);
    if (!Number.isNaN(ratio)) ratios.push(ratio * Math.sqrt(periodsPerYear));
  }
  ratios.sort((a, b) => a - b);
  const quantile = (q: number): number | null => ratios[Math.round(q * (ratios.length - 1))] ?? null;
  const tail = expandedTail(level, bars, block);
  return { low: quantile(tail), high: quantile(1 - tail), level };
}
