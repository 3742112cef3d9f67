/**
 * The probabilistic Sharpe ratio: how likely a strategy's true ratio is above a benchmark, given the length of its record
 * and the shape of its returns. It takes returns as independent and knows nothing of selection; see `deflated_sharpe.ts`.
 * @module
 */
import { type Figure, figure, undefinedFigure } from "./figure.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import type { SharpeEstimate } from "./sharpe_estimate.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode minTrackRecord} takes. */
export interface MinTrackRecordOptions {
  /** Sharpe ratio to be exceeded, a bar (default 0). */
  readonly benchmark?: number;
  /** Probability asked for, within (0.5, 1) (default 0.95). */
  readonly confidence?: number;
}

const MIN_TRACK_RECORD_KEYS: OptionKeys<MinTrackRecordOptions> = { benchmark: true, confidence: true };

interface DefinedEstimate {
  readonly sharpe: number;
  readonly bars: number;
  /** Variance of √(n − 1) times the estimated ratio: 1 − γ₃ SR + (γ₄ − 1)/4 SR². */
  readonly variance: number;
}

/** The estimate's asymptotic variance (Mertens 2002), or why there is none. */
function definedEstimate(action: string, estimate: SharpeEstimate, benchmark: number): DefinedEstimate | string {
  const { sharpe, bars, skewness, kurtosis, reason } = estimate;
  if (!Number.isFinite(benchmark)) {
    throw new RangeError(`${action}: benchmark must be finite, got ${String(benchmark)}`);
  }
  if (sharpe === null || skewness === null || kurtosis === null) return reason ?? "the Sharpe ratio is undefined";
  if (!(Number.isInteger(bars) && bars >= 2)) {
    throw new RangeError(`${action}: bars must be an integer of at least 2, got ${String(bars)}`);
  }
  if (![sharpe, skewness, kurtosis].every(Number.isFinite)) {
    throw new TypeError(`${action}: ratio and moments must be finite, got ${sharpe}, ${skewness} and ${kurtosis}`);
  }
  // Every distribution has γ₄ ≥ γ₃² + 1; the slack is for rounding.
  if (kurtosis < (skewness ** 2 + 1) * (1 - 1e-9)) {
    throw new RangeError(
      `${action}: kurtosis must be at least skewness² + 1 = ${skewness ** 2 + 1} (3 for a normal), got ${kurtosis}`,
    );
  }
  const variance = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe ** 2;
  return variance > 1e-12 ? { sharpe, bars, variance } : "the Sharpe ratio's estimated variance is 0";
}

/**
 * Probability that the true Sharpe ratio exceeds a benchmark (Bailey & López de Prado 2012, "The Sharpe ratio efficient
 * frontier", section "Probabilistic Sharpe ratio"): `PSR(SR*) = Φ((SR − SR*) √(n − 1) / √(1 − γ₃ SR + (γ₄ − 1)/4 SR²))`, all ratios a bar.
 *
 * @param estimate From `sharpeEstimate(returns)`.
 * @param benchmark SR*, a bar: an annual ratio divided by √periodsPerYear (default 0).
 * @returns A probability; null where the ratio or its variance is undefined.
 * @throws {RangeError} No returns can have such moments, or the benchmark is not finite.
 * @throws {TypeError} A moment is not finite.
 *
 * @example The paper's hedge fund: two years of monthly returns are not enough for 95%, three are
 * ```ts
 * import { probabilisticSharpe } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const fund = { sharpe: 0.458, skewness: -2.448, kurtosis: 10.164 };
 * const [two, three] = [24, 36].map((bars) => probabilisticSharpe({ ...fund, bars }).value!);
 * assertEquals([two.toFixed(3), two > 0.95, three > 0.95], ["0.913", false, true]);
 * ```
 */
export function probabilisticSharpe(estimate: SharpeEstimate, benchmark = 0): Figure {
  const defined = definedEstimate("Cannot judge a Sharpe ratio", estimate, benchmark);
  if (typeof defined === "string") return undefinedFigure(defined);
  const { sharpe, bars, variance } = defined;
  return figure(normalCdf((sharpe - benchmark) * Math.sqrt((bars - 1) / variance)));
}

/**
 * Bars that a record must have for its probabilistic Sharpe ratio to reach a confidence (Bailey & López de Prado 2012,
 * section "Track record length", MinTRL): `1 + (1 − γ₃ SR + (γ₄ − 1)/4 SR²) (Φ⁻¹(confidence) / (SR − SR*))²`.
 *
 * @param estimate From `sharpeEstimate(returns)`; its own length does not enter.
 * @param options Benchmark and confidence.
 * @returns Bars, not rounded; null where the ratio is undefined or does not exceed the benchmark.
 * @throws {RangeError} An option is out of range, or no returns can have such moments.
 *
 * @example
 * ```ts
 * import { minTrackRecord, sharpeEstimate } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const losing = sharpeEstimate(Float64Array.of(-0.02, 0.01));
 * assertEquals(minTrackRecord(losing).reason, "the Sharpe ratio does not exceed the benchmark");
 * ```
 */
export function minTrackRecord(estimate: SharpeEstimate, options: MinTrackRecordOptions = {}): Figure {
  requireKnownKeys("Cannot compute a track record", "options", options, MIN_TRACK_RECORD_KEYS);
  const { benchmark = 0, confidence = 0.95 } = options;
  if (!(confidence > 0.5 && confidence < 1)) {
    throw new RangeError(`Cannot size a record: confidence must be within (0.5, 1), got ${String(confidence)}`);
  }
  const defined = definedEstimate("Cannot size a record", estimate, benchmark);
  if (typeof defined === "string") return undefinedFigure(defined);
  const { sharpe, variance } = defined;
  if (sharpe <= benchmark) return undefinedFigure("the Sharpe ratio does not exceed the benchmark");
  return figure(1 + variance * (normalQuantile(confidence) / (sharpe - benchmark)) ** 2);
}
