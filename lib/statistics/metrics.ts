/**
 * What a series of net returns amounts to (design section 6). An undefined figure is null with a reason, never a
 * stand-in number. It computes from returns alone: costs must already be in them.
 * @module
 */
import { requireKnownKeys } from "../options.ts";
import { activityOf, type ActivitySource } from "./activity.ts";
import { isConstant } from "./is_constant.ts";
import { requireRate, riskFreeReturn } from "./risk_free.ts";

/** What {@linkcode metrics} needs beyond the returns. */
export interface MetricsOptions extends ActivitySource {
  /** Bars a year, above 0; from the interval and the calendar (`periodsPerYear(candles)`). */
  readonly periodsPerYear: number;
  /** Risk-free rate a year, as a fraction above −1, that Sharpe and Sortino are taken beyond (default 0). */
  readonly riskFreeRate?: number;
}

/** Names of the options of `metrics` and of the intervals of its figures, which may share one object. */
export const METRICS_KEYS = {
  periodsPerYear: true,
  riskFreeRate: true,
  activity: true,
  positions: true,
  startPosition: true,
  level: true,
  resamples: true,
  block: true,
  seed: true,
} as const;

/** Figures of one return series. Fractions unless said otherwise; null where undefined, with a reason. */
export interface Metrics {
  /** Π(1 + r) − 1. */
  readonly totalReturn: number | null;
  /** (1 + total)^(periodsPerYear / bars) − 1; null where a span below a year would have to be compounded beyond reason. */
  readonly annualizedReturn: number | null;
  /** Sample deviation × √periodsPerYear. */
  readonly annualizedVolatility: number | null;
  /** mean / sample deviation × √periodsPerYear, of returns beyond the risk-free rate. */
  readonly sharpe: number | null;
  /** mean / √mean(min(r, 0)²) over all bars × √periodsPerYear, of returns beyond the risk-free rate. */
  readonly sortino: number | null;
  /** Lowest equity / peak − 1, at most 0; the peak starts at the initial capital. */
  readonly maxDrawdown: number | null;
  /** annualised return / |max drawdown|. */
  readonly calmar: number | null;
  /** Bars with r above 0 / bars with r other than 0. */
  readonly winRate: number | null;
  /** Bars with r at 0, such as those on which nothing was held. */
  readonly flatBars: number | null;
  /** Sum of gains / |sum of losses|. */
  readonly profitFactor: number | null;
  /** What was bought and sold a year, in multiples of the equity at each fill. */
  readonly turnover: number | null;
  /** Mean over bars of Σ|position| held within the bar. */
  readonly exposure: number | null;
  /** Fills: a flip is two, what a stop closes in the bar of its entry as well. */
  readonly trades: number | null;
  /** Why a figure is null, by its name. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** Growth of a year, or its inverse, from which a return compounded from a shorter span says nothing. */
const BEYOND_REASON = 100;

/** Why the return of a span must not be compounded to a year; false where it may. */
function tooShort(growth: number, years: number, bars: number): string | false {
  const factor = growth ** (1 / years);
  if (years >= 1 || (factor <= BEYOND_REASON && factor >= 1 / BEYOND_REASON)) return false;
  const times = factor > 1
    ? `a factor of ${factor.toPrecision(2)}`
    : `a loss of all but 1/${(1 / factor).toPrecision(2)}`;
  return `${bars} bars are ${
    (100 * years).toPrecision(2)
  }% of a year: compounded to a year they make ${times}, beyond reason`;
}

function largestDrawdown(returns: Float64Array): number {
  let [equity, peak, worst] = [1, 1, 0];
  for (const r of returns) {
    equity *= 1 + r;
    peak = Math.max(peak, equity);
    worst = Math.min(worst, equity / peak - 1);
  }
  return worst;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function activityFigures(
  bars: number,
  options: MetricsOptions,
): Pick<Metrics, "turnover" | "exposure" | "trades"> {
  const activity = activityOf(bars, options);
  if (!activity || bars === 0) return { turnover: null, exposure: null, trades: null };
  const { traded, filled, exposure } = activity;
  return {
    turnover: sum(traded) * options.periodsPerYear / bars,
    exposure: sum(exposure) / bars,
    trades: sum(filled),
  };
}

/**
 * Computes the figures of a series of net returns.
 *
 * @param returns Net return of each bar, as a fraction, `[bars]`.
 * @param options Bars a year, and the activity (or positions alone) for turnover, exposure and trades.
 * @throws {RangeError} `periodsPerYear` or `riskFreeRate` is out of range, or both activity and positions are given.
 * @throws {TypeError} A return is not finite, or a series differs in length.
 *
 * @example
 * ```ts
 * import { metrics } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const { maxDrawdown, sortino, reasons } = metrics(Float64Array.of(0.5, 0.25), { periodsPerYear: 252 });
 * assertEquals([maxDrawdown, sortino, reasons.sortino], [0, null, "no bar lost"]);
 * ```
 */
export function metrics(returns: Float64Array, options: MetricsOptions): Metrics {
  requireKnownKeys("Cannot compute metrics", "options", options, METRICS_KEYS);
  const { periodsPerYear, riskFreeRate = 0 } = options;
  const bars = returns.length;
  if (!(periodsPerYear > 0 && periodsPerYear < Infinity)) {
    throw new RangeError(
      `Cannot compute metrics: periodsPerYear must be finite and above 0, got ${String(periodsPerYear)}`,
    );
  }
  requireRate("Cannot compute metrics", riskFreeRate);
  const active = activityFigures(bars, options);
  const bad = returns.findIndex((r) => !Number.isFinite(r));
  if (bad >= 0) {
    throw new TypeError(`Cannot compute metrics: returns must be finite, got returns[${bad}] = ${returns[bad]}`);
  }

  const reasons: Record<string, string> = {};
  const defined = (name: string, value: () => number, obstacle: string | false): number | null => {
    const figure = obstacle ? NaN : value();
    if (Number.isFinite(figure)) return figure;
    reasons[name] = obstacle || "too large for a number";
    return null;
  };
  const riskFree = riskFreeReturn(riskFreeRate, periodsPerYear);
  const none = bars === 0 && "no bar";
  const few = bars < 2 && "needs at least 2 bars";
  let [growth, total, gains, losses, shortfall, wins, moved] = [1, 0, 0, 0, 0, 0, 0];
  for (const r of returns) {
    growth *= 1 + r;
    total += r;
    if (r > 0) [gains, wins] = [gains + r, wins + 1];
    if (r !== 0) moved++;
    if (r < 0) losses -= r;
    if (r < riskFree) shortfall += (r - riskFree) ** 2;
  }
  const mean = total / bars;
  let squares = 0;
  for (const r of returns) squares += (r - mean) ** 2;
  const deviation = Math.sqrt(squares / (bars - 1));
  // A constant series leaves the rounding of its mean as its deviation.
  const still = (isConstant(returns) || deviation <= 1e-14 * Math.abs(mean)) && "returns do not vary";
  const year = Math.sqrt(periodsPerYear);
  const worst = largestDrawdown(returns);
  const annual = growth ** (periodsPerYear / bars) - 1;
  const unannual = none || (growth <= 0 && "equity fell to 0 or below") ||
    tooShort(growth, bars / periodsPerYear, bars);
  for (const name of ["turnover", "exposure", "trades"]) {
    if (active.trades === null) reasons[name] = none || "no positions given";
  }
  return {
    totalReturn: defined("totalReturn", () => growth - 1, none),
    annualizedReturn: defined("annualizedReturn", () => annual, unannual),
    annualizedVolatility: defined("annualizedVolatility", () => deviation * year, few),
    sharpe: defined("sharpe", () => (mean - riskFree) / deviation * year, few || still),
    sortino: defined(
      "sortino",
      () => (mean - riskFree) / Math.sqrt(shortfall / bars) * year,
      none || (shortfall === 0 && (riskFree === 0 ? "no bar lost" : "no bar fell short of the risk-free rate")),
    ),
    maxDrawdown: defined("maxDrawdown", () => worst, none),
    calmar: defined("calmar", () => annual / -worst, unannual || (worst === 0 && "no drawdown")),
    winRate: defined("winRate", () => wins / moved, none || (moved === 0 && "no bar gained or lost")),
    flatBars: defined("flatBars", () => bars - moved, none),
    profitFactor: defined("profitFactor", () => gains / losses, none || (losses === 0 && "no bar lost")),
    ...active,
    reasons,
  };
}
