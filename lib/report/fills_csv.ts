/**
 * Fills as CSV. It writes what backtests recorded and adds up nothing: over the fills of one result the sum of
 * −quantity · price − fee, less what was paid to hold, is what its cash changed by.
 * @module
 */
import type { Fill } from "../trading/fill.ts";
import { csvText, type CsvValue } from "./csv_field.ts";

/** What {@linkcode fillsCsv} writes of a result. */
export interface FillBook {
  /** What was run, such as `meta-learned`. */
  readonly strategy: string;
  /** Its fills, in the order they happened. */
  readonly fills: readonly Fill[];
}

const COLUMNS: readonly [name: string, cell: (fill: Fill) => CsvValue][] = [
  ["market", ({ market }) => market],
  ["time", ({ time }) => new Date(time).toISOString()],
  ["price", ({ price }) => price],
  ["quantity", ({ quantity }) => quantity],
  ["from", ({ from }) => from],
  ["to", ({ to }) => to],
  ["fee", ({ fee }) => fee],
  ["reason", ({ reason }) => reason],
];

/**
 * Writes fills as CSV (RFC 4180, lines ended by CRLF): strategy, market, ISO open time of the bar, price, units bought (sold
 * below 0), position before and after as fractions of equity, everything paid for the fill in account currency, and why.
 * Numbers have the fewest digits that give the same float64 again.
 *
 * @param results One result of a backtest, or several.
 * @returns The text, a header line first.
 *
 * @example
 * ```ts
 * import { backtest, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { fillsCsv } from "@adaptrade/adaptrade/report";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const result = await backtest(engine, state, dax, { from: Date.UTC(1998, 0) });
 * const lines = fillsCsv(result).trimEnd().split("\r\n");
 * assertEquals(lines.length, 1 + result.fills.length);
 * ```
 */
export function fillsCsv(results: FillBook | readonly FillBook[]): string {
  const books = "fills" in results ? [results] : results;
  const lines = books.flatMap(({ strategy, fills }) =>
    fills.map((fill) => [strategy, ...COLUMNS.map(([, cell]) => cell(fill))])
  );
  return csvText([["strategy", ...COLUMNS.map(([name]) => name)], ...lines]);
}
