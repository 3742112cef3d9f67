/**
 * How forecasts made online have fared, kept in constant memory: loss, and intervals that hold their coverage whatever the market
 * does, for their width follows the hits and misses before them (`lib/statistics/conformal.ts`).
 * @module
 */
import {
  type Conformal,
  type ConformalCoverage,
  conformalCoverage,
  conformalInit,
  conformalRadii,
  conformalUpdate,
} from "../statistics/conformal.ts";

/** Coverages of the intervals, with the normal quantile of each: what a width is in units of the error until enough are known. */
const LEVELS: readonly { readonly level: number; readonly quantile: number }[] = [
  { level: 0.5, quantile: 0.6744897501960817 },
  { level: 0.8, quantile: 1.2815515655446004 },
  { level: 0.95, quantile: 1.959963984540054 },
];

/** The level that a forecast's one deviation is read from: the width of 80%, over that of a normal's. */
const DEVIATION_LEVEL = 1;

/** Errors that the noise is estimated from. */
const RECENT_ERRORS = 50;
const FEWEST_ERRORS = 10;

/** A forecast as it was made, kept until its label is known. */
export interface PendingForecast {
  /** Forecast return, as a fraction. */
  readonly value: number;
  /** Spread of the ensemble, as a fraction; 0 without one. */
  readonly spread: number;
  /** Expected error, as a fraction: the unit of `radii`, from {@linkcode errorDeviation}. */
  readonly unit: number;
  /** Half-widths of its intervals at 50%, 80% and 95% in that unit, `[3]`; Infinity where a level covers everything. */
  readonly radii: readonly number[];
  /** Deviation of the support's labels, as a fraction: the unit of the score's loss. */
  readonly scale: number;
}

/** Running figures of a market's forecasts whose labels are known. Frozen. */
export interface OnlineScore {
  /** Forecasts judged. */
  readonly count: number;
  /** Sum of squared errors, each in units of its own support's label deviation. */
  readonly lossSum: number;
  /** Adaptive intervals at 50%, 80% and 95% of the errors in units of what was expected of each. */
  readonly intervals: Conformal;
  /** Squared errors less the ensemble's squared spread, the last 50, oldest first (fractions squared). */
  readonly recent: readonly number[];
}

/** No forecast judged yet. */
export const EMPTY_SCORE: OnlineScore = Object.freeze({
  count: 0,
  lossSum: 0,
  intervals: conformalInit({
    coverages: LEVELS.map(({ level }) => level),
    start: LEVELS.map(({ quantile }) => quantile),
  }),
  recent: Object.freeze([]),
});

/** The score after one more label. A label that is not finite is not judged. */
export function scored(score: OnlineScore, forecast: PendingForecast, label: number): OnlineScore {
  const error = forecast.value - label;
  if (!Number.isFinite(error)) return score;
  return Object.freeze({
    count: score.count + 1,
    lossSum: score.lossSum + (error / forecast.scale) ** 2,
    intervals: conformalUpdate(score.intervals, Math.abs(error) / forecast.unit, forecast.radii),
    recent: Object.freeze([...score.recent.slice(-(RECENT_ERRORS - 1)), error ** 2 - forecast.spread ** 2]),
  });
}

/**
 * What the error of a forecast is expected to be like before intervals have learned from hits and misses: the ensemble's spread and, independent of it, the noise that recent errors had beyond
 * theirs; the support's label deviation stands in until 10 errors are known. A fraction.
 */
export function errorDeviation(score: OnlineScore, spread: number, labelDeviation: number): number {
  const { recent } = score;
  const noise = recent.length < FEWEST_ERRORS
    ? labelDeviation ** 2
    : Math.max(0, recent.reduce((sum, value) => sum + value, 0) / recent.length);
  return Math.sqrt(spread ** 2 + noise);
}

/** Intervals of a forecast whose error is expected to deviate by `unit`: their half-widths in that unit, and one deviation for all. */
export function forecastIntervals(
  { intervals }: OnlineScore,
  unit: number,
): { readonly radii: readonly number[]; readonly deviation: number } {
  const radii = conformalRadii(intervals);
  const deviation = unit * Math.max(0, radii[DEVIATION_LEVEL]) / LEVELS[DEVIATION_LEVEL].quantile;
  return { radii: Object.freeze(radii), deviation };
}

/** How often the truth fell within the intervals of one nominal level. */
export interface Coverage {
  /** Nominal coverage: 0.5, 0.8 or 0.95. */
  readonly level: number;
  /** Share of labels within; null before the first. */
  readonly share: number | null;
  /** Half-width of the share's 95% interval if labels were independent, 1.96·√(level·(1 − level)/count); null before the first. */
  readonly tolerance: number | null;
  /** Farthest that the share can be from `level` whatever the labels, by adaptive conformal inference; null before the first. */
  readonly bound: number | null;
}

/**
 * Calibration of the forecasts judged so far: coverage of their adaptive intervals at 50%, 80% and 95%.
 *
 * @param score One market's score, or several to be pooled.
 * @param horizon Bars that labels look ahead, at least 1 (default 1): the bound is wider where labels come later.
 * @returns One coverage a level.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp, onlineConfig, onlineInit, simulateMarket } from "@adaptrade/adaptrade";
 * import { calibration } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const { markets: [{ score }] } = onlineInit(config, [candles]);
 * assertEquals(calibration(score)[0].share, null); // nothing is judged yet
 * ```
 */
export function calibration(score: OnlineScore | readonly OnlineScore[], horizon = 1): readonly Coverage[] {
  const scores = Array.isArray(score) ? score as readonly OnlineScore[] : [score as OnlineScore];
  const seen = scores.map(({ intervals }) => conformalCoverage(intervals, horizon));
  const count = scores.reduce((sum, { intervals }) => sum + intervals.count, 0);
  return LEVELS.map(({ level }, i) => {
    const pooled = (of: (level: ConformalCoverage) => number | null): number | null =>
      count === 0 ? null : seen.reduce((sum, levels) => sum + levels[i].count * (of(levels[i]) ?? 0), 0) / count;
    return Object.freeze({
      level,
      share: pooled(({ share }) => share),
      tolerance: count === 0 ? null : LEVELS[2].quantile * Math.sqrt(level * (1 - level) / count),
      bound: pooled(({ bound }) => bound),
    });
  });
}
