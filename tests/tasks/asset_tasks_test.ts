import fc from "fast-check";
import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { tradingFeatures } from "../../lib/features/trading_features.ts";
import { forwardReturns } from "../../lib/features/labels.ts";
import { fitScaler, invertScaler } from "../../lib/features/scaler.ts";
import { assetTasks, taskBatches, taskCapacities } from "../../lib/tasks/asset_tasks.ts";
import { joinRows, marketRows, sliceRows } from "../../lib/tasks/market_rows.ts";
import { taskSpan } from "../../lib/tasks/market_task.ts";
import { HOUR, randomWalk } from "../features/markets.ts";

const rowsOf = (bars: number, seed: number, horizon = 1) => marketRows(randomWalk(bars, seed), { horizon });
const SHAPE = { supportRows: 20, queryRows: 10 };

Deno.test("joinRows() pairs by timestamp, never by position (trap 1)", () => {
  const candles = randomWalk(200, 1);
  const features = tradingFeatures(candles);
  const labels = forwardReturns(candles, 2);
  const keep = labels.time.map((_, i) => i).filter((i) => i % 7 !== 3);
  const holed = {
    ...labels,
    time: Float64Array.from(keep, (i) => labels.time[i]),
    knownAt: Float64Array.from(keep, (i) => labels.knownAt[i]),
    values: Float64Array.from(keep, (i) => labels.values[i]),
  };
  const rows = joinRows("X", features, holed);
  assert(rows.rows < 78 && rows.rows > 60);
  const barAt = new Map(Array.from(candles.time, (time, i) => [time, i]));
  for (let i = 0; i < rows.rows; i++) {
    const bar = barAt.get(rows.time[i])!;
    assertEquals(rows.y[i], candles.close[bar + 2] / candles.close[bar] - 1);
    assertEquals(rows.knownAt[i], candles.time[bar + 2]);
    const row = bar - features.warmup;
    assertEquals(
      rows.x.slice(i * rows.cols, (i + 1) * rows.cols),
      features.values.slice(row * rows.cols, (row + 1) * rows.cols),
    );
  }
});

Deno.test("joinRows() throws when no time is shared", () => {
  const labels = forwardReturns({ ...randomWalk(200, 1), time: randomWalk(200, 1).time.map((t) => t + 1) }, 1);
  assertThrows(() => joinRows("X", tradingFeatures(randomWalk(200, 1)), labels), DataError, "share no time");
});

Deno.test("assetTasks() never lets support and query share a bar, labels included (trap 2)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 1e6 }), (horizon, seed) => {
      const markets = [rowsOf(300, 1, horizon), rowsOf(260, 2, horizon)];
      for (const task of assetTasks(markets, { ...SHAPE, count: 5, seed })) {
        assertLess(task.supportKnownAt, task.queryTime[0]);
        assertEquals(task.supportKnownAt, task.supportTime[19] + horizon * HOUR);
        assertEquals(task.queryTime[0] - task.supportTime[19], (horizon + 1) * HOUR);
        assertEquals([task.support.rows, task.query.rows], [20, 10]);
      }
    }),
    { numRuns: 40, seed: 5 },
  );
});

Deno.test("assetTasks() scales by the support alone and carries the scaler", () => {
  const market = rowsOf(300, 3);
  const [task] = assetTasks([market], { ...SHAPE, count: 1, seed: 4 });
  const start = market.time.indexOf(task.supportTime[0]);
  assertEquals(task.scaler.y, fitScaler(market.y.slice(start, start + 20), 1));
  assertEquals(task.scaler.x, fitScaler(market.x.slice(start * 10, (start + 20) * 10), 10));
  const back = invertScaler(task.scaler.y, task.query.y);
  const query = market.time.indexOf(task.queryTime[0]);
  back.forEach((value, i) => assertLess(Math.abs(value - market.y[query + i]), 1e-8));
});

Deno.test("assetTasks() do not change with the rows after their end", () => {
  const market = rowsOf(300, 3);
  const [task] = assetTasks([market], { ...SHAPE, count: 1, seed: 4 });
  const end = market.time.indexOf(task.queryTime[9]) + 1;
  const changed = {
    ...market,
    x: market.x.map((v, i) => i >= end * 10 ? v * 3 : v),
    y: market.y.map((v, i) => i >= end ? 1 : v),
  };
  assertEquals(assetTasks([changed], { ...SHAPE, count: 1, seed: 4 }), [task]);
});

