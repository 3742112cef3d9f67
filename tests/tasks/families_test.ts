import fc from "fast-check";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { labelRegimes, type Regime, regimeAt, REGIMES } from "../../lib/features/regimes.ts";
import { random } from "../../lib/net/random.ts";
import { assetFamily } from "../../lib/tasks/asset_family.ts";
import { assetTasks, taskCapacities } from "../../lib/tasks/asset_tasks.ts";
import { marketRows, sliceRows } from "../../lib/tasks/market_rows.ts";
import { mixTasks } from "../../lib/tasks/mix_tasks.ts";
import { periodFamily } from "../../lib/tasks/period_family.ts";
import { regimeFamily } from "../../lib/tasks/regime_family.ts";
import { chooseFamily, type TaskFamily } from "../../lib/tasks/task_family.ts";
import { barsFrom, firstBars, HOUR, randomWalk } from "../features/markets.ts";

const SHAPE = { supportRows: 20, queryRows: 10 };
const rowsOf = (bars: number, seed: number, horizon = 1) => marketRows(randomWalk(bars, seed), { horizon });

/** Tasks of one family, drawn in order. */
function draws(family: TaskFamily, count: number, seed = 1) {
  const stream = random(seed);
  return Array.from({ length: count }, () => family.draw(stream));
}

Deno.test("assetFamily() draws what assetTasks() draws, and says the same capacities", () => {
  const markets = [rowsOf(300, 1), rowsOf(250, 2)];
  const family = assetFamily(markets, SHAPE);
  const tasks = assetTasks(markets, { ...SHAPE, count: 20, seed: 1 });
  assertEquals(draws(family, 20), tasks);
  assertEquals(family.capacities.map(({ tasks }) => tasks), taskCapacities(markets, SHAPE).map(({ tasks }) => tasks));
  assertEquals([family.name, family.cols, family.horizon], ["asset", 10, 1]);
});

Deno.test("a family's capacity is the number of different tasks that it draws", () => {
  const candles = randomWalk(420, 3);
  const market = marketRows(candles, { horizon: 2 });
  const options = { ...SHAPE, skipShort: true };
  for (
    const family of [
      assetFamily([sliceRows(market, 0, 45)], options),
      periodFamily([market], { ...options, period: "month" }),
      regimeFamily([market], [labelRegimes(candles)], { ...options, supportRows: 5, queryRows: 2 }),
    ]
  ) {
    const total = family.capacities.reduce((sum, { tasks }) => sum + tasks, 0);
    const seen = new Set(draws(family, 60 * total, 5).map(({ name, supportTime }) => `${name} ${supportTime[0]}`));
    assertEquals(seen.size, total, family.name);
  }
});

Deno.test("regimeFamily() draws led windows by the regime known when the last support label is", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1000 }), (horizon, seed) => {
      const candles = randomWalk(900, seed);
      const labels = labelRegimes(candles);
      const family = regimeFamily([marketRows(candles, { horizon })], [labels], { ...SHAPE, skipShort: true });
      for (const { name, supportKnownAt, queryTime } of draws(family, 20, seed)) {
        assertEquals(name.split(" ")[1], regimeAt(labels, supportKnownAt));
        assert(supportKnownAt < queryTime[0]);
      }
    }),
    { numRuns: 15, seed: 4 },
  );
});

Deno.test("regimeFamily() draws inside one regime: each bar bears it, and support labels are known before the query", () => {
  const candles = randomWalk(3000, 6);
  const labels = labelRegimes(candles);
  for (const horizon of [1, 7]) {
    const market = marketRows(candles, { horizon });
    const family = regimeFamily([market], [labels], { ...SHAPE, kind: "inside" });
    assertEquals(family.capacities.map(({ source }) => source), REGIMES.map((regime) => `WALK6 ${regime}`));
    for (const { name, supportTime, queryTime, supportKnownAt } of draws(family, 60)) {
      for (const time of [...supportTime, ...queryTime]) assertEquals(regimeAt(labels, time), name.split(" ")[1]);
      assertEquals(supportKnownAt, supportTime[19] + horizon * HOUR);
      assert(supportKnownAt < queryTime[0]);
    }
  }
});

