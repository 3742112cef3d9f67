/**
 * The page of `report.ts`: inline CSS and SVG, no script, no network. Loaded when a report is rendered, for its charting library.
 * It shows every strategy it was given and opens with the verdict, also when that is a bad one.
 * @module
 */
import type { Comparison } from "../../backtest/comparison.ts";
import type { ReportOptions } from "../report_options.ts";
import { distinctFindings } from "../data_sentences.ts";
import { judge } from "../verdict.ts";
import { costsPart } from "./costs.ts";
import { equityPart } from "./equity.ts";
import { findingsPart } from "./findings.ts";
import { forecastSection } from "./forecast.ts";
import { adaptationPart, ratesPart } from "./learning.ts";
import { marketsPart } from "./markets.ts";
import { regimesPart } from "./regimes.ts";
import { returnsPart } from "./returns.ts";
import { drawdownsPart, riskPart, tradeFiguresPart, yearsPart } from "./risk.ts";
import { documentOf, part, verdictPart } from "./shell.ts";
import { intervalsPart, testsPart } from "./statistics.ts";
import { notesList, strategiesTable } from "./strategies.ts";
import { count, escapeHtml, moment, number } from "./text.ts";
import { withColors } from "./track.ts";
import { tradesPart } from "./trades.ts";

/** Trades listed at each end, and points a line, of all markets together: what keeps a page of many markets readable. */
const MOST_TRADES = 200;
const MOST_POINTS = 720;
const FEWEST_POINTS = 180;

function marketSection(comparison: Comparison, place: { readonly id: string; readonly markets: number }): string {
  const { id, markets } = place;
  const { market } = comparison;
  const tracks = withColors(comparison.strategies.map(({ result }) => result));
  const strategies = comparison.strategies.map((strategy, i) => ({ ...strategy, result: tracks[i] }));
  const [result] = tracks;
  const mostPoints = Math.max(FEWEST_POINTS, Math.floor(MOST_POINTS / Math.sqrt(markets)));
  const name = escapeHtml(result.strategy);
  return `<section id="${id}"><h2>${escapeHtml(market)}</h2>` +
    `<p class="meta">${escapeHtml(result.interval)} bars, ${moment(result.decisionTime[0])} to ` +
    `${moment(result.time[result.time.length - 1])}, ${count(result.time.length, "bar")}, forecasts over ` +
    `${result.horizon}, filled at ${result.fill.replace("-", " ")}, ${
      number(result.periodsPerYear, 0)
    } bars a year</p>` +
    verdictPart(judge(comparison)) + strategiesTable(strategies) + notesList(strategies) +
    findingsPart(distinctFindings(tracks)) +
    part("Equity and risk", equityPart(tracks, { id, mostPoints }) + drawdownsPart(strategies[0].drawdowns)) +
    part(`Statistics of ${name}`, testsPart(comparison) + intervalsPart(strategies[0]) + riskPart(strategies[0])) +
    part(`Returns of ${name}`, returnsPart(result) + yearsPart(result, comparison.benchmark)) +
    part("Regimes", regimesPart(comparison)) +
    part("Adaptation", adaptationPart(strategies)) +
    part("Costs", costsPart(tracks)) +
    part(
      `Trades of ${name}`,
      tradeFiguresPart(strategies[0]) + tradesPart(result, Math.max(10, Math.floor(MOST_TRADES / markets))),
    ) +
    "</section>";
}

/** The page of `renderReport`, at least one comparison. */
export function reportPage(comparisons: readonly Comparison[], options: ReportOptions): string {
  const { title = "Few-shot adaptation backtest", state, forecast } = options;
  const idOf = (index: number): string => `market-${index + 1}`;
  const markets = comparisons.length;
  return documentOf(
    title,
    options,
    (forecast ? forecastSection(forecast) : "") +
      (markets > 1 ? marketsPart(comparisons, idOf) : "") +
      comparisons.map((comparison, i) => marketSection(comparison, { id: idOf(i), markets })).join("") +
      (state ? `<section><h2>Learning</h2>${part("Learned rates", ratesPart(state))}</section>` : ""),
  );
}
