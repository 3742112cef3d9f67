/**
 * What a portfolio report prints beside its results, and whether they fit each other; the page and the JSON take the same.
 * @module
 */
import type { PortfolioResult } from "../backtest/portfolio.ts";
import {
  type PortfolioStatistics,
  type PortfolioStatisticsOptions,
  requireResults,
  STATISTICS_KEYS,
} from "../backtest/portfolio_statistics.ts";
import { requireKnownKeys } from "../options.ts";

/** What `renderPortfolioReport` and `portfolioJson` take. */
export interface PortfolioReportOptions extends PortfolioStatisticsOptions {
  /** Title (default `Portfolio backtest`). */
  readonly title?: string;
  /** Settings worth printing, such as seed, costs and what was learned on validation data, by name. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** When it was made, ms UTC, printed with the version (default now). */
  readonly madeAt?: number;
  /** How many of the results, the first ones, are variants of one model; the others are its baselines (default 1). */
  readonly candidates?: number;
  /** What `portfolioStatistics` gave for the same results (default: computed here from the other options). */
  readonly statistics?: readonly PortfolioStatistics[];
}

/** Throws unless results and options fit each other. */
export function requirePortfolioReport(results: readonly PortfolioResult[], options: PortfolioReportOptions): void {
  requireKnownKeys("Cannot report portfolios", "options", options, STATISTICS_KEYS);
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
