/**
 * The tear sheet of portfolios as one self-contained HTML page. The charting library is loaded on the first call, not with the
 * package; results of different bar lengths are refused.
 * @module
 */
import type { PortfolioResult } from "../backtest/portfolio.ts";
import { type PortfolioReportOptions, requirePortfolioReport } from "./portfolio_report_options.ts";

/**
 * Renders portfolios as a tear sheet about the first of them: verdict, strategies with 95% intervals and deflated Sharpe
 * ratios, equity, drawdown and rolling Sharpe ratio beside the baselines, statistics, what each market brought, positions over
 * time, monthly returns, distribution, exposure, costs and trades. It needs neither script nor network.
 *
 * @param results From `executePortfolio` or `backtestPortfolio`, at least one, all of one bar length; the one that the page
 *   is about first, its baselines last.
 * @param options Title, settings to print, variants and trials.
 * @returns A whole HTML document.
 * @throws {TypeError} There is no result, or the statistics are not as many.
 * @throws {RangeError} Bar lengths differ, or an option is out of range.
 *
 * @example
 * ```ts
 * import { backtestPortfolio, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { renderPortfolioReport } from "@adaptrade/adaptrade/report";
 * import { assert } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const markets = await sampleMarkets({ symbols: ["DAX", "FTSE"] });
 * const result = await backtestPortfolio(engine, state, markets, { from: Date.UTC(1998, 0) });
 * const html = await renderPortfolioReport([result], { resamples: 100 });
 * assert(html.startsWith("<!doctype html>") && html.includes("FTSE"));
 * ```
 */
export async function renderPortfolioReport(
  results: readonly PortfolioResult[],
  options: PortfolioReportOptions = {},
): Promise<string> {
  requirePortfolioReport(results, options);
  const { portfolioPage } = await import("./tear_sheet/portfolio_page.ts");
  return portfolioPage(results, options);
}
