/**
 * The deflated Sharpe ratio: the probabilistic one against the best ratio that as many trials without any skill would be
 * expected to show. It refuses to judge without a count of trials.
 * @module
 */
import { type Figure, undefinedFigure } from "./figure.ts";
import { normalQuantile } from "./normal.ts";
import { probabilisticSharpe } from "./probabilistic_sharpe.ts";
import type { SharpeEstimate } from "./sharpe_estimate.ts";
import type { TrialStatistics } from "./trial_log.ts";

/** Euler's constant γ. */
const EULER = 0.5772156649015329;

/** A deflated Sharpe ratio and what it was measured against. */
export interface DeflatedSharpe extends Figure {
  /** Probability that the true ratio exceeds the benchmark; null where the ratio is undefined. */
  readonly value: number | null;
  /** Why it is null; null where it is not. */
  readonly reason: string | null;
  /** SR₀: the expected best ratio of the trials had none any skill, a bar. */
  readonly benchmark: number;
  /** Trials counted. */
  readonly trials: number;
}

/**
 * Expected highest Sharpe ratio of N independent trials without skill (Bailey & López de Prado 2014, "The deflated Sharpe
 * ratio", equation 1, with mean 0): `SR₀ = √V ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e)))`, γ Euler's constant.
 *
 * @param statistics Number N of trials and variance V of their ratios, from `trialStatistics(log)`.
 * @returns A ratio a bar: 0 for one trial, for nothing was selected.
 * @throws {RangeError} There is less than one trial, or the variance is negative or not finite.
 *
 * @example
 * ```ts
 * import { expectedMaximumSharpe } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(expectedMaximumSharpe({ trials: 1, variance: 0.01 }), 0);
 * assertEquals(expectedMaximumSharpe({ trials: 100, variance: 0.01 }).toFixed(3), "0.253");
 * ```
 */
export function expectedMaximumSharpe(statistics: TrialStatistics): number {
  const { trials, variance } = statistics;
  if (!(trials >= 1 && trials < Infinity)) {
    throw new RangeError(`Cannot expect a maximum: trials must be finite and at least 1, got ${String(trials)}`);
  }
  if (!(variance >= 0 && variance < Infinity)) {
    throw new RangeError(`Cannot expect a maximum: variance must be finite and at least 0, got ${String(variance)}`);
  }
  if (trials === 1) return 0;
  const normal = (1 - EULER) * normalQuantile(1 - 1 / trials) + EULER * normalQuantile(1 - 1 / (trials * Math.E));
  // Between one and two trials the approximation falls below the mean.
  return Math.sqrt(variance) * Math.max(0, normal);
}

/**
 * Number of independent trials among M correlated ones (Bailey & López de Prado 2014, appendix 3): `ρ + (1 − ρ) M`.
 *
 * @param trials M, at least 1.
 * @param correlation ρ, the mean correlation between the trials' returns, within [0, 1].
 * @throws {RangeError} An argument is out of range.
 *
 * @example
 * ```ts
 * import { independentTrials } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(independentTrials(10, 0.5), 5.5);
 * ```
 */
export function independentTrials(trials: number, correlation: number): number {
  if (!(trials >= 1 && trials < Infinity && correlation >= 0 && correlation <= 1)) {
    throw new RangeError(
      `Cannot count independent trials: trials must be at least 1 and correlation within [0, 1], ` +
        `got ${String(trials)} and ${String(correlation)}`,
    );
  }
  return correlation + (1 - correlation) * trials;
}

/**
 * Probability that the true Sharpe ratio of the chosen strategy exceeds what luck alone would have shown in that many
 * trials: `DSR = PSR(SR₀)` (Bailey & López de Prado 2014, equation 2). Above 0.95 it is significant at 5%.
 *
 * @param estimate The chosen strategy's, from `sharpeEstimate(returns)`.
 * @param statistics Of all trials, the chosen one among them, from `trialStatistics(log)`.
 * @throws {RangeError} There is less than one trial, or no returns can have such moments.
 *
 * @example The paper's example: 2.5 a year over five years of days, the best of 100 trials, is not significant
 * ```ts
 * import { deflatedSharpe } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const best = { sharpe: 2.5 / Math.sqrt(250), bars: 1250, skewness: -3, kurtosis: 10 };
 * const { value, benchmark } = deflatedSharpe(best, { trials: 100, variance: 0.5 / 250 });
 * assertEquals([value!.toFixed(4), benchmark.toFixed(4)], ["0.9004", "0.1132"]);
 * ```
 */
export function deflatedSharpe(estimate: SharpeEstimate, statistics: TrialStatistics): DeflatedSharpe {
  const benchmark = expectedMaximumSharpe(statistics);
  const { value, reason } = probabilisticSharpe(estimate, benchmark);
  const judged: Figure = value === null ? undefinedFigure(reason ?? "undefined") : { value, reason: null };
  return { ...judged, benchmark, trials: statistics.trials };
}
