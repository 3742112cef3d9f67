/**
 * Whether one series of forecasts is more accurate than another, or only looked so: the Diebold-Mariano test on squared
 * errors. It compares forecasts as they were made, not the models behind them.
 * @module
 */
import { studentTCdf } from "./student_t.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode dieboldMariano} takes. */
export interface DieboldMarianoOptions {
  /** Bars that the forecasts look ahead, at least 1 (default 1): errors of overlapping forecasts correlate up to h − 1. */
  readonly horizon?: number;
  /**
   * Weights of the long-run variance at lags 1 to h − 1: all 1 (`rectangular`, default, Diebold & Mariano 1995) or falling
   * to 0 at h (`bartlett`, Newey & West 1987).
   */
  readonly weights?: "rectangular" | "bartlett";
}

const DIEBOLD_MARIANO_KEYS: OptionKeys<DieboldMarianoOptions> = { horizon: true, weights: true };

/** What the test found. */
export interface DieboldMariano {
  /** Modified statistic, below 0 when the forecasts are better than the baseline's; null where undefined. */
  readonly statistic: number | null;
  /** Two-sided probability of such a difference between equally accurate forecasts; null where undefined. */
  readonly pValue: number | null;
  /** One-sided probability of a statistic as low: small when the forecasts are better; null where undefined. */
  readonly pBetter: number | null;
  /** Mean of squared error − squared error of the baseline, in squared units of the labels; null without a row. */
  readonly meanDifference: number | null;
  /** Rows compared: those whose label is known. */
  readonly rows: number;
  /** Weights that the long-run variance was taken with. */
  readonly weights: "rectangular" | "bartlett";
  /** Why figures are null; null where they are not. */
  readonly reason: string | null;
}

function differences(labels: Float64Array, predictions: Float64Array, baseline: Float64Array): Float64Array {
  for (const [name, { length }] of Object.entries({ predictions, baseline })) {
    if (length !== labels.length) {
      throw new TypeError(`Cannot compare forecasts: expected ${labels.length} ${name}, received ${length}`);
    }
  }
  const found: number[] = [];
  labels.forEach((label, t) => {
    if (Number.isNaN(label)) return;
    const difference = (predictions[t] - label) ** 2 - (baseline[t] - label) ** 2;
    if (!Number.isFinite(difference)) {
      throw new TypeError(
        `Cannot compare forecasts: values must be finite, got label ${label}, prediction ${predictions[t]} and ` +
          `baseline ${baseline[t]} at row ${t}`,
      );
    }
    found.push(difference);
  });
  return Float64Array.from(found);
}

function resolveOptions(options: DieboldMarianoOptions): Required<DieboldMarianoOptions> {
  requireKnownKeys("Cannot compare forecasts", "options", options, DIEBOLD_MARIANO_KEYS);
  const { horizon = 1, weights = "rectangular" } = options;
  if (!Number.isInteger(horizon) || horizon < 1) {
    throw new RangeError(`Cannot compare forecasts: horizon must be an integer of at least 1, got ${String(horizon)}`);
  }
  if (weights !== "rectangular" && weights !== "bartlett") {
    throw new RangeError(`Cannot compare forecasts: weights must be rectangular or bartlett, got ${String(weights)}`);
  }
  return { horizon, weights };
}

/** Variance of √n times the mean: Σ w_k γ_k over lags below the horizon, γ_k autocovariances over n. */
function longRunVariance(centred: Float64Array, horizon: number, weights: "rectangular" | "bartlett"): number {
  const n = centred.length;
  let variance = 0;
  for (let lag = 0; lag < Math.min(horizon, n); lag++) {
    let sum = 0;
    for (let t = lag; t < n; t++) sum += centred[t] * centred[t - lag];
    const weight = weights === "bartlett" ? 1 - lag / horizon : 1;
    variance += (lag === 0 ? 1 : 2 * weight) * sum / n;
  }
  return variance;
}

