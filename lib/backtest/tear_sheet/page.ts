/**
 * The page of `report.ts`: inline CSS and SVG, no script, no network. Loaded when a report is rendered, for its charting library.
 * It shows every strategy it was given and opens with the verdict, also when that is a bad one.
 * @module
 */
import type { ComparedStrategy, Comparison } from "../compare.ts";
import type { ReportOptions } from "../report.ts";
import { judge } from "../verdict.ts";
import { costsPart } from "./costs.ts";
import { TEAR_SHEET_CSS } from "./css.ts";
import { equityPart } from "./equity.ts";
import { adaptationPart, ratesPart } from "./learning.ts";
import { marketsPart } from "./markets.ts";
import { regimesPart } from "./regimes.ts";
import { returnsPart } from "./returns.ts";
import { intervalsPart, METRICS, testsPart } from "./statistics.ts";
import { count, DASH, dataTable, escapeHtml, moment, number, percent, probability, swatch } from "./text.ts";
import { colorOf } from "./track.ts";
import { tradesPart } from "./trades.ts";

/** Trades listed at each end, and points a line, of all markets together: what keeps a page of many markets readable. */
const MOST_TRADES = 200;
const MOST_POINTS = 720;
const FEWEST_POINTS = 180;

const COLUMNS: readonly [title: string, cell: (strategy: ComparedStrategy) => string][] = [
  ["Net Sharpe", ({ result }) => number(result.metrics.sharpe)],
  ["95% interval", ({ sharpeInterval: { low, high } }) => low === null ? DASH : `${number(low)} to ${number(high)}`],
  ["Deflated", ({ deflatedSharpe }) => probability(deflatedSharpe.value)],
  ["Return", ({ result }) => percent(result.metrics.totalReturn)],
  ["Drawdown", ({ result }) => percent(result.metrics.maxDrawdown)],
  ["Trades", ({ result }) => result.trades.length.toLocaleString("en-US")],
  ["Costs paid", ({ result }) => percent(result.costs / result.initialCapital)],
  ["A year", ({ result }) => percent(result.metrics.annualizedReturn)],
  ["Volatility", ({ result }) => percent(result.metrics.annualizedVolatility)],
  ["Sortino", ({ result }) => number(result.metrics.sortino)],
  ["Calmar", ({ result }) => number(result.metrics.calmar)],
  ["Profit factor", ({ result }) => number(result.metrics.profitFactor)],
  ["Exposure", ({ result }) => percent(result.metrics.exposure, 0)],
  ["Turnover a year", ({ result }) => number(result.metrics.turnover, 0)],
];

function strategiesTable(strategies: readonly ComparedStrategy[]): string {
  const rows = strategies.map((strategy) => [
    { html: `${swatch(colorOf(strategy.result.strategy))}${escapeHtml(strategy.result.strategy)}` },
    ...COLUMNS.map(([, cell]) => cell(strategy)),
  ]);
  return dataTable("Strategies, net of costs", ["Strategy", ...COLUMNS.map(([title]) => title)], rows);
}

function notesList(strategies: readonly ComparedStrategy[]): string {
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

function part(title: string, html: string): string {
  return `<section class="part"><h3>${title}</h3>${html}</section>`;
}

function marketSection(comparison: Comparison, place: { readonly id: string; readonly markets: number }): string {
  const { id, markets } = place;
  const { market, strategies } = comparison;
  const tracks = strategies.map(({ result }) => result);
  const [result] = tracks;
  const { sentences: [first, ...others], wins, significant } = judge(comparison);
  const mostPoints = Math.max(FEWEST_POINTS, Math.floor(MOST_POINTS / Math.sqrt(markets)));
  const name = escapeHtml(result.strategy);
  return `<section id="${id}"><h2>${escapeHtml(market)}</h2>` +
    `<p class="meta">${escapeHtml(result.interval)} bars, ${moment(result.decisionTime[0])} to ` +
    `${moment(result.time[result.time.length - 1])}, ${count(result.time.length, "bar")}, forecasts over ` +
    `${result.horizon}, filled at ${result.fill.replace("-", " ")}, ${
      number(result.periodsPerYear, 0)
    } bars a year</p>` +
    `<p class="verdict${wins && significant ? " good" : wins ? "" : " bad"}"><strong>${escapeHtml(first)}</strong> ` +
    `${escapeHtml(others.join(" "))}</p>` +
    strategiesTable(strategies) + notesList(strategies) +
    part("Equity and risk", equityPart(tracks, { id, mostPoints })) +
    part(`Statistics of ${name}`, testsPart(comparison) + intervalsPart(strategies[0])) +
    part(`Returns of ${name}`, returnsPart(result)) +
    part("Regimes", regimesPart(comparison)) +
    part("Adaptation", adaptationPart(strategies)) +
    part("Costs", costsPart(tracks)) +
    part(`Trades of ${name}`, tradesPart(result, Math.max(10, Math.floor(MOST_TRADES / markets)))) +
    "</section>";
}

/** The page of `renderReport`, at least one comparison. */
export function reportPage(comparisons: readonly Comparison[], options: ReportOptions): string {
  const { title = "Few-shot adaptation backtest", settings = {}, state } = options;
  const list = Object.entries(settings)
    .map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd></div>`).join("");
  const idOf = (index: number): string => `market-${index + 1}`;
  const markets = comparisons.length;
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">` +
    `<style>${TEAR_SHEET_CSS}</style></head><body><main><h1>${escapeHtml(title)}</h1>` +
    (list ? `<dl class="settings">${list}</dl>` : "") + (markets > 1 ? marketsPart(comparisons, idOf) : "") +
    comparisons.map((comparison, i) => marketSection(comparison, { id: idOf(i), markets })).join("") +
    (state ? `<section><h2>Learning</h2>${part("Learned rates", ratesPart(state))}</section>` : "") +
    "<footer>All figures are computed from returns after costs. Past results say little about future ones.</footer>" +
    "</main></body></html>\n";
}
