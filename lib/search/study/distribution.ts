/**
 * A study's markets as a distribution: quantiles of skill and of money, how many are better than chance would make them, and the
 * best deflated by their number. One market at a time is read; what is kept of each are a few numbers.
 * @module
 */
import { type DeflatedSharpe, deflatedSharpe } from "../../statistics/deflated_sharpe.ts";
import type { SharpeEstimate } from "../../statistics/sharpe_estimate.ts";
import { trialStatistics } from "../../statistics/trial_log.ts";
import type { MarketStudy } from "./study_market.ts";

/** Levels of {@linkcode Spread}'s quantiles. */
export const SPREAD_LEVELS: readonly number[] = Object.freeze([0.05, 0.25, 0.5, 0.75, 0.95]);

/** How a figure spreads over markets. */
export interface Spread {
  /** Markets that have it. */
  readonly markets: number;
  /** Its mean. */
  readonly mean: number;
  /** Its quantiles at `SPREAD_LEVELS`. */
  readonly quantiles: readonly number[];
  /** Every value, ascending, `[markets]`. */
  readonly values: Float64Array;
}

/** A study's markets together. */
export interface StudyDistribution {
  /** Markets. */
  readonly markets: number;
  /** Decisions of all. */
  readonly decisions: number;
  /** 1 − squared error / that of saying nothing. */
  readonly skill: Spread;
  /** Squared error / that of the networks unadapted. */
  readonly adaptation: Spread;
  /** Share of markets forecast better than by saying nothing. */
  readonly better: number;
  /** Share forecast better beyond chance at 5% of both sides; 0.025 would be by luck. */
  readonly clearlyBetter: number;
  /** Share forecast worse beyond chance; 0.025 would be by luck. */
  readonly clearlyWorse: number;
  /** Net Sharpe ratios a year; null where nothing was traded. */
  readonly sharpe: Spread | null;
  /** Those ratios less those of holding the market; null where nothing was traded. */
  readonly beyondHolding: Spread | null;
  /**
   * The market with the highest ratio, and that ratio deflated by all; null where nothing was traded. The ratios of other markets
   * spread as they would over as many bars as its own: with fewer bars luck alone makes higher ones.
   */
  readonly best: { readonly market: string; readonly sharpe: number; readonly deflated: DeflatedSharpe } | null;
}

function spreadOf(numbers: readonly (number | null)[]): Spread | null {
  const values = Float64Array.from(numbers.filter((value) => value !== null && Number.isFinite(value)) as number[])
    .sort();
  if (values.length === 0) return null;
  const quantiles = SPREAD_LEVELS.map((level) => {
    const at = level * (values.length - 1);
    const low = Math.floor(at);
    return values[low] + (at - low) * (values[Math.min(values.length - 1, low + 1)] - values[low]);
  });
  return {
    markets: values.length,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    quantiles,
    values,
  };
}

/** A ratio of many markets', deflated; that of a market without skill deviates by 1 / √bars (Lo 2002), so each is scaled to its bars. */
function deflatedByAll(best: SharpeEstimate, all: readonly SharpeEstimate[]): DeflatedSharpe {
  const sharpes = all.map(({ sharpe, bars }) => sharpe === null ? null : sharpe * Math.sqrt(bars / best.bars));
  return deflatedSharpe(best, trialStatistics({ sharpes }));
}

/**
 * Draws a study together.
 *
 * @param figures From `StudyStore.figures`, at least one.
 * @throws {RangeError} There is no market.
 *
 * @example
 * ```ts
 * import { studyDistribution } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const study = (skill: number) => ({
 *   ...{ market: "A", interval: "1d", bars: 100, from: 0, to: 1, money: null },
 *   score: { decisions: 50, mse: 1 - skill, unadapted: 1, nothing: 1, skill, statistic: 0, pValue: 1 },
 * });
 * const { skill, better } = studyDistribution([study(0.1), study(-0.1), study(0.3)]);
 * assertEquals([skill.quantiles[2], better.toFixed(2)], [0.1, "0.67"]);
 * ```
 */
export function studyDistribution(figures: Iterable<MarketStudy>): StudyDistribution {
  const [skills, adaptations, sharpes, beyond]: (number | null)[][] = [[], [], [], []];
  const estimates: SharpeEstimate[] = [];
  let best: { market: string; sharpe: number; estimate: SharpeEstimate } | null = null;
  let [markets, decisions, better, clearlyBetter, clearlyWorse] = [0, 0, 0, 0, 0];
  for (const { market, score, money } of figures) {
    markets++;
    decisions += score.decisions;
    skills.push(score.skill);
    adaptations.push(score.mse / score.unadapted);
    if (score.skill > 0) better++;
    if (score.pValue !== null && score.pValue < 0.05) score.statistic! < 0 ? clearlyBetter++ : clearlyWorse++;
    if (!money) continue;
    const { sharpe, holdSharpe, estimate } = money;
    sharpes.push(sharpe);
    beyond.push(sharpe !== null && holdSharpe !== null ? sharpe - holdSharpe : null);
    estimates.push(estimate);
    if (sharpe !== null && (best === null || sharpe > best.sharpe)) best = { market, sharpe, estimate };
  }
  const skill = spreadOf(skills);
  if (skill === null) throw new RangeError("Cannot draw a study together: expected at least 1 market, received none");
  return {
    markets,
    decisions,
    skill,
    adaptation: spreadOf(adaptations)!,
    better: better / markets,
    clearlyBetter: clearlyBetter / markets,
    clearlyWorse: clearlyWorse / markets,
    sharpe: spreadOf(sharpes),
    beyondHolding: spreadOf(beyond),
    best: best && { market: best.market, sharpe: best.sharpe, deflated: deflatedByAll(best.estimate, estimates) },
  };
}
