/**
 * The tear sheet of portfolios as one self-contained HTML page. The charting library is loaded on the first call, not with the
 * package; results of different bar lengths are refused.
 * @module
 */
import type { PortfolioResult } from "../backtest/portfolio.ts";
import {
  type PortfolioStatistics,
  type PortfolioStatisticsOptions,
  requireResults,
} from "../backtest/portfolio_statistics.ts";

/** What {@linkcode renderPortfolioReport} and `portfolioJson` take. */
export interface PortfolioReportOptions extends PortfolioStatisticsOptions {
  /** Title (default `Portfolio backtest`). */
  readonly title?: string;
  /** Settings worth printing, such as seed, costs and what was learned on validation data, by name. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** How many of the results, the first ones, are variants of one model; the others are its baselines (default 1). */
  readonly candidates?: number;
  /** What `portfolioStatistics` gave for the same results (default: computed here from the other options). */
  readonly statistics?: readonly PortfolioStatistics[];
}

/** Throws unless results and options fit each other. */
export function requirePortfolioReport(results: readonly PortfolioResult[], options: PortfolioReportOptions): void {
  requireResults(results, "report portfolios");
  const { candidates = 1, statistics } = options;
  if (!Number.isInteger(candidates) || candidates < 1 || candidates > results.length) {
    throw new RangeError(
      `Cannot report portfolios: candidates must be an integer within [1, ${results.length}], got ${
        String(candidates)
      }`,
    );
  }
  if (statistics && statistics.length !== results.length) {
    throw new TypeError(
      `Cannot report portfolios: expected ${results.length} statistics, received ${statistics.length}`,
    );
  }
}

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
 * import { backtestPortfolio, maml, metaInit, mlp, openEngine, renderPortfolioReport, sampleMarkets } from "@adaptrade/adaptrade";
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
