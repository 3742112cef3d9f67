/**
 * Bands about forecasts that hold their coverage on a market whose errors are not those of validation: the validated band, widened
 * or narrowed by the hits and misses known at each decision. It forecasts nothing.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type ConformalCoverage, conformalInit } from "../statistics/conformal.ts";
import { conformalWalk } from "../statistics/conformal_walk.ts";
import { normalQuantile } from "../statistics/normal.ts";
import { bandErrors, type Forecasts } from "./forecast.ts";
import type { Forecaster } from "./forecaster.ts";
import { targetScale } from "./target.ts";

/** What {@linkcode conformalBand} takes. */
export interface ConformalBandOptions {
  /** 0.98, 0.9, 0.8 or 0.5 (default 0.8). */
  readonly coverage?: number;
  /** How far the level moves with each label, above 0 (default 0.005). */
  readonly rate?: number;
  /** Most recent labels that the widening is a quantile of, at least 1 (default 250). */
  readonly window?: number;
}

const KEYS: OptionKeys<ConformalBandOptions> = { coverage: true, rate: true, window: true };

/** A band and how it has held. */
export interface ConformalBand extends ConformalCoverage {
  /** Lower edges in the target's unit, `[decisions]`; −Infinity, relative to the anchor, where everything is covered. */
  readonly low: Float64Array;
  /** Upper edges, `[decisions]`. */
  readonly high: Float64Array;
}

/**
 * The band within which what is forecast comes with the probability asked for, whatever the market does: adaptive conformal
 * inference (Gibbs & Candès 2021) of how far outcomes fell outside the validated band, `max(low − y, y − high)` (Romano et al.
 * 2019, eq. 6). A decision uses labels known by then alone; until there are enough it is the validated band.
 *
 * @param forecaster The forecaster.
 * @param forecasts From `forecast`, of successive decisions.
 * @param options Coverage, rate and window.
 * @returns Edges, the coverage that came and its bound, relative to labels known at the last decision.
 * @throws {RangeError} An option is out of range.
 *
 * @example
 * ```ts ignore
 * const forecasts = await forecast(engine, forecaster, candles);
 * const { low, high, share, bound } = conformalBand(forecaster, forecasts, { coverage: 0.9 });
 * ```
 */
export function conformalBand(
  forecaster: Pick<Forecaster, "target" | "residual">,
  forecasts: Pick<Forecasts, "value" | "anchor" | "labels" | "time" | "knownAt">,
  options: ConformalBandOptions = {},
): ConformalBand {
  requireKnownKeys("Cannot draw a band", "options", options, KEYS);
  const { coverage = 0.8, ...how } = options;
  const { low: under, high: over } = bandErrors(forecaster, coverage);
  const { value, anchor, labels, time, knownAt } = forecasts;
  const scale = targetScale(forecaster.target);
  const relative = value.map((forecast, i) => scale.relative(forecast, anchor[i]));
  const edges = (i: number, radius: number): [number, number] => {
    const [from, to] = [under - radius, over + radius];
    // An empty band is a point.
    const [low, high] = from <= to ? [from, to] : [(under + over) / 2, (under + over) / 2];
    return [scale.value(relative[i] + low, anchor[i]), scale.value(relative[i] + high, anchor[i])];
  };
  const { radii, coverage: [held] } = conformalWalk(conformalInit({ ...how, coverages: [coverage], start: [0] }), {
    time,
    knownAt,
    score(i) {
      const error = scale.relative(labels[i], anchor[i]) - relative[i];
      return Math.max(under - error, error - over);
    },
  });
  const [low, high] = [value.slice(), value.slice()];
  radii.forEach(([radius], i) => [low[i], high[i]] = edges(i, radius));
  return { low, high, ...held };
}

/** The coverage that one deviation for all is read from. */
const DEVIATION_COVERAGE = 0.8;

/**
 * One deviation a forecast, for sizes: that of a normal error whose 80% interval is as wide as the band of {@linkcode conformalBand}.
 * Infinity where the band covers everything, 0 where it is a point.
 *
 * @param forecaster The forecaster.
 * @param forecasts From `forecast`, of successive decisions.
 * @returns Deviations in the target's unit, `[decisions]`; NaN where nothing was forecast.
 *
 * @example
 * ```ts ignore
 * const forecasts = await forecast(engine, forecaster, candles);
 * const uncertainty = conformalDeviation(forecaster, forecasts);
 * const size = kellyPosition(forecasts.value[0], uncertainty[0]);
 * ```
 */
export function conformalDeviation(
  forecaster: Pick<Forecaster, "target" | "residual">,
  forecasts: Pick<Forecasts, "value" | "anchor" | "labels" | "time" | "knownAt">,
): Float64Array {
  const { low, high } = conformalBand(forecaster, forecasts, { coverage: DEVIATION_COVERAGE });
  const widths = 2 * normalQuantile((1 + DEVIATION_COVERAGE) / 2);
  return low.map((from, i) => (high[i] - from) / widths);
}
