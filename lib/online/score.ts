/**
 * How forecasts made online have fared, kept in constant memory: loss, and how often the truth fell within their intervals.
 * @module
 */

/** Coverages that intervals are checked at, with the normal quantile of each. */
const LEVELS: readonly { readonly level: number; readonly quantile: number }[] = [
  { level: 0.5, quantile: 0.6744897501960817 },
  { level: 0.8, quantile: 1.2815515655446004 },
  { level: 0.95, quantile: 1.959963984540054 },
];

/** Errors that the noise is estimated from. */
const RECENT_ERRORS = 50;
const FEWEST_ERRORS = 10;

/** A forecast as it was made, kept until its label is known. */
export interface PendingForecast {
  /** Forecast return, as a fraction. */
  readonly value: number;
  /** Spread of the ensemble, as a fraction; 0 without one. */
  readonly spread: number;
  /** Standard deviation of the forecast's error that was expected, as a fraction. */
  readonly deviation: number;
  /** Deviation of the support's labels, as a fraction: the unit of the score's loss. */
  readonly scale: number;
}

/** Running figures of a market's forecasts whose labels are known. Frozen. */
export interface OnlineScore {
  /** Forecasts judged. */
  readonly count: number;
  /** Sum of squared errors, each in units of its own support's label deviation. */
  readonly lossSum: number;
  /** Forecasts whose label fell within the interval, at 50%, 80% and 95%, `[3]`. */
  readonly inside: readonly number[];
  /** Squared errors less the ensemble's squared spread, the last 50, oldest first (fractions squared). */
  readonly recent: readonly number[];
}

/** No forecast judged yet. */
export const EMPTY_SCORE: OnlineScore = Object.freeze({
  count: 0,
  lossSum: 0,
  inside: Object.freeze([0, 0, 0]),
  recent: Object.freeze([]),
});

/** The score after one more label. A label that is not finite is not judged. */
export function scored(score: OnlineScore, forecast: PendingForecast, label: number): OnlineScore {
  const error = forecast.value - label;
  if (!Number.isFinite(error)) return score;
  const inside = LEVELS.map(({ quantile }, i) =>
    score.inside[i] + (Math.abs(error) <= quantile * forecast.deviation ? 1 : 0)
  );
  return Object.freeze({
    count: score.count + 1,
    lossSum: score.lossSum + (error / forecast.scale) ** 2,
    inside: Object.freeze(inside),
    recent: Object.freeze([...score.recent.slice(-(RECENT_ERRORS - 1)), error ** 2 - forecast.spread ** 2]),
  });
}

/**
 * Standard deviation of a forecast's error: the ensemble's spread and, independent of it, the noise that recent errors had beyond
 * theirs; the support's label deviation stands in until 10 errors are known. A fraction.
 */
export function errorDeviation(score: OnlineScore, spread: number, labelDeviation: number): number {
  const { recent } = score;
  const noise = recent.length < FEWEST_ERRORS
    ? labelDeviation ** 2
    : Math.max(0, recent.reduce((sum, value) => sum + value, 0) / recent.length);
  return Math.sqrt(spread ** 2 + noise);
}

/** How often the truth fell within the intervals of one nominal level. */
export interface Coverage {
  /** Nominal coverage: 0.5, 0.8 or 0.95. */
  readonly level: number;
  /** Share of labels within; null before the first. */
  readonly share: number | null;
  /** Half-width of the share's 95% interval if labels were independent, 1.96·√(level·(1 − level)/count); null before the first. */
  readonly tolerance: number | null;
}

/**
 * Calibration of the forecasts judged so far: coverage of the central normal intervals at 50%, 80% and 95%.
 *
 * @param score One market's score, or several to be pooled.
 * @returns One coverage a level.
 */
export function calibration(score: OnlineScore | readonly OnlineScore[]): readonly Coverage[] {
  const scores = Array.isArray(score) ? score as readonly OnlineScore[] : [score as OnlineScore];
  const count = scores.reduce((sum, one) => sum + one.count, 0);
  return LEVELS.map(({ level }, i) => {
    const inside = scores.reduce((sum, one) => sum + one.inside[i], 0);
    return Object.freeze({
      level,
      share: count === 0 ? null : inside / count,
      tolerance: count === 0 ? null : LEVELS[2].quantile * Math.sqrt(level * (1 - level) / count),
    });
  });
}
