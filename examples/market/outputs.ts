/**
 * Writes what comparisons found: the tear sheet, and beside it the same content as JSON and every trade as CSV.
 * @module
 */
import { basename, dirname, extname, join } from "node:path";
import { type Comparison, renderReport, reportJson, type ReportOptions, tradesCsv } from "@adaptrade/adaptrade";

/** Where {@linkcode writeOutputs} writes. */
export interface OutputPaths {
  /** The page, such as `out/report.html`; the JSON has the same name. */
  readonly page: string;
  /** Name of the trades' file beside it, such as `trades.csv`. */
  readonly trades: string;
}

/**
 * Writes the page, the JSON and the trades; their folder is made.
 *
 * @param paths Where to.
 * @param comparisons What was found, at least one.
 * @param options As for `renderReport`.
 * @returns The paths written, the page's first.
 */
export async function writeOutputs(
  paths: OutputPaths,
  comparisons: readonly Comparison[],
  options: ReportOptions,
): Promise<readonly string[]> {
  const folder = dirname(paths.page);
  const json = join(folder, `${basename(paths.page, extname(paths.page))}.json`);
  const trades = join(folder, paths.trades);
  const results = comparisons.flatMap(({ strategies }) => strategies.map(({ result }) => result));
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(paths.page, await renderReport(comparisons, options));
  await Deno.writeTextFile(json, JSON.stringify(reportJson(comparisons, options)));
  await Deno.writeTextFile(trades, tradesCsv(results));
  return [paths.page, json, trades];
}
