/**
 * Portfolios as text: what each earned and the risk that it took, whose forecast of risk was nearer, what each market brought.
 * @module
 */
import type { Candles } from "@adaptrade/adaptrade";
import type { PortfolioResult, PortfolioStatistics } from "@adaptrade/adaptrade/backtest";
import { compareLosses } from "@adaptrade/adaptrade/statistics";
import { type chooseBand, JUDGED_BARS, logError, riskErrors, type TriedBand } from "./held.ts";

const percent = (value: number | null, digits = 1): string =>
  value === null ? "–" : `${(100 * value).toFixed(digits)}%`;
const figure = (value: number | null, digits = 2): string => value === null ? "–" : value.toFixed(digits);

/** Header and one row a portfolio; those that are held at the risk say how near they came to it. */
export function portfolioTable(
  results: readonly PortfolioResult[],
  shown: {
    readonly statistics: readonly PortfolioStatistics[];
    readonly held: readonly PortfolioResult[];
    readonly risk: number;
  },
): string[][] {
  const { statistics, held, risk } = shown;
  return [
    ["held", "risk", "log error", "drawdown", "turnover", "costs", "return", "Sharpe", "95% interval", "deflated"],
    ...results.map((result, i) => {
      const { strategy, metrics, costs, initialCapital } = result;
      const { sharpeInterval: { low, high }, deflatedSharpe } = statistics[i];
      return [
        strategy,
        percent(metrics.annualizedVolatility),
        held.includes(result) ? figure(logError(result, risk), 3) : "–",
        percent(metrics.maxDrawdown),
        figure(metrics.turnover, 1),
        percent(costs / initialCapital),
        percent(metrics.totalReturn),
        figure(metrics.sharpe),
        `${figure(low)} … ${figure(high)}`,
        figure(deflatedSharpe.value),
      ];
    }),
  ];
}

/** Whether the first of the portfolios held at a risk came nearer to it than the others, by the test of Diebold and Mariano. */
export function riskSentence([first, ...others]: readonly PortfolioResult[], risk: number): string {
  const mine = riskErrors(first, risk);
  if (mine.length < 2) {
    return `The test is shorter than two stretches of ${JUDGED_BARS} bars: too short to judge risk by.`;
  }
  const against = others.map((other) => {
    const { statistic, pValue } = compareLosses(mine, riskErrors(other, risk));
    const nearer = statistic === null || pValue === null || pValue > 0.05
      ? "no nearer beyond chance than"
      : statistic < 0
      ? "nearer than"
      : "further than";
    return `${nearer} ${other.strategy} (Diebold-Mariano ${figure(statistic, 1)})`;
  });
  return `Over ${mine.length} stretches of ${JUDGED_BARS} bars, ${first.strategy} came to the target ${
    against.join(", and ")
  }.`;
}

/** What trading less came to on validation, in one sentence. */
export function bandSentence(strategy: string, { chosen, without }: ReturnType<typeof chooseBand>): string {
  const of = ({ error, turnover }: TriedBand): string =>
    `a log error of ${figure(error, 3)} at a turnover of ${figure(turnover, 1)}`;
  return `Validation lets positions ${strategy} be off by ${chosen.band} of their targets: ${of(chosen)}, ${
    of(without)
  } where every change is traded.`;
}

/** Header and one row a market: what it brought, and whether training had seen it. */
export function shareTable({ shares }: PortfolioResult, unseen: readonly Candles[]): string[][] {
  return [
    ["market", "", "profit", "costs", "mean position"],
    ...shares.map(({ market, pnl, cost, exposure }) => [
      market,
      unseen.some(({ symbol }) => symbol === market) ? "never seen" : "",
      pnl.toFixed(0),
      cost.toFixed(0),
      percent(exposure, 0),
    ]),
  ];
}
