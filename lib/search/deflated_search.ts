/**
 * What is left of a search's best ratio once all that was tried is counted. It judges ratios that trials kept, whatever they are
 * of: net returns, or gains of a forecast over saying nothing.
 * @module
 */
import { type DeflatedSharpe, deflatedSharpe } from "../statistics/deflated_sharpe.ts";
import type { SharpeEstimate } from "../statistics/sharpe_estimate.ts";
import { trialStatistics } from "../statistics/trial_log.ts";
import type { ScoredTrial } from "./search_log.ts";
import { bestTrial } from "./search_method.ts";

/** The best trial's ratio, deflated by all. */
export interface DeflatedSearch extends DeflatedSharpe {
  /** The best trial's ratio and moments, a decision or bar. */
  readonly estimate: SharpeEstimate;
}

function estimateOf({ detail }: ScoredTrial): SharpeEstimate | undefined {
  const { estimate } = (detail ?? {}) as { readonly estimate?: SharpeEstimate };
  return estimate;
}

/**
 * Deflates the best trial's ratio by the number of trials and their spread (Bailey & López de Prado 2014): the probability that it
 * is more than the best of as many without skill. Every rung counts, for each was looked at.
 *
 * @param trials Of a search for `netSharpe` or `walkForwardSkill`, or whose details hold an `estimate`.
 * @throws {RangeError} The best trial kept no ratio, or all failed.
 *
 * @example One trial of many with the same ratio is less than it alone
 * ```ts
 * import { deflatedSearch } from "@adaptrade/adaptrade/search";
 * import { assert } from "@std/assert";
 *
 * const trial = (id: number, sharpe: number) => ({
 *   ...{ id, round: 0, bracket: 0, rung: 0, budget: 1, configuration: {}, parent: null, loss: -sharpe },
 *   detail: { estimate: { sharpe, bars: 250, skewness: 0, kurtosis: 3 } },
 * });
 * const many = Array.from({ length: 50 }, (_, id) => trial(id, 0.1 * Math.sin(id)));
 * const [one] = [...many].sort((a, b) => a.loss - b.loss);
 * assert(deflatedSearch(many).value! < deflatedSearch([one]).value!);
 * ```
 */
export function deflatedSearch(trials: readonly ScoredTrial[]): DeflatedSearch {
  const best = bestTrial(trials) as ScoredTrial | null;
  const estimate = best && estimateOf(best);
  if (!estimate) {
    throw new RangeError(
      `Cannot deflate a search: expected the best of its ${trials.length} trials to keep an estimate, received none`,
    );
  }
  const sharpes = trials.map(estimateOf).filter((one) => one !== undefined).map(({ sharpe }) => sharpe);
  return { ...deflatedSharpe(estimate, trialStatistics({ sharpes })), estimate };
}
