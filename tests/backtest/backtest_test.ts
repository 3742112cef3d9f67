import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { backtest, wantedPositions } from "../../lib/backtest/backtest.ts";
import { sharpeInterval } from "../../lib/statistics/sharpe_interval.ts";
import { queryLoss, walkForward } from "../../lib/backtest/walk_forward.ts";
import { DataError } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { fitScaler } from "../../lib/features/scaler.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { marketRows } from "../../lib/tasks/market_rows.ts";
import { closesOnly, HOUR, randomWalk } from "../features/markets.ts";

const net = mlp({ inputs: 10, hidden: [4], outputs: 1, activation: "tanh" });
const state = metaInit(maml({ net, inner: { steps: 2, lr: 0.05 } }), { seed: 1 });

Deno.test("walkForward() adapts on labels known at the decision alone (trap 2)", () => {
  for (const horizon of [1, 5]) {
    const candles = randomWalk(220, 3);
    const walk = walkForward(candles, { supportRows: 30, horizon });
    const rows = marketRows(candles, { horizon });
    assertEquals(walk.start, 120 + 30 + horizon - 1);
    assertEquals(walk.pairs.length, 220 - walk.start);
    walk.time.forEach((time, i) => {
      assertEquals(time, candles.time[walk.start + i]);
      assertEquals(walk.supportKnownAt[i], time);
      const last = rows.time.indexOf(time - horizon * HOUR);
      assertEquals(walk.scalers[i].y, fitScaler(rows.y.slice(last - 29, last + 1), 1));
      const known = walk.start + i + horizon < 220;
      const label = candles.close[walk.start + i + horizon] / candles.close[walk.start + i] - 1;
      assertEquals(walk.labels[i], known ? label : NaN);
    });
  }
});

Deno.test("backtest() trades on the horizon that it forecasts (trap 3)", async () => {
  await using engine = openNaiveEngine();
  const candles = randomWalk(260, 3);
  const result = await backtest(engine, state, candles, { supportRows: 30, horizon: 5, every: 5 });
  assertEquals(result.horizon, 5);
  const start = candles.time.indexOf(result.decisionTime[0]);
  result.labels.forEach((label, i) => {
    if (start + i + 5 < 260) assertEquals(label, candles.close[start + i + 5] / candles.close[start + i] - 1);
  });
  result.wanted.forEach((wanted, i) => {
    assertEquals(wanted, Math.sign(result.predictions[i - i % 5]), "held for the five bars that were forecast");
  });
});

Deno.test("backtest() gives series that agree with each other", async () => {
  await using engine = openNaiveEngine();
  const candles = randomWalk(240, 5);
  const result = await backtest(engine, state, candles, { supportRows: 20, costRate: 0.001, initialCapital: 500 });
  const bars = result.time.length;
  assertEquals([result.predictions.length, result.wanted.length, result.labels.length], [bars + 1, bars + 1, bars + 1]);
  assertEquals(result.time, result.decisionTime.slice(1));
  assertEquals(result.positions.map(Math.sign), result.wanted.slice(0, bars));
  assertAlmostEquals(result.metrics.totalReturn!, result.equity[bars - 1] / 500 - 1, 1e-12);
  assert(result.queryLoss! > 0);
  assertEquals(result.periodsPerYear, 8760);
  const last = result.trades.reduce((sum, { pnl, cost }) => sum + pnl - cost, 500);
  assertAlmostEquals(last, result.equity[bars - 1], 1e-9);
});

Deno.test("backtest() says that a close-only market was filled at the next close", async () => {
  await using engine = openNaiveEngine();
  const candles = closesOnly(randomWalk(220, 5).close);
  const result = await backtest(engine, state, candles, { supportRows: 20, costRate: 0, rebalance: "always" });
  assertEquals(result.fill, "next-close");
  assertEquals(result.notes, [
    "CLOSES has closing prices alone: positions are filled at the next close, not the next open",
  ]);
  const start = candles.time.indexOf(result.decisionTime[0]);
  result.netReturns.forEach((r, i) => {
    const held = i === 0 ? 0 : result.wanted[i - 1];
    assertAlmostEquals(r, held * (candles.close[start + i + 1] / candles.close[start + i] - 1), 1e-12);
  });
});

