/**
 * Several markets in one table, each with a link to its section.
 * @module
 */
import type { Comparison } from "../../backtest/comparison.ts";
import { judge } from "../verdict.ts";
import { count, dataTable, escapeHtml, number, percent, probability } from "./text.ts";

/**
 * Renders one row a market: the first strategy there, and the best baseline.
 *
 * @param comparisons The markets.
 * @param idOf Id of a market's section, by its place.
 */
export function marketsPart(comparisons: readonly Comparison[], idOf: (index: number) => string): string {
  const head = [
    "Market",
    "Bars",
    "Net Sharpe",
    "95% interval",
    "Return",
    "Drawdown",
    "Deflated Sharpe",
    "p against zero",
    "Best baseline",
    "Its Sharpe",
    "Ahead of all",
  ];
  const rows = comparisons.map((comparison, i) => {
    const [{ result, sharpeInterval: { low, high }, deflatedSharpe }, ...baselines] = comparison.strategies;
    const ranked = [...baselines].sort((a, b) => (b.result.metrics.sharpe ?? 0) - (a.result.metrics.sharpe ?? 0));
    const best = ranked.at(0);
    const zero = baselines.find((one) => one.result.strategy === "zero predictor");
    const { wins, significant } = judge(comparison);
    return [
      { html: `<a href="#${idOf(i)}">${escapeHtml(comparison.market)}</a>` },
      result.time.length.toLocaleString("en-US"),
      number(result.metrics.sharpe),
      low === null ? number(null) : `${number(low)} to ${number(high)}`,
      percent(result.metrics.totalReturn),
      percent(result.metrics.maxDrawdown),
      probability(deflatedSharpe.value),
      probability(zero?.dieboldMariano?.pValue ?? null),
      best?.result.strategy ?? number(null),
      number(best?.result.metrics.sharpe ?? null),
      wins ? (significant ? "yes, significantly" : "yes, not significantly") : "no",
    ];
  });
  const ahead = comparisons.filter((comparison) => judge(comparison).wins).length;
  return `<section><h2>Markets</h2><p>Ahead of every baseline after costs, and by more than luck: on ${ahead} of ` +
    `${count(comparisons.length, "market")}. Each is judged by itself, as if it were traded alone.</p>` +
    dataTable("The first strategy on each market", head, rows) + "</section>";
}