Deno.test("assetTasks() accepts a market of exactly one task's length (trap 9)", () => {
  const market = sliceRows(rowsOf(300, 3), 0, taskSpan(SHAPE, 1));
  assertEquals(taskCapacities([market], SHAPE)[0], { market: "WALK3", rows: 31, needed: 31, tasks: 1 });
  assertEquals(
    assetTasks([market], { ...SHAPE, count: 3, seed: 1 }).map((t) => t.supportTime[0]),
    Array(3).fill(market.time[0]),
  );
});

Deno.test("assetTasks() and taskBatches() throw when every market is too short, without looping (trap 9)", () => {
  const markets = [sliceRows(rowsOf(300, 1), 0, 30), sliceRows(rowsOf(300, 2), 0, 5)];
  const message =
    "every market is too short (20 support, 1 gap, 10 query): WALK1 has 30 of 31 rows; WALK2 has 5 of 31 rows";
  assertThrows(() => assetTasks(markets, { ...SHAPE, count: 1, seed: 1, skipShort: true }), DataError, message);
  assertThrows(() => taskBatches(markets, { ...SHAPE, tasks: 1, seed: 1, skipShort: true }), DataError, message);
  assertThrows(() => assetTasks([], { ...SHAPE, count: 1, seed: 1 }), DataError, "at least 1 market");
});

Deno.test("assetTasks() throws on one market too short, or skips it when told to", () => {
  const markets = [sliceRows(rowsOf(300, 1), 0, 30), rowsOf(300, 2)];
  assertThrows(() => assetTasks(markets, { ...SHAPE, count: 1, seed: 1 }), DataError, "WALK1 has 30 of 31 rows");
  const tasks = assetTasks(markets, { ...SHAPE, count: 20, seed: 1, skipShort: true });
  assertEquals(new Set(tasks.map((task) => task.market)), new Set(["WALK2"]));
});

Deno.test("assetTasks() stays within from and to, labels included", () => {
  const market = rowsOf(400, 3, 4);
  const [from, to] = [market.time[50], market.time[120]];
  for (const task of assetTasks([market], { ...SHAPE, count: 50, seed: 9, from, to })) {
    assert(task.supportTime[0] >= from);
    assertLess(task.queryTime[9] + 4 * HOUR, to);
  }
});

Deno.test("taskBatches() is seeded, restartable and resumable", () => {
  const markets = [rowsOf(300, 1), rowsOf(300, 2)];
  const options = { ...SHAPE, tasks: 3, batches: 4, seed: 7 };
  const batches = taskBatches(markets, options);
  const drawn = [...batches];
  assertEquals(drawn.map((batch) => batch.length), [3, 3, 3, 3]);
  assertEquals([...batches], drawn);
  assertEquals([...taskBatches(markets, { ...options, start: 2, batches: 2 })], drawn.slice(2));
  assertNotEquals([...taskBatches(markets, { ...options, seed: 8 })], drawn);
});

Deno.test("assetTasks() throws on mixed horizons and features (trap 3), and on lengths out of range", () => {
  const draw = { ...SHAPE, count: 1, seed: 1 };
  assertThrows(() => assetTasks([rowsOf(300, 1), rowsOf(300, 2, 5)], draw), RangeError, "horizon 5, expected 1");
  assertThrows(() => assetTasks([rowsOf(300, 1)], { ...draw, horizon: 3 }), RangeError, "horizon 1, expected 3");
  assertThrows(() => assetTasks([rowsOf(300, 1), { ...rowsOf(300, 2), cols: 9 }], draw), TypeError, "9 features");
  assertThrows(() => assetTasks([rowsOf(300, 1)], { ...draw, supportRows: 1 }), RangeError, "supportRows");
  assertThrows(() => assetTasks([rowsOf(300, 1)], { ...draw, queryRows: 0 }), RangeError, "queryRows");
  assertThrows(() => assetTasks([rowsOf(300, 1)], { ...draw, count: 0 }), RangeError, "count");
});

Deno.test("assetTasks() leaves its markets unchanged", () => {
  const market = rowsOf(200, 3);
  assetTasks([market], { ...SHAPE, count: 5, seed: 1 });
  assertEquals(market, rowsOf(200, 3));
});
