/**
 * A series of returns against a benchmark's on the same bars: what of it is the benchmark, and what is left. It says nothing of
 * luck; see the intervals and tests beside it.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type Figure, figure, undefinedFigure } from "./figure.ts";
import { requireRate, riskFreeReturn } from "./risk_free.ts";
import { requireReturns } from "./sharpe_estimate.ts";

/** What {@linkcode benchmarkStatistics} takes. */
export interface BenchmarkOptions {
  /** Bars a year, above 0. */
  readonly periodsPerYear: number;
  /** Risk-free rate a year, as a fraction above −1 (default 0). */
  readonly riskFreeRate?: number;
}

/** A strategy against a benchmark. */
export interface BenchmarkStatistics {
  /** Covariance with the benchmark / the benchmark's variance, of returns beyond the risk-free rate. */
  readonly beta: Figure;
  /** Mean return beyond the risk-free rate less beta times the benchmark's, times bars a year: Jensen's alpha (1968). */
  readonly alpha: Figure;
  /** Correlation of the returns, within [−1, 1]. */
  readonly correlation: Figure;
  /** Sample deviation of the difference of returns × √periodsPerYear. */
  readonly trackingError: Figure;
  /** Mean difference of returns / its sample deviation × √periodsPerYear. */
  readonly informationRatio: Figure;
  /** Mean growth a bar (geometric) over bars on which the benchmark gained / the benchmark's. */
  readonly upCapture: Figure;
  /** The same over bars on which the benchmark lost: below 1 less was lost, below 0 something gained. */
  readonly downCapture: Figure;
}

const BENCHMARK_KEYS: OptionKeys<BenchmarkOptions> = { periodsPerYear: true, riskFreeRate: true };

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Σ(a − ā)(b − b̄). */
function products(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  return a.reduce((sum, value, i) => sum + (value - meanA) * (b[i] - meanB), 0);
}

/** What is left of a constant series by rounding is no deviation. */
function varies(values: Float64Array): boolean {
  return Math.sqrt(products(values, values) / (values.length - 1)) > 1e-14 * Math.abs(meanOf(values));
}

/** Geometric mean growth a bar over the bars that a test picks, less 1. */
function growthOver(returns: Float64Array, isPicked: (bar: number) => boolean): { bars: number; mean: number } {
  let [bars, logs] = [0, 0];
  for (let i = 0; i < returns.length; i++) {
    if (!isPicked(i)) continue;
    logs += Math.log1p(Math.max(-1, returns[i]));
    bars++;
  }
  return { bars, mean: Math.expm1(logs / bars) };
}

function capture(returns: Float64Array, benchmark: Float64Array, side: 1 | -1): Figure {
  const isPicked = (i: number): boolean => benchmark[i] * side > 0;
  const own = growthOver(returns, isPicked);
  if (own.bars === 0) return undefinedFigure(`the benchmark never ${side > 0 ? "gained" : "lost"}`);
  return figure(own.mean / growthOver(benchmark, isPicked).mean);
}

/**
 * Holds a series of net returns against a benchmark's, such as buying and holding the market, bar by bar.
 *
 * @param returns Net return of each bar, as a fraction, `[bars]`.
 * @param benchmark The benchmark's net return of each bar, `[bars]`.
 * @param options Bars a year and the risk-free rate.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} A return is not finite, or the lengths differ.
 *
 * @example Half of a benchmark and a hundredth of a percent a bar beside it
 * ```ts
 * import { benchmarkStatistics } from "@adaptrade/adaptrade/statistics";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const benchmark = Float64Array.of(0.01, -0.02, 0.03, 0, -0.01);
 * const { alpha, beta } = benchmarkStatistics(benchmark.map((r) => 0.0001 + r / 2), benchmark, { periodsPerYear: 252 });
 * assertAlmostEquals(beta.value!, 0.5);
 * assertAlmostEquals(alpha.value!, 0.0252);
 * ```
 */
export function benchmarkStatistics(
  returns: Float64Array,
  benchmark: Float64Array,
  options: BenchmarkOptions,
): BenchmarkStatistics {
  const action = "Cannot compare with a benchmark";
  requireKnownKeys(action, "options", options, BENCHMARK_KEYS);
  requireReturns(action, returns);
  requireReturns(action, benchmark);
  if (returns.length !== benchmark.length) {
    throw new TypeError(`${action}: expected ${returns.length} returns of it, received ${benchmark.length}`);
  }
  const { periodsPerYear, riskFreeRate = 0 } = options;
  if (!(periodsPerYear > 0 && periodsPerYear < Infinity)) {
    throw new RangeError(`${action}: periodsPerYear must be finite and above 0, got ${String(periodsPerYear)}`);
  }
  requireRate(action, riskFreeRate);
  const few = undefinedFigure("needs at least 2 bars");
  if (returns.length < 2) {
    return {
      beta: few,
      alpha: few,
      correlation: few,
      trackingError: few,
      informationRatio: few,
      upCapture: few,
      downCapture: few,
    };
  }
  const riskFree = riskFreeReturn(riskFreeRate, periodsPerYear);
  const year = Math.sqrt(periodsPerYear);
  const still = undefinedFigure("the benchmark's returns do not vary");
  const isMoving = varies(benchmark);
  const beta = products(returns, benchmark) / products(benchmark, benchmark);
  const difference = returns.map((r, i) => r - benchmark[i]);
  const trackingError = Math.sqrt(products(difference, difference) / (returns.length - 1));
  return {
    beta: isMoving ? figure(beta) : still,
    alpha: isMoving
      ? figure((meanOf(returns) - riskFree - beta * (meanOf(benchmark) - riskFree)) * periodsPerYear)
      : still,
    correlation: isMoving && varies(returns)
      ? figure(products(returns, benchmark) / Math.sqrt(products(returns, returns) * products(benchmark, benchmark)))
      : undefinedFigure("returns do not vary"),
    trackingError: figure(trackingError * year),
    informationRatio: varies(difference)
      ? figure(meanOf(difference) / trackingError * year)
      : undefinedFigure("the difference of returns does not vary"),
    upCapture: capture(returns, benchmark, 1),
    downCapture: capture(returns, benchmark, -1),
  };
}
