/**
 * What portfolios beside each other amount to, in honest sentences. It judges the first; its own variants are no baselines.
 * @module
 */
import { inSampleDecisions } from "../backtest/in_sample.ts";
import type { PortfolioResult } from "../backtest/portfolio.ts";
import type { PortfolioStatistics } from "../backtest/portfolio_statistics.ts";
import { dataSentences, distinctFindings } from "./data_sentences.ts";
import { isAhead, notBeaten, ruinSentences, standing, standingSentence } from "./standing.ts";
import { CONFIDENCE, deflatedSentence, inSampleSentences, lossSentences, type Verdict } from "./verdict.ts";

/**
 * Judges the first portfolio against the baselines and against cash: ruin, net Sharpe ratio (an undefined one, of a portfolio
 * that never trades, counts as 0) and money kept, costs, luck, and how many strategies were tried. Where the same model has
 * variants, it says which did best.
 *
 * @param results At least one; the first `candidates` are variants of one model, the others baselines.
 * @param statistics From `portfolioStatistics`, in the order of the results.
 * @param candidates Variants, at least 1.
 * @returns Whether it wins, whether by more than trials explain, and why, in sentences.
 *
 * @example
 * ```ts
 * import { executePortfolio, sampleMarkets } from "@adaptrade/adaptrade";
 * import { portfolioStatistics } from "@adaptrade/adaptrade/backtest";
 * import { judgePortfolios } from "@adaptrade/adaptrade/report";
 * import { assertEquals } from "@std/assert";
 *
 * const [candles] = await sampleMarkets({ symbols: ["DAX"] });
 * const sizes = candles.close.slice(20).fill(-1);
 * const results = [executePortfolio([{ candles, start: 20, sizes, volatility: sizes.map(() => 0.01), horizon: 1 }])];
 * assertEquals(judgePortfolios(results, portfolioStatistics(results, { resamples: 100 }), 1).wins, false);
 * ```
 */
export function judgePortfolios(
  results: readonly PortfolioResult[],
  statistics: readonly PortfolioStatistics[],
  candidates: number,
): Verdict {
  const [model] = results;
  const [{ sharpeInterval: { low }, deflatedSharpe }] = statistics;
  const [variants, baselines] = [results.slice(0, candidates), results.slice(candidates)];
  const training = { ...model, decisionTime: model.time };
  const sentences = [
    ...ruinSentences(model),
    standingSentence(model, baselines),
    ...inSampleSentences(training, model.markets),
    ...dataSentences(distinctFindings(results)),
    ...lossSentences(model),
  ];
  const certain = low !== null && low > 0;
  if (!certain) sentences.push("The 95% interval of its net Sharpe ratio includes zero or lies below it.");
  if (variants.length > 1) {
    const best = variants.reduce((a, b) => isAhead(b, a) ? b : a);
    const ahead = notBeaten(best, baselines).length === 0;
    sentences.push(
      `Of its ${variants.length} variants ${best.strategy} (${standing(best)}) did best` +
        (baselines.length === 0 ? "." : ahead ? ", ahead of every baseline." : ", and does not beat every baseline."),
    );
  }
  sentences.push(deflatedSentence({ deflatedSharpe }));
  const wins = baselines.length > 0 && notBeaten(model, baselines).length === 0 && certain &&
    inSampleDecisions(training) === 0;
  return { wins, significant: wins && (deflatedSharpe.value ?? 0) > CONFIDENCE, sentences };
}
