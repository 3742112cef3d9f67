/**
 * What can be lost and how, what of it is the market, what single trades amount to, and what dearer costs would leave: the
 * tables of `courseStatistics`.
 * @module
 */
import type { CourseStatistics } from "../../statistics/course_statistics.ts";
import type { Drawdown } from "../../statistics/drawdowns.ts";
import type { Figure } from "../../statistics/figure.ts";
import { monthlyReturns } from "./series.ts";
import { absent, amount, type Cell, count, dataTable, escapeHtml, moment, number, percent } from "./text.ts";

/** A strategy with the statistics of its course. */
export interface DescribedStrategy extends CourseStatistics {
  /** What it did. */
  readonly result: { readonly strategy: string };
}

/** A figure, or why there is none. */
function cell({ value, reason }: Figure, print: (value: number) => string): Cell {
  return value === null
    ? { html: `<span class="why">none: ${escapeHtml(reason ?? "undefined")}</span>` }
    : print(value);
}

/** A length of time in the largest unit that it fills. */
function duration(ms: number): string {
  const [hours, days] = [ms / 3_600_000, ms / 86_400_000];
  return days >= 2
    ? `${number(days, 1)} days`
    : hours >= 2
    ? `${number(hours, 1)} hours`
    : `${number(ms / 60_000, 0)} min`;
}

function pairs(caption: string, rows: readonly (readonly [name: string, value: Cell])[]): string {
  return dataTable(caption, ["Figure", "Value"], rows);
}

/** Renders tails, costs and, where there is a benchmark, the strategy against it. */
export function riskPart(
  { result: { strategy }, tails, atTwiceCosts, breakEvenCost, againstBenchmark }: DescribedStrategy,
): string {
  const tables = [
    pairs(`${strategy}: tails and costs, a bar`, [
      ["Value at risk, 5%", cell(tails.valueAtRisk, (value) => percent(value, 2))],
      ["Mean beyond it (CVaR)", cell(tails.expectedShortfall, (value) => percent(value, 2))],
      ["Tail ratio", cell(tails.tailRatio, number)],
      ["Omega", cell(tails.omega, number)],
      ["Ulcer index", cell(tails.ulcerIndex, (value) => percent(value, 2))],
      ["Sharpe at twice the costs", cell(atTwiceCosts.sharpe, number)],
      ["Break-even cost, of what is traded", cell(breakEvenCost, (value) => percent(value, 3))],
    ]),
  ];
  if (againstBenchmark) {
    const { alpha, beta, correlation, informationRatio, trackingError, upCapture, downCapture } = againstBenchmark;
    tables.push(
      pairs(`${strategy}: against holding the market, without cost`, [
        ["Alpha a year", cell(alpha, percent)],
        ["Beta", cell(beta, number)],
        ["Correlation", cell(correlation, number)],
        ["Information ratio", cell(informationRatio, number)],
        ["Tracking error a year", cell(trackingError, percent)],
        ["Up capture", cell(upCapture, (value) => percent(value, 0))],
        ["Down capture", cell(downCapture, (value) => percent(value, 0))],
      ]),
    );
  }
  return tables.join("");
}

/** Renders the deepest drawdowns with their dates. */
export function drawdownsPart(drawdowns: readonly Drawdown[]): string {
  if (drawdowns.length === 0) return absent("There was no drawdown.");
  return dataTable(
    "The deepest drawdowns",
    ["From", "Depth", "Lowest", "Made good", "Bars down", "Bars under water"],
    drawdowns.map(({ from, depth, bottom, recovered, barsDown, barsUnder }) => [
      moment(from),
      percent(depth),
      moment(bottom),
      recovered === null ? "not yet" : moment(recovered),
      barsDown.toLocaleString("en-US"),
      barsUnder.toLocaleString("en-US"),
    ]),
  );
}

/** Renders what single trades amount to. */
export function tradeFiguresPart({ result: { strategy }, tradeStatistics: trades }: DescribedStrategy): string {
  if (trades.closed === 0) return "";
  return pairs(`${strategy}: ${count(trades.closed, "closed trade")}, net of costs, in account currency`, [
    ["Won, of those that won or lost", cell(trades.winRate, percent)],
    ["Expectancy", cell(trades.expectancy, amount)],
    ["Average win", cell(trades.averageWin, amount)],
    ["Average loss", cell(trades.averageLoss, amount)],
    ["Payoff", cell(trades.payoff, number)],
    ["Longest streaks", `${trades.longestWins} won, ${trades.longestLosses} lost`],
    ["Held on average", cell(trades.meanHolding, duration)],
    ["Held, median", cell(trades.medianHolding, duration)],
    ["Held longest", cell(trades.longestHolding, duration)],
    ["Worst on the way, mean (MAE)", cell(trades.meanAdverse, (value) => percent(value, 2))],
    ["Worst on the way, of all", cell(trades.worstAdverse, (value) => percent(value, 2))],
    ["Best on the way, mean (MFE)", cell(trades.meanFavourable, (value) => percent(value, 2))],
    ["Best on the way, of all", cell(trades.bestFavourable, (value) => percent(value, 2))],
  ]);
}

/**
 * Renders returns by calendar year, beside a benchmark's on the same bars where there is one.
 *
 * @param course Open times and net returns of the bars, `[bars]`.
 * @param benchmark The benchmark's returns, `[bars]`; null without one.
 */
export function yearsPart(
  course: { readonly time: Float64Array; readonly netReturns: Float64Array },
  benchmark: Float64Array | null,
): string {
  const own = monthlyReturns(course.time, course.netReturns);
  const other = benchmark && monthlyReturns(course.time, benchmark);
  return dataTable(
    other ? "Returns by year, beside holding the market without cost" : "Returns by year",
    ["Year", "Net return", ...(other ? ["The market", "Difference"] : [])],
    own.map(({ year, total }, i) => [
      `${year}`,
      percent(total),
      ...(other ? [percent(other[i].total), percent(total - other[i].total)] : []),
    ]),
  );
}
