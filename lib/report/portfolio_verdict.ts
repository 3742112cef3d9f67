/**
 * What portfolios beside each other amount to, in honest sentences. It judges the first; its own variants are no baselines.
 * @module
 */
import type { PortfolioResult } from "../backtest/portfolio.ts";
import type { PortfolioStatistics } from "../backtest/portfolio_statistics.ts";
import { CONFIDENCE, deflatedSentence, lossSentences, type Verdict } from "./verdict.ts";

function sharpeOf({ metrics }: PortfolioResult): number {
  return metrics.sharpe ?? 0;
}

function named(result: PortfolioResult): string {
  return `${result.strategy} (${sharpeOf(result).toFixed(2).replace("-", "−")})`;
}

/**
 * Judges the first portfolio against the baselines: net Sharpe ratio (an undefined one, of a portfolio that never trades,
 * counts as 0), costs, luck, and how many strategies were tried. Where the same model has variants, it says which did best.
 *
 * @param results At least one; the first `candidates` are variants of one model, the others baselines.
 * @param statistics From `portfolioStatistics`, in the order of the results.
 * @param candidates Variants, at least 1.
 */
export function judgePortfolios(
  results: readonly PortfolioResult[],
  statistics: readonly PortfolioStatistics[],
  candidates: number,
): Verdict {
  const [model] = results;
  const [{ sharpeInterval: { low }, deflatedSharpe }] = statistics;
  const [variants, baselines] = [results.slice(0, candidates), results.slice(candidates)];
  const better = baselines.filter((other) => sharpeOf(other) >= sharpeOf(model));
  const mine = `After costs ${model.strategy} (net Sharpe ${sharpeOf(model).toFixed(2).replace("-", "−")})`;
  const sentences = baselines.length === 0
    ? [`${mine} was held against no baseline.`]
    : better.length > 0
    ? [`${mine} does not beat ${better.map(named).join(", ")}.`]
    : [`${mine} is ahead of every baseline.`];
  sentences.push(...lossSentences(model));
  const certain = low !== null && low > 0;
  if (!certain) sentences.push("The 95% interval of its net Sharpe ratio includes zero or lies below it.");
  if (variants.length > 1) {
    const best = variants.reduce((a, b) => sharpeOf(b) > sharpeOf(a) ? b : a);
    const ahead = baselines.every((other) => sharpeOf(best) > sharpeOf(other));
    sentences.push(
      `Of its ${variants.length} variants ${named(best)} did best` +
        (baselines.length === 0 ? "." : ahead ? ", ahead of every baseline." : ", and does not beat every baseline."),
    );
  }
  sentences.push(deflatedSentence({ deflatedSharpe }));
  const wins = baselines.length > 0 && better.length === 0 && (model.metrics.totalReturn ?? 0) > 0 && certain;
  return { wins, significant: wins && (deflatedSharpe.value ?? 0) > CONFIDENCE, sentences };
}
