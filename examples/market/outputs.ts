/**
 * Writes what backtests found: the tear sheet, and beside it the same content as JSON and every trade and fill as CSV.
 * @module
 */
import { basename, dirname, extname, join } from "node:path";
import { type Comparison, renderReport } from "@adaptrade/adaptrade";
import {
  type FillBook,
  fillsCsv,
  type JsonValue,
  reportJson,
  type ReportOptions,
  type TradeBook,
  tradesCsv,
} from "@adaptrade/adaptrade/report";

/** Where {@linkcode writeOutputs} writes. */
export interface OutputPaths {
  /** The page, such as `out/report.html`; the JSON has the same name. */
  readonly page: string;
  /** Name of the trades' file beside it, such as `trades.csv`; `fills.csv` is named alike. */
  readonly trades: string;
}

/** What {@linkcode writeFiles} writes. */
export interface OutputContent {
  /** The page. */
  readonly html: string;
  /** The same as data. */
  readonly json: { readonly [key: string]: JsonValue };
  /** Whose trades and fills. */
  readonly books: readonly (TradeBook & FillBook)[];
}

/** Writes page, JSON, trades and fills; their folder is made. Returns the paths written, the page's first. */
export async function writeFiles(paths: OutputPaths, content: OutputContent): Promise<readonly string[]> {
  const folder = dirname(paths.page);
  const json = join(folder, `${basename(paths.page, extname(paths.page))}.json`);
  const trades = join(folder, paths.trades);
  const fills = join(folder, paths.trades.replace("trades", "fills"));
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(paths.page, content.html);
  await Deno.writeTextFile(json, JSON.stringify(content.json));
  await Deno.writeTextFile(trades, tradesCsv(content.books));
  await Deno.writeTextFile(fills, fillsCsv(content.books));
  return [paths.page, json, trades, fills];
}

/**
 * Writes the page, the JSON, the trades and the fills of comparisons.
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