Deno.test("backtest() keeps to its time range, with support from before it", async () => {
  await using engine = openNaiveEngine();
  const candles = randomWalk(260, 5);
  const [from, to] = [candles.time[200], candles.time[230]];
  const result = await backtest(engine, state, candles, { supportRows: 40, from, to });
  assertEquals([result.decisionTime[0], result.decisionTime.length], [from, 30]);
  const whole = await backtest(engine, state, candles, { supportRows: 40 });
  const offset = whole.decisionTime.indexOf(from);
  assertEquals(result.predictions, whole.predictions.slice(offset, offset + 30));
});

Deno.test("backtest() shows no Sharpe above zero on random walks (trap 1)", async () => {
  await using engine = openNaiveEngine();
  let above = 0;
  for (let seed = 0; seed < 8; seed++) {
    const result = await backtest(engine, state, randomWalk(700, 100 + seed), { supportRows: 20, costRate: 0.0005 });
    const { low } = sharpeInterval(result.netReturns, { periodsPerYear: result.periodsPerYear, seed });
    if (low! > 0) above++;
  }
  assertEquals(above, 0);
});

Deno.test("backtest() throws on a market too short, naming it and what it lacks", async () => {
  await using engine = openNaiveEngine();
  await assertRejects(
    () => backtest(engine, state, randomWalk(90, 1, "SHORT")),
    DataError,
    "SHORT: needs more than 120",
  );
  await assertRejects(
    () => backtest(engine, state, randomWalk(150, 1, "SHORT")),
    DataError,
    "Cannot walk forward over SHORT: needs 2 bars within the range at which 40 labels are known, got 0 (150 bars, 29 labels",
  );
  assertEquals((await backtest(engine, state, randomWalk(162, 1))).time.length, 1);
});

Deno.test("backtest() throws on bad options and a network that does not fit", async () => {
  await using engine = openNaiveEngine();
  const candles = randomWalk(220, 1);
  await assertRejects(() => backtest(engine, state, candles, { supportRows: 1 }), RangeError, "supportRows");
  await assertRejects(() => backtest(engine, state, candles, { horizon: 0 }), RangeError, "horizon");
  assertThrows(() => wantedPositions(new Float64Array(3), { every: 0 }), RangeError, "every");
  const narrow = metaInit(maml({ net: mlp({ inputs: 3, hidden: [], outputs: 1 }) }), { seed: 1 });
  await assertRejects(() => backtest(engine, narrow, candles), TypeError);
});

Deno.test("backtest() leaves its input unchanged", async () => {
  await using engine = openNaiveEngine();
  const candles = randomWalk(200, 2);
  const params = state.params.slice();
  await backtest(engine, state, candles, { supportRows: 20 });
  assertEquals(candles, randomWalk(200, 2));
  assertEquals(state.params, params);
});

Deno.test("walkForward() has the deviation of each support's labels as the unit of the query loss, in any market", () => {
  const candles = randomWalk(500, 3);
  const behindHole = { ...candles, time: candles.time.map((at, i) => i < 200 ? at : at + 20 * 86_400_000) };
  for (const market of [candles, behindHole]) {
    const walk = walkForward(market, { supportRows: 40 });
    assertEquals(walk.unit, Float64Array.from(walk.scalers, ({ y }) => y.scale[0]));
    // Of a random walk zero is the best forecast, and its error is what labels deviate by.
    const loss = queryLoss(walk, new Float64Array(walk.time.length));
    assert(loss > 0.8 && loss < 1.3, `${loss}`);
  }
});
