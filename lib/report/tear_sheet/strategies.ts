/**
 * Strategies beside each other in one table, and what a reader must know of them.
 * @module
 */
import type { ComparedStrategy } from "../../backtest/comparison.ts";
import type { Metrics } from "../../statistics/metrics.ts";
import { METRICS } from "./statistics.ts";
import { DASH, dataTable, escapeHtml, number, percent, probability, swatch } from "./text.ts";
import { type Track, trackColor } from "./track.ts";

/** What the table reads of a strategy; one of a comparison is one. */
export interface ListedStrategy
  extends Pick<ComparedStrategy, "sharpeInterval" | "deflatedSharpe" | "atTwiceCosts" | "breakEvenCost"> {
  /** What it did. */
  readonly result: Pick<Track, "strategy" | "color" | "trades" | "initialCapital"> & {
    /** Its figures. */
    readonly metrics: Metrics;
    /** All costs, in account currency. */
    readonly costs: number;
    /** What a reader must know. */
    readonly notes: readonly string[];
  };
}

type Columns = readonly [title: string, cell: (strategy: ListedStrategy) => string][];

const LEFT: Columns = [
  ["Net Sharpe", ({ result }) => number(result.metrics.sharpe)],
  ["95% interval", ({ sharpeInterval: { low, high } }) => low === null ? DASH : `${number(low)} to ${number(high)}`],
  ["Deflated", ({ deflatedSharpe }) => probability(deflatedSharpe.value)],
  ["Return", ({ result }) => percent(result.metrics.totalReturn)],
  ["Drawdown", ({ result }) => percent(result.metrics.maxDrawdown)],
  ["Trades", ({ result }) => result.trades.length.toLocaleString("en-US")],
  ["Costs paid", ({ result }) => percent(result.costs / result.initialCapital)],
  ["Return at twice the costs", ({ atTwiceCosts }) => percent(atTwiceCosts.totalReturn.value)],
  ["Break-even cost", ({ breakEvenCost }) => percent(breakEvenCost.value, 3)],
];

const COURSE: Columns = [
  ["A year", ({ result }) => percent(result.metrics.annualizedReturn)],
  ["Volatility", ({ result }) => percent(result.metrics.annualizedVolatility)],
  ["Sortino", ({ result }) => number(result.metrics.sortino)],
  ["Calmar", ({ result }) => number(result.metrics.calmar)],
  ["Profit factor", ({ result }) => number(result.metrics.profitFactor)],
  ["Exposure", ({ result }) => percent(result.metrics.exposure, 0)],
  ["Turnover a year", ({ result }) => number(result.metrics.turnover, 0)],
];

/** Renders a row a strategy in each of two tables: all columns beside each other would not fit a screen. */
export function strategiesTable(strategies: readonly ListedStrategy[]): string {
  const table = (caption: string, columns: Columns): string => {
    const rows = strategies.map((strategy) => [
      { html: `${swatch(trackColor(strategy.result))}${escapeHtml(strategy.result.strategy)}` },
      ...columns.map(([, cell]) => cell(strategy)),
    ]);
    return dataTable(caption, ["Strategy", ...columns.map(([title]) => title)], rows);
  };
  return table("Strategies, net of costs", LEFT) + table("The same strategies: how they got there", COURSE);
}

/** Renders what a reader of the figures must know: notes, and why figures are undefined. */
export function notesList(strategies: readonly ListedStrategy[]): string {
  const reasons = strategies.flatMap(({ result: { strategy, metrics: { reasons } } }) => {
    const listed = Object.entries(reasons)
      .map(([name, reason]) => `${METRICS[name as keyof typeof METRICS]?.[0] ?? name}: ${reason}`).join("; ");
    return listed ? [`${strategy} ${DASH} ${listed}`] : [];
  });
  const notes = [...new Set(strategies.flatMap(({ result: { notes } }) => notes))];
  const items = [...notes, ...(reasons.length > 0 ? [`Undefined figures: ${reasons.join(". ")}.`] : [])];
  return items.length > 0
    ? `<ul class="notes">${items.map((item) => `<li>${escapeHtml(item)}</li>`).join("")}</ul>`
    : "";
}
