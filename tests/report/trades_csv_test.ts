import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { parse } from "@std/csv";
import { tradesCsv } from "../../lib/report/trades_csv.ts";
import { smallComparison } from "../backtest/small_comparison.ts";

const comparison = await smallComparison(400, 'A "quoted", market\nname');
const results = comparison.strategies.map(({ result }) => result);

Deno.test("tradesCsv() parses back to every trade, whatever the market is called", () => {
  const [header, ...rows] = parse(tradesCsv(results));
  assertEquals(rows.length, results.reduce((sum, { trades }) => sum + trades.length, 0));
  const expected = results.flatMap(({ strategy, trades }) => trades.map((trade) => ({ strategy, ...trade })));
  rows.forEach((row, i) => {
    const cells = Object.fromEntries(header.map((name, column) => [name, row[column]]));
    const { strategy, market, side, entryTime, entryPrice, exitTime, exitPrice, exitReason } = expected[i];
    assertEquals(cells.strategy, strategy);
    assertEquals(cells.market, market);
    assertEquals(cells.side, side);
    assertEquals(Date.parse(cells.entry_time), entryTime);
    assertEquals(Number(cells.entry_price), entryPrice);
    assertEquals(cells.exit_time, exitTime === null ? "" : new Date(exitTime).toISOString());
    assertEquals(cells.exit_price, exitPrice === null ? "" : String(exitPrice));
    assertEquals(cells.exit_reason, exitReason ?? "");
    assertEquals([cells.pnl, cells.cost].map(Number), [expected[i].pnl, expected[i].cost]);
    const { quantity, worst, best } = expected[i];
    assertEquals([cells.quantity, cells.worst_price, cells.best_price].map(Number), [quantity, worst, best]);
    assertEquals(cells.stop === "" ? null : Number(cells.stop), expected[i].stop);
    assertEquals(cells.take_profit === "" ? null : Number(cells.take_profit), expected[i].takeProfit);
  });
  assert(expected.some(({ exitReason }) => exitReason === "stop"));
});

Deno.test("tradesCsv() adds up: profits less costs are the change of equity", () => {
  for (const result of results) {
    const [header, ...rows] = parse(tradesCsv(result));
    const [pnl, cost] = ["pnl", "cost"].map((name) => header.indexOf(name));
    const sum = rows.reduce((total, row) => total + Number(row[pnl]) - Number(row[cost]), 0);
    assertAlmostEquals(sum, result.equity[result.equity.length - 1] - result.initialCapital, 1e-6);
  }
});

Deno.test("tradesCsv() ends every line by CRLF and has a header alone without trades", () => {
  const text = tradesCsv({ strategy: "idle", trades: [] });
  assertEquals(
    text,
    "strategy,market,side,quantity,entry_time,entry_price,exit_time,exit_price,exit_reason,pnl,cost,stop,take_profit," +
      "worst_price,best_price\r\n",
  );
  assertEquals(tradesCsv([]), text);
});
