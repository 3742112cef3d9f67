/**
 * A backtest's report as one self-contained HTML page. The charting library is loaded on the first call, not with the package.
 * @module
 */
import type { Comparison } from "./compare.ts";

/** What {@linkcode renderReport} prints beside the comparisons. */
export interface ReportOptions {
  /** Title of the page (default `Few-shot adaptation backtest`). */
  readonly title?: string;
  /** Settings worth printing, such as seed, steps and costs, by name. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/**
 * Renders comparisons, one section a market.
 *
 * @param comparisons From `compareBaselines`, at least one.
 * @param options Title and settings to print.
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
  if (comparisons.length === 0) {
    throw new TypeError("Cannot render a report: expected at least 1 comparison, received 0");
  }
  const { reportPage } = await import("./report_page.ts");
  return reportPage(comparisons, options);
}
