/**
 * How many strategies were tried, kept by the run itself: every backtest whose figures could have been chosen is recorded,
 * winners and losers. A log is a value: recording gives a new one, and no trial can be taken out.
 * @module
 */

/** Trials so far, in order. */
export interface TrialLog {
  /** Sharpe ratio of each trial, a bar and not annualised; null for one where it is undefined. `[trials]` */
  readonly sharpes: readonly (number | null)[];
}

/** What a deflated Sharpe ratio needs to know of the trials. */
export interface TrialStatistics {
  /** Number of (independent) trials, at least 1; need not be an integer. */
  readonly trials: number;
  /** Sample variance of their Sharpe ratios, a bar; 0 for a single trial. */
  readonly variance: number;
}

/** A log before the first trial. */
export const NO_TRIALS: TrialLog = Object.freeze({ sharpes: Object.freeze([]) });

/**
 * Records a trial.
 *
 * @param log Trials so far; it is not changed.
 * @param sharpe The trial's Sharpe ratio, a bar: `sharpeEstimate(returns).sharpe`. Null (a strategy that never traded)
 * counts as a trial of ratio 0.
 * @returns The log with the trial behind the others.
 * @throws {TypeError} The ratio is neither finite nor null.
 *
 * @example
 * ```ts
 * import { NO_TRIALS, recordTrial, trialStatistics } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const log = [0.25, null, -0.25].reduce(recordTrial, NO_TRIALS);
 * assertEquals(trialStatistics(log), { trials: 3, variance: 0.0625 });
 * ```
 */
export function recordTrial(log: TrialLog, sharpe: number | null): TrialLog {
  if (sharpe !== null && !Number.isFinite(sharpe)) {
    throw new TypeError(`Cannot record a trial: its Sharpe ratio must be finite or null, got ${String(sharpe)}`);
  }
  return Object.freeze({ sharpes: Object.freeze([...log.sharpes, sharpe]) });
}

/**
 * The trials of several logs as one, in the order given.
 *
 * @example
 * ```ts
 * import { mergeTrials, NO_TRIALS, recordTrial } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * const log = mergeTrials([recordTrial(NO_TRIALS, 0.25), recordTrial(NO_TRIALS, null)]);
 * assertEquals(log.sharpes, [0.25, null]);
 * ```
 */
export function mergeTrials(logs: readonly TrialLog[]): TrialLog {
  return Object.freeze({ sharpes: Object.freeze(logs.flatMap(({ sharpes }) => sharpes)) });
}

/**
 * Counts the trials and measures how far their Sharpe ratios spread.
 *
 * @param log At least one trial.
 * @throws {RangeError} There is no trial.
 *
 * @example
 * ```ts
 * import { trialStatistics } from "@adaptrade/adaptrade/statistics";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(trialStatistics({ sharpes: [0.25, null, -0.25] }), { trials: 3, variance: 0.0625 });
 * ```
 */
export function trialStatistics(log: TrialLog): TrialStatistics {
  const trials = log.sharpes.length;
  if (trials === 0) throw new RangeError("Cannot count trials: expected at least 1 trial, received 0");
  const ratios = log.sharpes.map((sharpe) => sharpe ?? 0);
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / trials;
  const squares = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0);
  return { trials, variance: trials > 1 ? squares / (trials - 1) : 0 };
}