Deno.test("regimeFamily() draws each regime as often as any other, however rare", () => {
  const candles = randomWalk(3000, 6);
  const family = regimeFamily([marketRows(candles, { horizon: 1 })], [labelRegimes(candles)], SHAPE);
  const counts = new Map<string, number>();
  for (const { name } of draws(family, 2000)) {
    const regime = name.split(" ")[1];
    counts.set(regime, (counts.get(regime) ?? 0) + 1);
  }
  // 400 ± 5 binomial deviations of 17.9.
  for (const regime of REGIMES) assert(Math.abs(counts.get(regime)! - 400) < 90, `${regime}: ${counts.get(regime)}`);
});

Deno.test("regimeFamily() and periodFamily() draw the same tasks before a time, whatever comes after it, bitwise", () => {
  const whole = randomWalk(2000, 9);
  const future = randomWalk(2000, 10);
  const at = 1400;
  const bent = {
    ...whole,
    open: whole.open.map((price, i) => i < at ? price : future.open[i]),
    close: whole.close.map((price, i) => i < at ? price : future.close[i]),
  };
  const options = { ...SHAPE, to: whole.time[at], skipShort: true };
  const families = (candles: typeof whole) => {
    const market = [marketRows(candles, { horizon: 3 })];
    const labels = [labelRegimes(candles)];
    return [
      regimeFamily(market, labels, options),
      regimeFamily(market, labels, { ...options, kind: "inside" }),
      periodFamily(market, { ...options, period: "month" }),
    ];
  };
  const [known, changed, cut] = [whole, bent, firstBars(whole, at)].map(families);
  known.forEach((family, i) => {
    const tasks = draws(family, 30);
    assertEquals(draws(changed[i], 30), tasks);
    assertEquals(draws(cut[i], 30), tasks);
  });
});

Deno.test("periodFamily() draws tasks within one period of one market", () => {
  const markets = [rowsOf(3000, 1), rowsOf(3000, 2)];
  for (const [period, length] of [["month", 7], ["quarter", 6], ["year", 4]] as const) {
    const family = periodFamily(markets, { ...SHAPE, period });
    for (const { name, market, supportTime, queryTime } of draws(family, 40)) {
      const [first, last] = [supportTime[0], queryTime[9]].map((time) => new Date(time));
      const months = period === "month" ? 1 : period === "quarter" ? 3 : 12;
      const index = (date: Date) => Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months);
      assertEquals(index(first), index(last));
      const [symbol, named] = name.split(" ");
      assertEquals([symbol, named.length], [market, length]);
      assert(named.startsWith(String(first.getUTCFullYear())));
    }
  }
});

Deno.test("mixTasks() is seeded, restartable and resumable", () => {
  const candles = randomWalk(1200, 1);
  const market = [marketRows(candles, { horizon: 1 })];
  const families = [
    { family: assetFamily(market, SHAPE), weight: 1 },
    { family: regimeFamily(market, [labelRegimes(candles)], { ...SHAPE, skipShort: true }), weight: 2 },
  ];
  const options = { tasks: 3, batches: 4, seed: 7 };
  const batches = mixTasks(families, options);
  const drawn = [...batches];
  assertEquals(drawn.map((batch) => batch.length), [3, 3, 3, 3]);
  assertEquals([...batches], drawn);
  assertEquals([...mixTasks(families, { ...options, start: 2, batches: 2 })], drawn.slice(2));
  assertNotEquals([...mixTasks(families, { ...options, seed: 8 })], drawn);
});

Deno.test("mixTasks() draws families by weight, and never one of weight 0", () => {
  const [a, b, c] = ["A", "B", "C"].map((name, i) =>
    assetFamily([marketRows(randomWalk(200, i + 1, name), { horizon: 1 })], SHAPE)
  );
  const families = [{ family: a, weight: 3 }, { family: b, weight: 1 }, { family: c, weight: 0 }];
  const [batch] = mixTasks(families, { tasks: 4000, batches: 1, seed: 2 });
  const share = (market: string) => batch.filter((task) => task.market === market).length / 4000;
  // 5 binomial deviations of 0.0068.
  assert(Math.abs(share("A") - 0.75) < 0.035, `${share("A")}`);
  assertEquals([share("A") + share("B"), share("C")], [1, 0]);
});

