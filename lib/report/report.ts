/**
 * A backtest's tear sheet as one self-contained HTML page. The charting library is loaded on the first call, not with the package.
 * @module
 */
import type { Comparison } from "../backtest/comparison.ts";
import { REPORT_KEYS, type ReportOptions } from "./report_options.ts";
import { requireKnownKeys } from "../options.ts";

/**
 * Renders comparisons as a tear sheet, one section a market: verdict, strategies, equity against the benchmarks, drawdown,
 * rolling Sharpe ratio, tests and intervals, monthly returns, distribution, exposure, regimes, adaptation, costs and trades;
 * a table of markets where there are several, and the learned rates. It needs neither script nor network.
 *
 * @param comparisons From `compareBaselines`, at least one.
 * @param options Title, settings to print, and the learned state.
 * @returns A whole HTML document.
 * @throws {TypeError} There is no comparison.
 *
 * @example
 * ```ts
 * import { compareBaselines, maml, metaInit, mlp, openEngine, renderReport, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const metaLearned = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const comparison = await compareBaselines(engine, { metaLearned }, dax, { from: Date.UTC(1998, 0), shuffles: 50 });
 * assert((await renderReport([comparison])).startsWith("<!doctype html>"));
 * ```
 */
export async function renderReport(comparisons: readonly Comparison[], options: ReportOptions = {}): Promise<string> {
  requireKnownKeys("Cannot render a report", "options", options, REPORT_KEYS);
  if (comparisons.length === 0) {
    throw new TypeError("Cannot render a report: expected at least 1 comparison, received 0");
  }
  const { reportPage } = await import("./tear_sheet/page.ts");
  return reportPage(comparisons, options);
}
