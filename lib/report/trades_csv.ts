/**
 * Trades as CSV. It writes what backtests recorded and adds up nothing: over the trades of one result, the sum of `pnl` less
 * that of `cost` is its change of equity.
 * @module
 */
import type { Trade } from "../trading/trade.ts";
import { csvText, type CsvValue } from "./csv_field.ts";

/** What {@linkcode tradesCsv} writes of a result. */
export interface TradeBook {
  /** What was run, such as `meta-learned`. */
  readonly strategy: string;
  /** Its trades, oldest first. */
  readonly trades: readonly Trade[];
}

const COLUMNS: readonly [name: string, cell: (trade: Trade) => CsvValue][] = [
  ["market", ({ market }) => market],
  ["side", ({ side }) => side],
  ["quantity", ({ quantity }) => quantity],
  ["entry_time", ({ entryTime }) => new Date(entryTime).toISOString()],
  ["entry_price", ({ entryPrice }) => entryPrice],
  ["exit_time", ({ exitTime }) => exitTime === null ? null : new Date(exitTime).toISOString()],
  ["exit_price", ({ exitPrice }) => exitPrice],
  ["exit_reason", ({ exitReason }) => exitReason],
  ["pnl", ({ pnl }) => pnl],
  ["cost", ({ cost }) => cost],
  ["stop", ({ stop }) => stop],
  ["take_profit", ({ takeProfit }) => takeProfit],
  ["worst_price", ({ worst }) => worst],
  ["best_price", ({ best }) => best],
];

/**
 * Writes trades as CSV (RFC 4180, lines ended by CRLF): strategy, market, side, most units held, entry and exit as ISO
 * times and prices (the entry's an average), what ended the trade, profit before costs and costs in account currency, the first
 * stop, the take-profit, and the worst and best price on the way. Fields of what did
 * not happen, such as the exit of an open trade, are empty. Numbers have the fewest digits that give the same float64 again.
 *
 * @param results One result of a backtest, or several.
 * @returns The text, a header line first.
 *
 * @example
 * ```ts
 * import { backtest, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { tradesCsv } from "@adaptrade/adaptrade/report";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const result = await backtest(engine, state, dax, { from: Date.UTC(1998, 0) });
 * const lines = tradesCsv(result).trimEnd().split("\r\n");
 * assertEquals(lines.length, 1 + result.trades.length);
 * ```
 */
export function tradesCsv(results: TradeBook | readonly TradeBook[]): string {
  const books = "trades" in results ? [results] : results;
  const lines = books.flatMap(({ strategy, trades }) =>
    trades.map((trade) => [strategy, ...COLUMNS.map(([, cell]) => cell(trade))])
  );
  return csvText([["strategy", ...COLUMNS.map(([name]) => name)], ...lines]);
}