Deno.test("families throw a typed error that names the source and what it lacks", () => {
  const candles = randomWalk(700, 2);
  const market = marketRows(candles, { horizon: 1 });
  const labels = labelRegimes(candles);
  assertThrows(() => assetFamily([sliceRows(market, 0, 30)], SHAPE), DataError, "WALK2 has 30 of 31 rows");
  assertThrows(() => assetFamily([], SHAPE), DataError, "at least 1 market");
  assertThrows(
    () => periodFamily([market], { ...SHAPE, supportRows: 600, period: "year" }),
    DataError,
    "WALK2 2020 has 579 of 611 rows",
  );
  assertThrows(
    () => regimeFamily([market], [labels], { ...SHAPE, supportRows: 200, kind: "inside", regimes: ["bear"] }),
    DataError,
    `WALK2 bear has ${labels.regime.slice(0, -1).filter((one) => one === "bear").length} of 211 rows`,
  );
  const calm = labelRegimes(candles, { high: 1, low: 0 });
  const never = { ...calm, regime: calm.regime.map((): Regime => "ranging") };
  assertThrows(() => regimeFamily([market], [never], SHAPE), DataError, "WALK2 bull has no window of 31 rows");
  assertThrows(() => regimeFamily([market], [], SHAPE), DataError, "WALK2 has no regime labels");
  const only = regimeFamily([market], [never], { ...SHAPE, skipShort: true });
  assertEquals(only.capacities.map(({ tasks }) => tasks > 0), [false, false, false, false, true]);
  assert(draws(only, 5).every(({ name }) => name.includes("ranging")));
});

Deno.test("families throw on options out of range and on families that do not fit together", () => {
  const market = rowsOf(400, 1);
  const family = assetFamily([market], SHAPE);
  assertThrows(() => assetFamily([market], { ...SHAPE, supportRows: 1 }), RangeError, "supportRows");
  assertThrows(() => periodFamily([market], { ...SHAPE, period: "week" as "month" }), RangeError, "period");
  const labels = [labelRegimes(randomWalk(400, 1))];
  assertThrows(() => regimeFamily([market], labels, { ...SHAPE, kind: "x" as "led" }), RangeError, "kind");
  assertThrows(() => regimeFamily([market], labels, { ...SHAPE, regimes: ["crab" as "bull"] }), RangeError, "crab");
  assertThrows(() => regimeFamily([market], labels, { ...SHAPE, regimes: [] }), RangeError, "regimes");
  const draw = { tasks: 1, seed: 1 };
  const mix = (weight: number) => () => mixTasks([{ family, weight }], draw);
  assertThrows(mix(-1), RangeError, "weight of family asset");
  assertThrows(mix(NaN), RangeError, "weight");
  assertThrows(mix(0), RangeError, "a weight above 0");
  assertThrows(() => mixTasks([], draw), DataError, "at least 1 family");
  assertThrows(() => mixTasks([{ family, weight: 1 }], { tasks: 0, seed: 1 }), RangeError, "tasks");
  assertThrows(() => mixTasks([{ family, weight: 1 }], { tasks: 1, seed: 1, start: -1 }), RangeError, "start");
  const other = assetFamily([rowsOf(400, 1, 5)], SHAPE);
  assertThrows(() => chooseFamily("both", [family, other]), RangeError, "labels of horizon 5");
  const narrow = assetFamily([{ ...market, cols: 2 }], SHAPE);
  assertThrows(() => chooseFamily("both", [family, narrow]), TypeError, "2 features");
});

Deno.test("families leave rows and labels unchanged", () => {
  const candles = barsFrom(randomWalk(900, 3), 0);
  const [market, labels] = [marketRows(candles, { horizon: 1 }), labelRegimes(candles)];
  const before = structuredClone({ market, labels });
  for (const kind of ["led", "inside"] as const) {
    draws(regimeFamily([market], [labels], { ...SHAPE, kind, skipShort: true }), 3);
  }
  draws(periodFamily([market], { ...SHAPE, period: "month", skipShort: true }), 3);
  assertEquals({ market, labels }, before);
});
