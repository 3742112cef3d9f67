/**
 * What a study says, in sentences: forecasts first, money after, luck named where it explains what was found.
 * @module
 */
import type { StudyDistribution } from "./distribution.ts";

/** Changes of the squared error below this are called none. */
const LEAST_EFFECT = 0.001;

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`;

/**
 * A study in words.
 *
 * @param distribution From `studyDistribution`.
 * @returns Sentences, most important first.
 *
 * @example
 * ```ts
 * import { studyDistribution, studySentences } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const score = { decisions: 50, mse: 0.9, unadapted: 1, nothing: 1, skill: 0.1, statistic: -3, pValue: 0.01 };
 * const study = { market: "A", interval: "1d", bars: 100, from: 0, to: 1, score, money: null };
 * assertEquals(studySentences(studyDistribution([study]))[0], "Of 1 market 100% are forecast better than by saying nothing, 100% beyond chance (3% would be by luck).");
 * ```
 */
export function studySentences(distribution: StudyDistribution): readonly string[] {
  const { markets, better, clearlyBetter, clearlyWorse, adaptation, sharpe, beyondHolding, best } = distribution;
  const sentences = [
    `Of ${markets.toLocaleString("en-US")} market${markets === 1 ? "" : "s"} ${
      percent(better)
    } are forecast better than by saying nothing, ${percent(clearlyBetter)} beyond chance (3% would be by luck).`,
  ];
  if (clearlyWorse > 0) sentences.push(`${percent(clearlyWorse)} are forecast worse beyond chance.`);
  const [, , median] = adaptation.quantiles;
  sentences.push(
    median < 1 - LEAST_EFFECT
      ? `Adapting takes ${(100 * (1 - median)).toFixed(1)}% off the squared error of the median market.`
      : median < 1 + LEAST_EFFECT
      ? "Adapting makes no difference to the median market."
      : `Adapting adds ${(100 * (median - 1)).toFixed(1)}% to the squared error of the median market.`,
  );
  if (!sharpe || !beyondHolding || !best) return sentences;
  const ahead = beyondHolding.values.filter((value) => value > 0).length / beyondHolding.markets;
  const { deflated: { value } } = best;
  sentences.push(
    `The median net Sharpe ratio is ${sharpe.quantiles[2].toFixed(2)}; ${percent(ahead)} of the markets beat holding.`,
    `The best, ${best.market} with ${best.sharpe.toFixed(2)}, is the best of ${sharpe.markets}: ${
      value === null ? "it has no deflated ratio" : `deflated by that number, ${percent(value)}`
    }${value !== null && value > 0.95 ? "." : ", below the 95% that luck demands."}`,
  );
  return sentences;
}
