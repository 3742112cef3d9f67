/**
 * How sure every figure of `metrics()` is: percentile intervals by the stationary bootstrap. It assumes neither normal nor
 * independent returns, and refuses an interval for a figure that is undefined in more resamples than the interval leaves out.
 * @module
 */
import { random } from "../net/random.ts";
import { type Metrics, metrics, METRICS_KEYS, type MetricsOptions } from "./metrics.ts";
import { activityOf } from "./activity.ts";
import { expandedTail } from "./expanded_tail.ts";
import { defaultBlock, stationaryIndices } from "./stationary_bootstrap.ts";
import { requireKnownKeys } from "../options.ts";

/** Name of a figure of `metrics()`. */
export type MetricName = Exclude<keyof Metrics, "reasons">;

/** What {@linkcode metricIntervals} takes. */
export interface MetricIntervalsOptions extends MetricsOptions {
  /** Coverage, within (0, 1) (default 0.95). */
  readonly level?: number;
  /** Resamples, at least 100 (default 1000). */
  readonly resamples?: number | undefined;
  /** Mean block length in bars, at least 1 (default the cube root of the bars, rounded up); see `stationaryBlock`. */
  readonly block?: number;
  /** Seed of the resampling (default 0). */
  readonly seed?: number;
}

/** Where a figure lies. */
export interface MetricInterval {
  /** Lower end. */
  readonly low: number;
  /** Upper end, at least `low`. */
  readonly high: number;
}

/** An interval for each figure of `metrics()`, by the same names; null where there is none, with a reason. */
export interface MetricIntervals extends Readonly<Record<MetricName, MetricInterval | null>> {
  /** Why an interval is null, by its name. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Coverage that they were made for. */
  readonly level: number;
  /** Mean block length that they were made with, in bars. */
  readonly block: number;
}

function meanAt(values: Float64Array, indices: Uint32Array): number {
  let sum = 0;
  for (const at of indices) sum += values[at];
  return sum / indices.length;
}

function requireOptions({ level = 0.95, resamples = 1000, block = 1 }: MetricIntervalsOptions): void {
  if (!(level > 0 && level < 1)) {
    throw new RangeError(`Cannot bound metrics: level must be within (0, 1), got ${String(level)}`);
  }
  if (!Number.isInteger(resamples) || resamples < 100) {
    throw new RangeError(
      `Cannot bound metrics: resamples must be an integer of at least 100, got ${String(resamples)}`,
    );
  }
  if (!(block >= 1 && block < Infinity)) {
    throw new RangeError(`Cannot bound metrics: block must be finite and at least 1, got ${String(block)}`);
  }
}

/**
 * Bounds every figure of `metrics()`: the quantiles of the figure over resamples of the bars, in blocks of geometric length
 * (Politis & Romano 1994), as far out as so few blocks call for (`expandedTail`). Activity moves with its bars. With the same seed, block and resamples the interval of the
 * Sharpe ratio is that of `sharpeInterval`. A drawdown or a total return depends on the order of bars, of which blocks keep
 * only the near part: their intervals say what other orders of such bars would have given.
 *
 * @param returns Net return of each bar, as a fraction, `[bars]`.
 * @param options As for `metrics`, and level, resamples, block and seed.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} A return is not finite, or a series differs in length.
 *
 * @example
 * ```ts
 * import { metrics, random } from "@adaptrade/adaptrade";
 * import { metricIntervals } from "@adaptrade/adaptrade/statistics";
 * import { assert } from "@std/assert";
 *
 * const stream = random(1);
 * const returns = Float64Array.from({ length: 500 }, () => 0.01 * stream.normal());
 * const { sharpe, maxDrawdown } = metricIntervals(returns, { periodsPerYear: 252 });
 * assert(sharpe!.low < 0 && sharpe!.high > 0);
 * assert(maxDrawdown!.low < metrics(returns, { periodsPerYear: 252 }).maxDrawdown!);
 * ```
 */
export function metricIntervals(returns: Float64Array, options: MetricIntervalsOptions): MetricIntervals {
  requireKnownKeys("Cannot bound metrics", "options", options, METRICS_KEYS);
  requireOptions(options);
  const bars = returns.length;
  const { periodsPerYear, riskFreeRate = 0 } = options;
  const { level = 0.95, resamples = 1000, block = defaultBlock(bars), seed = 0 } = options;
  const { reasons: undefinedReasons, ...observed } = metrics(returns, options);
  const reasons: Record<string, string> = { ...undefinedReasons };
  const names = (Object.keys(observed) as MetricName[]).filter((name) => observed[name] !== null);
  const drawn = new Map(names.map((name): [MetricName, number[]] => [name, []]));
  const stream = random(seed);
  const sample = new Float64Array(bars);
  const indices = new Uint32Array(bars);
  // Sums over bars, so that a join of two blocks is no trade.
  const activity = activityOf(bars, options);
  for (let i = 0; i < resamples && names.length > 0; i++) {
    stationaryIndices(stream, bars, { block, into: indices });
    for (let t = 0; t < bars; t++) sample[t] = returns[indices[t]];
    const figures: Record<MetricName, number | null> = {
      ...metrics(sample, { periodsPerYear, riskFreeRate }),
      turnover: activity ? meanAt(activity.traded, indices) * periodsPerYear : null,
      exposure: activity ? meanAt(activity.exposure, indices) : null,
      trades: activity ? meanAt(activity.filled, indices) * bars : null,
    };
    for (const name of names) {
      const value = figures[name];
      if (value !== null) drawn.get(name)?.push(value);
    }
  }
  const tail = bars < 2 ? (1 - level) / 2 : expandedTail(level, bars, block);
  const intervals = Object.fromEntries(
    Object.keys(observed).map((name) => {
      const values = drawn.get(name as MetricName);
      if (!values) return [name, null];
      if (resamples - values.length > (1 - level) * resamples) {
        reasons[name] = `undefined in ${resamples - values.length} of ${resamples} resamples`;
        return [name, null];
      }
      values.sort((a, b) => a - b);
      const quantile = (q: number): number => values[Math.round(q * (values.length - 1))];
      return [name, { low: quantile(tail), high: quantile(1 - tail) }];
    }),
  ) as Record<MetricName, MetricInterval | null>;
  return { ...intervals, reasons, level, block };
}
