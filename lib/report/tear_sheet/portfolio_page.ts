/**
 * The page of `portfolio_report.ts`: inline CSS and SVG, no script, no network. Loaded when a report is rendered, for its
 * charting library. It shows every portfolio it was given and opens with the verdict, also when that is a bad one.
 * @module
 */
import { intervalMs } from "../../data/interval.ts";
import type { PortfolioResult } from "../../backtest/portfolio.ts";
import type { PortfolioReportOptions } from "../portfolio_report_options.ts";
import { portfolioStatistics, returnsAlike } from "../../backtest/portfolio_statistics.ts";
import { distinctFindings } from "../data_sentences.ts";
import { judgePortfolios } from "../portfolio_verdict.ts";
import { costsPart } from "./costs.ts";
import { equityPart } from "./equity.ts";
import { findingsPart } from "./findings.ts";
import { returnsPart } from "./returns.ts";
import { sharesPart } from "./shares.ts";
import { drawdownsPart, riskPart, tradeFiguresPart, yearsPart } from "./risk.ts";
import { documentOf, part, verdictPart } from "./shell.ts";
import { intervalsPart, luckPart } from "./statistics.ts";
import { notesList, strategiesTable } from "./strategies.ts";
import { count, escapeHtml, moment, number } from "./text.ts";
import { type Track, withColors } from "./track.ts";
import { tradesPart } from "./trades.ts";
import { renderWeights } from "./weights_strip.ts";

const MOST_POINTS = 720;
const MOST_TRADES = 200;

/** A portfolio as the parts read it. Its first decision was taken at the close of its first bar, before which nothing was held. */
function trackOf(result: PortfolioResult): PortfolioResult & Track {
  const decisionTime = new Float64Array(result.time.length + 1);
  decisionTime[0] = result.time[0] - intervalMs(result.interval);
  decisionTime.set(result.time, 1);
  return { ...result, decisionTime };
}

/** The page of `renderPortfolioReport`, at least one result. */
export function portfolioPage(results: readonly PortfolioResult[], options: PortfolioReportOptions): string {
  const { title = "Portfolio backtest", candidates = 1 } = options;
  const statistics = options.statistics ?? portfolioStatistics(results, options);
  const tracks = withColors(results.map(trackOf));
  const strategies = tracks.map((result, i) => ({ ...statistics[i], result }));
  const [result] = tracks;
  const { time, markets, interval, periodsPerYear } = result;
  const name = escapeHtml(result.strategy);
  return documentOf(
    title,
    options,
    `<section><h2>${count(markets.length, "market")} on one capital</h2><p class="meta">${
      escapeHtml(markets.join(", "))
    }. ` +
      `${escapeHtml(interval)} bars, ${moment(time[0])} to ${moment(time[time.length - 1])}, ` +
      `${count(time.length, "bar")}, ${number(periodsPerYear, 0)} a year</p>` +
      verdictPart(judgePortfolios(results, statistics, candidates)) +
      strategiesTable(strategies) + notesList(strategies) +
      findingsPart(distinctFindings(results)) +
      part(
        "Equity and risk",
        equityPart(tracks, { id: "portfolio", mostPoints: MOST_POINTS }) + drawdownsPart(strategies[0].drawdowns),
      ) +
      part(`Markets of ${name}`, sharesPart(result) + renderWeights(markets, time, result.positions)) +
      part(`Statistics of ${name}`, luckPart(strategies[0]) + intervalsPart(strategies[0]) + riskPart(strategies[0])) +
      part(`Returns of ${name}`, returnsPart(result) + yearsPart(result, returnsAlike(result, options.benchmark))) +
      part("Costs", costsPart(tracks)) +
      part(`Trades of ${name}`, tradeFiguresPart(strategies[0]) + tradesPart(result, MOST_TRADES)) +
      "</section>",
  );
}
