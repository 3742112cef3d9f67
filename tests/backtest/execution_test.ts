import fc from "fast-check";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { execute, type ExecutionOptions } from "../../lib/backtest/execution.ts";
import { metrics } from "../../lib/statistics/metrics.ts";
import { closesOnly, HOUR, randomWalk } from "../features/markets.ts";
import type { Candles } from "../../lib/data/candles.ts";

function prices(open: number[], close: number[]): Candles {
  return { ...closesOnly(close), open: Float64Array.from(open), closeOnly: false };
}

const run = (candles: Candles, positions: number[], options: ExecutionOptions = {}) =>
  execute(candles, { start: 0, positions: Float64Array.from(positions) }, {
    costRate: 0,
    initialCapital: 100,
    ...options,
  });

Deno.test("execute() fills at the next open and marks at the close", () => {
  const done = run(prices([10, 11, 12], [10, 12, 15]), [1, 0, 0]);
  assertAlmostEquals(done.equity[0], 100 * 12 / 11, 1e-12);
  assertAlmostEquals(done.equity[1], 100 * 12 / 11, 1e-12, "sold at the open of 12, as the last close");
  assertEquals(done.trades.length, 1);
  const { side, entryPrice, exitPrice, entryTime, exitTime } = done.trades[0];
  assertEquals([side, entryPrice, exitPrice, exitTime! - entryTime], ["long", 11, 12, HOUR]);
  assertEquals(done.fill, "next-open");
});

Deno.test("execute() fills at the close that was decided on when asked to", () => {
  const done = run(prices([10, 11, 12], [10, 12, 15]), [1, -1, 0], { fill: "close" });
  assertAlmostEquals(done.equity[0], 120, 1e-12);
  assertAlmostEquals(done.equity[1], 120 * (1 - 0.25), 1e-12);
  assertAlmostEquals(done.positions[0], 1, 1e-12);
  assertAlmostEquals(
    done.positions[1],
    -10 * 15 / 90,
    1e-12,
    "ten units short, which the rise has made more of the equity",
  );
});

Deno.test("execute() fills a close-only market at the next close, and says so", () => {
  const done = run(closesOnly([10, 12, 15]), [1, 1, 1]);
  assertEquals(done.fill, "next-close");
  assertAlmostEquals(done.equity[0], 100, 1e-12);
  assertAlmostEquals(done.equity[1], 125, 1e-12);
});

Deno.test("execute() charges a flip twice (trap 5)", () => {
  const flat = prices([10, 10, 10], [10, 10, 10.0001]);
  const done = run(flat, [1, -1, -1], { costRate: 0.01, fill: "close" });
  const bought = 100 / 1.01; // the fee of 1% comes out of what is bought
  assertAlmostEquals(done.equity[0], bought, 1e-12);
  assertAlmostEquals(done.costs, 3 * 0.01 * bought, 1e-12);
  assertAlmostEquals(done.trades[0].cost, 2 * 0.01 * bought, 1e-12);
  assertAlmostEquals(done.trades[1].cost, 0.01 * bought, 1e-12);
  assertEquals(done.fills.map(({ quantity }) => Math.sign(quantity)), [1, -1, -1]);
});

Deno.test("execute() has costs in its net returns, so in Sharpe and drawdown too (trap 6)", () => {
  const candles = randomWalk(200, 4);
  const positions = Array.from({ length: 200 }, (_, i) => i % 2 ? 1 : -1);
  const [free, paid] = [0, 0.002].map((costRate) => run(candles, positions, { costRate }));
  const figures = [free, paid].map(({ netReturns }) => metrics(netReturns, { periodsPerYear: 8760 }));
  // Each flip costs twice 0.2%, by which what is held differs from what it would be for free, overnight and within the bar.
  paid.grossReturns.forEach((r, i) => {
    const moves = [candles.open[i + 1] / candles.close[i] - 1, candles.close[i + 1] / candles.open[i + 1] - 1];
    assertAlmostEquals(r, free.grossReturns[i], 0.01 * moves.reduce((sum, move) => sum + Math.abs(move), 0));
  });
  assertEquals(figures[0].sharpe! > figures[1].sharpe!, true);
  assertEquals(figures[0].maxDrawdown! > figures[1].maxDrawdown!, true);
  paid.netReturns.forEach((r, i) => assertEquals(r < free.netReturns[i], true));
});

Deno.test("execute() conserves money: equity is capital plus profits less costs", () => {
  const position = fc.constantFrom(-1, -0.5, 0, 0.3, 1);
  fc.assert(
    fc.property(
      fc.array(position, { minLength: 2, maxLength: 60 }),
      fc.integer({ min: 0, max: 999 }),
      fc.constantFrom("next-open" as const, "close" as const),
      fc.constantFrom(0, 0.0005, 0.02),
      (positions, seed, fill, costRate) => {
        const done = run(randomWalk(positions.length, seed), positions, { fill, costRate });
        const total = done.trades.reduce((sum, { pnl, cost }) => sum + pnl - cost, 100);
        assertAlmostEquals(done.equity[done.equity.length - 1], total, 1e-9);
        assertAlmostEquals(done.costs, done.trades.reduce((sum, { cost }) => sum + cost, 0), 1e-9);
        const compounded = done.netReturns.reduce((equity, r) => equity * (1 + r), 100);
        assertAlmostEquals(compounded, done.equity[done.equity.length - 1], 1e-9);
        assertEquals(
          done.trades.filter(({ exitTime }) => exitTime === null).length,
          Number(done.positions.at(-1) !== 0),
        );
      },
    ),
    { seed: 6 },
  );
});

Deno.test("execute() stops where equity falls to 0, and says when", () => {
  const done = run(prices([10, 10, 10, 10], [10, 10, 25, 10]), [-1, -1, -1, -1]);
  assertEquals(done.ruinedAt, closesOnly([1, 1, 1, 1]).time[2]);
  assertEquals([done.equity[1], done.equity[2], done.owed, done.liquidations], [0, 0, 50, 1]);
  assertEquals([done.netReturns[1], done.netReturns[2], done.grossReturns[1]], [-1, 0, -1]);
  assertEquals(done.positions, Float64Array.of(-1, 0, 0));
  assertAlmostEquals(done.trades[0].pnl, -150, 1e-12);
  assertEquals(done.trades[0].exitReason, "liquidation");
});

Deno.test("execute() throws on bad arguments and leaves its input unchanged", () => {
  const candles = randomWalk(5, 1);
  assertThrows(() => run(candles, [1, 1, 1, 1, 1, 1]), RangeError, "6 positions from bar 0 do not fit the 5 bars");
  assertThrows(() => run(candles, [1, NaN]), TypeError, "positions[1]");
  assertThrows(() => run(candles, [1], { costRate: -1 }), RangeError, "costRate");
  assertThrows(() => run(candles, [1], { initialCapital: 0 }), RangeError, "initialCapital");
  run(candles, [1, 0, -1]);
  assertEquals(candles, randomWalk(5, 1));
});
