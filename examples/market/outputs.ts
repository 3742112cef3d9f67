/**
 * Writes what backtests found: the tear sheet, and beside it the same content as JSON and every trade as CSV.
 * @module
 */
import { basename, dirname, extname, join } from "node:path";
import {
  type Comparison,
  type JsonValue,
  renderReport,
  reportJson,
  type ReportOptions,
  type TradeBook,
  tradesCsv,
} from "@adaptrade/adaptrade";

/** Where {@linkcode writeOutputs} writes. */
export interface OutputPaths {
  /** The page, such as `out/report.html`; the JSON has the same name. */
  readonly page: string;
  /** Name of the trades' file beside it, such as `trades.csv`. */
  readonly trades: string;
}

/** What {@linkcode writeFiles} writes. */
export interface OutputContent {
  /** The page. */
  readonly html: string;
  /** The same as data. */
  readonly json: { readonly [key: string]: JsonValue };
  /** Whose trades. */
  readonly books: readonly TradeBook[];
}

/** Writes page, JSON and trades; their folder is made. Returns the paths written, the page's first. */
export async function writeFiles(paths: OutputPaths, content: OutputContent): Promise<readonly string[]> {
  const folder = dirname(paths.page);
  const json = join(folder, `${basename(paths.page, extname(paths.page))}.json`);
  const trades = join(folder, paths.trades);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(paths.page, content.html);
  await Deno.writeTextFile(json, JSON.stringify(content.json));
  await Deno.writeTextFile(trades, tradesCsv(content.books));
  return [paths.page, json, trades];
}

/**
 * Writes the page, the JSON and the trades of comparisons.
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
  return await writeFiles(paths, {
    html: await renderReport(comparisons, options),
    json: reportJson(comparisons, options),
    books: comparisons.flatMap(({ strategies }) => strategies.map(({ result }) => result)),
  });
}