/**
 * Tests whether forecasts are as accurate as a baseline's, by squared errors. With `d_t` the difference of squared errors
 * and V its long-run variance, `DM = d̄ / √(V/n)` (Diebold & Mariano 1995, "Comparing predictive accuracy", S₁), times
 * `√((n + 1 − 2h + h(h − 1)/n) / n)` and judged by Student's t with n − 1 degrees of freedom (Harvey, Leybourne & Newbold
 * 1997, equation 9). A rectangular V that is not positive is taken again with Bartlett weights, which cannot be negative.
 *
 * Rows whose label is NaN, not known yet, are left out.
 *
 * @param labels What came, `[rows]`.
 * @param predictions The forecasts, `[rows]`.
 * @param baseline The baseline's forecasts of the same rows, `[rows]`; zeros for the zero predictor.
 * @param options Horizon and weights.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} Lengths differ, or a forecast of a known label is not finite.
 *
 * @example
 * ```ts
 * import { random } from "@adaptrade/adaptrade";
 * import { dieboldMariano } from "@adaptrade/adaptrade/statistics";
 * import { assert } from "@std/assert";
 *
 * const stream = random(1);
 * const labels = Float64Array.from({ length: 200 }, () => stream.normal());
 * const informed = labels.map((label) => 0.3 * label);
 * const { pBetter } = dieboldMariano(labels, informed, new Float64Array(200), { horizon: 1 });
 * assert(pBetter! < 0.01);
 * ```
 */
export function dieboldMariano(
  labels: Float64Array,
  predictions: Float64Array,
  baseline: Float64Array,
  options: DieboldMarianoOptions = {},
): DieboldMariano {
  requireKnownKeys("Cannot compare forecasts", "options", options, DIEBOLD_MARIANO_KEYS);
  const { horizon, weights: asked } = resolveOptions(options);
  return judgeDifferences(differences(labels, predictions, baseline), { horizon, weights: asked });
}

/**
 * The same test on losses of any kind, such as QLIKE or a mean over markets: whether one series of them is lower.
 *
 * @param losses Losses of the forecasts, `[rows]`, all finite.
 * @param baseline Losses of the baseline's forecasts of the same rows, `[rows]`.
 * @param options Horizon, in rows, and weights.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} Lengths differ, or a loss is not finite.
 *
 * @example
 * ```ts
 * import { compareLosses } from "@adaptrade/adaptrade/statistics";
 * import { assert } from "@std/assert";
 *
 * const losses = Float64Array.from({ length: 100 }, (_, i) => 1 + i % 3);
 * const { statistic } = compareLosses(losses, losses.map((loss, i) => loss + (i % 2)), { horizon: 1 });
 * assert(statistic! < -5);
 * ```
 */
export function compareLosses(
  losses: Float64Array,
  baseline: Float64Array,
  options: DieboldMarianoOptions = {},
): DieboldMariano {
  const { horizon, weights } = resolveOptions(options);
  if (losses.length !== baseline.length) {
    throw new TypeError(`Cannot compare forecasts: expected ${losses.length} baseline, received ${baseline.length}`);
  }
  const found = losses.map((loss, i) => loss - baseline[i]);
  const bad = found.findIndex((difference) => !Number.isFinite(difference));
  if (bad >= 0) {
    throw new TypeError(`Cannot compare forecasts: losses must be finite, got ${losses[bad]} and ${baseline[bad]}`);
  }
  return judgeDifferences(found, { horizon, weights });
}

function judgeDifferences(found: Float64Array, options: Required<DieboldMarianoOptions>): DieboldMariano {
  const { horizon, weights: asked } = options;
  const rows = found.length;
  const mean = found.reduce((sum, d) => sum + d, 0) / rows;
  const meanDifference = rows > 0 ? mean : null;
  const none = (reason: string): DieboldMariano => ({
    statistic: null,
    pValue: null,
    pBetter: null,
    meanDifference,
    rows,
    weights: asked,
    reason,
  });
  const needed = Math.max(2, horizon + 1);
  if (rows < needed) return none(`needs at least ${needed} rows with a known label, got ${rows}`);
  const centred = found.map((d) => d - mean);
  const still = centred.every((d) => Math.abs(d) <= 1e-14 * Math.abs(mean));
  if (still) return none(mean === 0 ? "the forecasts do not differ" : "the difference of squared errors does not vary");
  let weights = asked;
  let variance = longRunVariance(centred, horizon, weights);
  if (!(variance > 0)) {
    weights = "bartlett";
    variance = longRunVariance(centred, horizon, weights);
  }
  if (!(variance > 0)) return none("the long-run variance is 0");
  const correction = (rows + 1 - 2 * horizon + horizon * (horizon - 1) / rows) / rows;
  const statistic = mean / Math.sqrt(variance / rows) * Math.sqrt(correction);
  return {
    statistic,
    pValue: 2 * studentTCdf(-Math.abs(statistic), rows - 1),
    pBetter: studentTCdf(statistic, rows - 1),
    meanDifference,
    rows,
    weights,
    reason: null,
  };
}
