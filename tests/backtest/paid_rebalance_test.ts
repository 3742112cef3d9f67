// What is bought and sold to keep a position is traded, paid for and counted; what happens within a bar is, too.
import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { type BacktestOptions, backtestPositions } from "../../lib/backtest/backtest.ts";
import { executePortfolio } from "../../lib/backtest/portfolio.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { DAY_MS } from "../../lib/data/calendar.ts";
import { fillsCsv } from "../../lib/report/fills_csv.ts";
import { randomWalk } from "../features/markets.ts";
import { parse } from "@std/csv";

/** Daily bars [open, high, low, close]. */
function daily(rows: readonly (readonly number[])[]): Candles {
  const column = (index: number): Float64Array => Float64Array.from(rows, (row) => row[index]);
  return {
    symbol: "DAILY",
    interval: "1d",
    time: Float64Array.from(rows, (_, i) => Date.UTC(2023, 4, 1) + i * DAY_MS),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: new Float64Array(rows.length).fill(1),
  };
}

function positions(candles: Candles, wanted: Float64Array, options: BacktestOptions) {
  const time = candles.time.slice(0, wanted.length);
  const labels = new Float64Array(wanted.length).fill(NaN);
  const walk = { start: 0, time, pairs: [], scalers: [], labels, supportKnownAt: time, horizon: 1 };
  return backtestPositions("wanted", candles, { walk, wanted, options });
}

const SWINGS = daily(Array.from({ length: 14 }, (_, i) => Array(4).fill(i % 3 === 1 ? 60 : 80)));
const THIRD = new Float64Array(14).fill(1 / 3);

Deno.test("a third of the equity, restored at each open, is what an account of its own reckoning has", () => {
  const { equity, costs, metrics, fills } = positions(SWINGS, THIRD, {
    costs: { takerFee: 0.02 },
    rebalance: "always",
  });
  let [cash, units, paid, traded] = [10_000, 0, 0, 0];
  for (let i = 1; i < 14; i++) {
    const price = SWINGS.open[i];
    const wealth = cash + units * price;
    const bought = wealth / 3 / price - units;
    const fee = 0.02 * Math.abs(bought) * price;
    cash -= bought * price + fee;
    units += bought;
    paid += fee;
    traded += Math.abs(bought) * price / wealth;
  }
  assertAlmostEquals(equity[12], cash + units * SWINGS.close[13], 1e-8);
  assertAlmostEquals(costs, paid, 1e-8);
  assertAlmostEquals(metrics.turnover!, traded * 365 / 13, 1e-9);
  assertEquals(metrics.trades, fills.length);
});

Deno.test("a third of the equity that is never restored is bought once and drifts", () => {
  const { equity, costs, fills, metrics } = positions(SWINGS, THIRD, { costs: { takerFee: 0.02 }, rebalance: "never" });
  const units = 10_000 / 3 / SWINGS.open[1];
  assertEquals(fills.length, 1);
  assertAlmostEquals(costs, 0.02 * 10_000 / 3, 1e-9);
  assertAlmostEquals(equity[12], 10_000 * 2 / 3 + units * SWINGS.close[13] - costs, 1e-8);
  assertAlmostEquals(metrics.turnover!, 365 / 13 / 3, 1e-9);
});

Deno.test("a constant short pays for being kept: always more than in a band, a band more than never", () => {
  const candles = randomWalk(4000, 8);
  const wanted = new Float64Array(4000).fill(-0.7);
  const [always, band, never] = (["always", { kind: "band" }, "never"] as const).map((rebalance) =>
    positions(candles, wanted, { costRate: 0.001, rebalance })
  );
  for (const { costs, fills, metrics, traded } of [always, band, never]) {
    const worth = fills.reduce((sum, { quantity, price }) => sum + Math.abs(quantity) * price, 0);
    assertAlmostEquals(costs, 0.001 * worth, 1e-6);
    assertAlmostEquals(metrics.turnover!, traded.reduce((sum, one) => sum + one, 0) * 8760 / 3999, 1e-9);
  }
  assertGreater(always.costs, 2 * band.costs);
  assertGreater(band.costs, never.costs);
  assertEquals([never.fills.length, band.fills.slice(1).every(({ reason }) => reason === "rebalance")], [1, true]);
});

Deno.test("a stop in the bar of the entry is turnover, exposure and two trades, alone and in a portfolio of one", () => {
  const candles = daily(Array.from({ length: 9 }, () => [50, 51, 46, 50]));
  const options = { costs: { takerFee: 0.001 }, exits: { stop: { fraction: 0.04 }, reentry: "bar" } } as const;
  const wanted = new Float64Array(9).fill(0.6);
  const alone = positions(candles, wanted, options);
  assertEquals([alone.trades.length, alone.metrics.trades, alone.filled[3]], [8, 16, 2]);
  assertEquals(alone.positions.every((position) => position === 0), true, "nothing is held at any close");
  assertAlmostEquals(alone.metrics.exposure!, 0.6, 1e-12);
  const each = alone.fills.slice(0, 2).reduce((sum, { from, to }) => sum + Math.abs(to - from), 0);
  assertAlmostEquals(alone.traded[0], each, 1e-12);
  assertGreater(each, 1.15);
  const market = { candles, start: 0, sizes: wanted, volatility: new Float64Array(9).fill(0.01), horizon: 1 };
  const whole = executePortfolio([market], options);
  assertEquals(whole.fills, alone.fills);
  assertEquals([whole.traded.slice(1), whole.exposure.slice(1), whole.filled.slice(1)], [
    alone.traded,
    alone.exposure,
    alone.filled,
  ]);
  assertEquals(whole.metrics.trades, alone.metrics.trades);
  assertAlmostEquals(whole.shares[0].exposure, 0.6 * 8 / 9, 1e-12, "its share of it too; the first bar only decides");
});

Deno.test("fillsCsv() parses back to every fill, and the fills add up to the equity", () => {
  const candles = { ...randomWalk(300, 4), symbol: 'A "quoted", one' };
  const wanted = Float64Array.from({ length: 300 }, (_, i) => Math.round(2 * Math.sin(i / 9)) / 2);
  const result = positions(candles, wanted, {
    costs: { takerFee: 0.001, spread: 0.0004 },
    exits: { stop: { fraction: 0.03 } },
  });
  const [header, ...rows] = parse(fillsCsv(result));
  assertEquals(header, ["strategy", "market", "time", "price", "quantity", "from", "to", "fee", "reason"]);
  assertEquals(rows.length, result.fills.length);
  rows.forEach(([strategy, market, time, price, quantity, from, to, fee, reason], i) => {
    const fill = result.fills[i];
    assertEquals([strategy, market, Date.parse(time), reason], ["wanted", fill.market, fill.time, fill.reason]);
    assertEquals([price, quantity, from, to, fee].map(Number), [
      fill.price,
      fill.quantity,
      fill.from,
      fill.to,
      fill.fee,
    ]);
  });
  let [cash, units] = [result.initialCapital, 0];
  for (const [, , , price, quantity, , , fee] of rows) {
    cash -= Number(price) * Number(quantity) + Number(fee);
    units += Number(quantity);
  }
  assertAlmostEquals(cash + units * candles.close[299], result.equity[298], 1e-6);
  assert(rows.length > 20, `${rows.length} fills`);
  assertEquals(fillsCsv({ strategy: "idle", fills: [] }), `${header.join(",")}\r\n`);
});
