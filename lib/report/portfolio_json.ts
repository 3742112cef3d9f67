/**
 * A portfolio report's content as plain data. It holds what the tear sheet shows and the series behind it, and draws nothing.
 * @module
 */
import { hoistSeries } from "./hoist_series.ts";
import type { PortfolioResult } from "../backtest/portfolio.ts";
import { type PortfolioReportOptions, requirePortfolioReport } from "./portfolio_report_options.ts";
import { portfolioStatistics } from "../backtest/portfolio_statistics.ts";
import { distinctFindings } from "./data_sentences.ts";
import { judgePortfolios } from "./portfolio_verdict.ts";
import { derivedSeries, type JsonValue, plainJson } from "./result_json.ts";

/**
 * The content of `renderPortfolioReport` as plain data: the verdict, and of every strategy its result, statistics and
 * intervals, drawdown, rolling Sharpe ratio, monthly returns and distribution. Names are those of `PortfolioResult`. `time`
 * (ms UTC, `[bars]`) stands once beside the strategies where all of them have the same, else in each result; `positions` is
 * one row of markets after another, `[bars, markets]`. Returns are fractions, undefined figures null.
 *
 * @param results From `executePortfolio` or `backtestPortfolio`, at least one, all of one bar length.
 * @param options As for `renderPortfolioReport`.
 * @returns `{ title, settings, verdict, candidates, findings, time, strategies: [{ result, … }] }`.
 * @throws {TypeError} There is no result, or the statistics are not as many.
 * @throws {RangeError} Bar lengths differ, or an option is out of range.
 *
 * @example
 * ```ts
 * import { backtestPortfolio, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { portfolioJson } from "@adaptrade/adaptrade/report";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const from = dax.time[dax.time.length - 60];
 * const result = await backtestPortfolio(engine, state, [dax], { from, supportRows: 20 });
 * assertEquals(Object.keys(portfolioJson([result])).length > 0, true);
 * ```
 */
export function portfolioJson(
  results: readonly PortfolioResult[],
  options: PortfolioReportOptions = {},
): { readonly [key: string]: JsonValue } {
  requirePortfolioReport(results, options);
  const { title = "Portfolio backtest", settings = {}, candidates = 1 } = options;
  const statistics = options.statistics ?? portfolioStatistics(results, options);
  const { shared, results: own } = hoistSeries(results.map(({ findings: _, ...result }) => result), ["time"]);
  return plainJson({
    title,
    settings,
    verdict: judgePortfolios(results, statistics, candidates),
    candidates,
    findings: distinctFindings(results),
    ...shared,
    strategies: results.map((result, i) => ({ ...statistics[i], result: own[i], ...derivedSeries(result) })),
  }) as { readonly [key: string]: JsonValue };
}
