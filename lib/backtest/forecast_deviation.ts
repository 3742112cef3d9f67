/**
 * How far the forecasts of an adapted model are expected to miss, by how far those before them missed: what sizes go by. It knows no
 * forecaster, whose band on validation says more (`conformalDeviation`).
 * @module
 */
import { conformalInit } from "../statistics/conformal.ts";
import { type ConformalWalk, conformalWalk } from "../statistics/conformal_walk.ts";
import { normalQuantile } from "../statistics/normal.ts";
import type { WalkForward } from "./walk_forward.ts";

const COVERAGE = 0.8;
/** Half-width of the interval of a standard normal. */
const NORMAL = normalQuantile((1 + COVERAGE) / 2);

/** Deviations, and how the intervals that they come from have held. */
export interface ForecastDeviation {
  /** As fractions, `[decisions]`; Infinity where an interval covers everything. */
  readonly deviation: Float64Array;
  /** The share of labels within their 80% interval, and its bound. */
  readonly coverage: ConformalWalk["coverage"][number];
}

/**
 * One deviation a forecast: of a normal error whose 80% interval is the adaptive one (Gibbs & Candès 2021) of the errors known by
 * then, in the walk's units; until there are enough, that unit itself. A decision uses labels known at its own time alone.
 *
 * @param walk Decisions with their labels.
 * @param predictions Forecast returns, `[decisions]`.
 * @returns Deviations, and the coverage that came.
 *
 * @example
 * ```ts
 * import { sampleMarkets, walkForward } from "@adaptrade/adaptrade";
 * import { forecastDeviation } from "@adaptrade/adaptrade/backtest";
 * import { assert } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const walk = walkForward(dax, { supportRows: 20 });
 * const { coverage } = forecastDeviation(walk, new Float64Array(walk.time.length));
 * assert(Math.abs(coverage.share! - 0.8) <= coverage.bound!);
 * ```
 */
export function forecastDeviation(
  walk: Pick<WalkForward, "time" | "labels" | "knownAt" | "unit">,
  predictions: Float64Array,
): ForecastDeviation {
  const { time, knownAt, labels } = walk;
  const unit = (i: number): number => walk.unit?.[i] ?? 1;
  const { radii, coverage: [coverage] } = conformalWalk(conformalInit({ coverages: [COVERAGE], start: [NORMAL] }), {
    time,
    knownAt,
    score: (i) => Math.abs(predictions[i] - labels[i]) / unit(i),
  });
  const deviation = Float64Array.from(radii, ([radius], i) => unit(i) * Math.max(0, radius) / NORMAL);
  return { deviation, coverage };
}
