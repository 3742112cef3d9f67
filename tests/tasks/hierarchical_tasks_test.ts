import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { intervalMs } from "../../lib/data/interval.ts";
import { random } from "../../lib/net/random.ts";
import { hierarchicalTasks } from "../../lib/tasks/hierarchical_tasks.ts";
import { resampleCandles } from "../../lib/tasks/resample_candles.ts";
import type { TaskFamily } from "../../lib/tasks/task_family.ts";
import { barsFrom, closesOnly, firstBars, HOUR, randomWalk } from "../features/markets.ts";

const SHAPE = { supportRows: 20, queryRows: 10 };

function draws(family: TaskFamily, count: number) {
  const stream = random(1);
  return Array.from({ length: count }, () => family.draw(stream));
}

function sliceOf(candles: Candles, from: number, to: number): Candles {
  return barsFrom(firstBars(candles, to), from);
}

Deno.test("resampleCandles() joins bars computed by hand, and drops what has begun before or is not over", () => {
  const candles = {
    ...randomWalk(9, 1),
    time: Float64Array.from({ length: 9 }, (_, i) => (i + 3) * HOUR),
    open: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
    high: Float64Array.of(2, 9, 4, 5, 6, 8, 8, 9, 9),
    low: Float64Array.of(1, 2, 1, 3, 5, 6, 2, 8, 9),
    close: Float64Array.of(2, 3, 4, 5, 6, 7, 8, 9, 9),
    volume: Float64Array.of(1, 1, 1, 1, 1, 2, 2, 2, 2),
  };
  // Bars open at 3:00 to 11:00: those of 4 hours are 0:00 (begun before), 4:00 and 8:00.
  const { symbol, interval, time, open, high, low, close, volume } = resampleCandles(candles, "4h");
  assertEquals([symbol, interval, [...time]], ["WALK1", "4h", [4 * HOUR, 8 * HOUR]]);
  assertEquals([[...open], [...high], [...low], [...close]], [[2, 6], [9, 9], [1, 2], [6, 9]]);
  assertEquals([...volume], [4, 8]);
  assertEquals([...resampleCandles(firstBars(candles, 8), 4).time], [4 * HOUR]);
});

Deno.test("resampleCandles() of a prefix are the first bars of the whole, bitwise", () => {
  const stream = random(8);
  const whole = randomWalk(300, 4);
  const kept = Array.from(whole.time, (_, i) => i).filter(() => stream.uniform() < 0.8);
  const pick = (values: Float64Array) => Float64Array.from(kept, (i) => values[i]);
  const { time, open, high, low, close, volume } = whole;
  const holed = {
    ...whole,
    time: pick(time),
    open: pick(open),
    high: pick(high),
    low: pick(low),
    close: pick(close),
    volume: pick(volume),
  };
  for (const scale of [1, 3, "6h", "1d"]) {
    const coarse = resampleCandles(holed, scale);
    fc.assert(
      fc.property(fc.integer({ min: 60, max: kept.length }), (bars) => {
        const prefix = resampleCandles(firstBars(holed, bars), scale);
        assertEquals(prefix, firstBars(coarse, prefix.time.length));
        // Nothing that is given reaches behind the last bar's close.
        assert(prefix.time.at(-1)! <= holed.time[bars - 1]);
        const missing = coarse.time.length - prefix.time.length;
        const closed = coarse.time.filter((t) => t + intervalMs(coarse.interval) <= holed.time[bars - 1] + HOUR).length;
        assert(prefix.time.length >= closed - 1 && missing >= 0);
      }),
      { numRuns: 40, seed: 5 },
    );
  }
});

Deno.test("resampleCandles() aligns to UTC days, and weeks to Mondays", () => {
  const hours = randomWalk(24 * 30, 2);
  for (const time of resampleCandles(hours, "1d").time) assertEquals(time % (24 * HOUR), 0);
  for (const time of resampleCandles(hours, 24 * 7).time) assertEquals(new Date(time).getUTCDay(), 1);
  for (const time of resampleCandles(hours, "5h").time) assertEquals(time % (5 * HOUR), 0);
});

Deno.test("resampleCandles() gives the same bars wherever the file starts, and keeps a close-only market one", () => {
  const whole = randomWalk(300, 3);
  const coarse = resampleCandles(whole, "4h");
  const later = resampleCandles(sliceOf(whole, 37, 300), "4h");
  assertEquals(later, barsFrom(coarse, coarse.time.length - later.time.length));
  const closes = resampleCandles(closesOnly(whole.close), "4h");
  assertEquals([closes.closeOnly, closes.open, closes.high], [true, closes.close, closes.close]);
  assertEquals(closes.close, coarse.close);
});

Deno.test("resampleCandles() throws on scales that do not fit and on series too short", () => {
  const hours = randomWalk(50, 1);
  assertThrows(() => resampleCandles(hours, "30m"), RangeError, "30m must be a multiple of its interval, 1h");
  assertThrows(() => resampleCandles(hours, "90m"), RangeError, "multiple");
  assertThrows(() => resampleCandles(hours, 0), RangeError, "factor");
  assertThrows(() => resampleCandles(hours, 1.5), RangeError, "factor");
  assertThrows(() => resampleCandles(hours, "soon"), RangeError, "interval");
  assertThrows(() => resampleCandles(hours, "1w"), DataError, "50 bars of 1h hold no whole one");
  const before = structuredClone(hours);
  resampleCandles(hours, 4);
  assertEquals(hours, before);
});

Deno.test("hierarchicalTasks() draws classes, assets and scales alike, however many there are of each", () => {
  const many = [1, 2, 3, 4].map((seed) => randomWalk(1500, seed, `M${seed}`));
  const family = hierarchicalTasks({ many, one: [randomWalk(1500, 9, "S")] }, {
    ...SHAPE,
    horizon: 1,
    scales: [1, "4h"],
  });
  assertEquals(family.capacities.length, 10);
  assertEquals(Object.keys(family.classes), ["many", "one"]);
  const tasks = draws(family, 2000);
  const share = (part: string) => tasks.filter(({ name }) => name.includes(part)).length / 2000;
  // 5 binomial deviations of 0.011.
  assert(Math.abs(share("one S") - 0.5) < 0.056 && Math.abs(share("4h") - 0.5) < 0.056);
  assert(Math.abs(share("M2") - 0.125) < 0.037);
  assert(draws(family.classes.one, 20).every(({ market }) => market === "S"));
});

Deno.test("hierarchicalTasks() read no bar that closes after the time range ends, coarse ones included, bitwise", () => {
  const whole = randomWalk(2400, 4);
  const future = randomWalk(2400, 5);
  for (const at of [1600, 1603]) {
    const to = whole.time[at];
    const bent = { ...whole };
    for (const name of ["open", "high", "low", "close"] as const) {
      bent[name] = whole[name].map((price, i) => i < at ? price : future[name][i]);
    }
    const options = { ...SHAPE, horizon: 2, scales: [1, "4h", "8h"], to };
    const tasks = draws(hierarchicalTasks({ all: [whole] }, options), 60);
    assertEquals(draws(hierarchicalTasks({ all: [bent] }, options), 60), tasks);
    assertEquals(draws(hierarchicalTasks({ all: [firstBars(whole, at)] }, options), 60), tasks);
  }
});

Deno.test("hierarchicalTasks() throw on what is missing, naming class, asset and scale", () => {
  const [long, short] = [randomWalk(1500, 1, "LONG"), randomWalk(300, 2, "SHORT")];
  const options = { ...SHAPE, horizon: 1, scales: [1, "4h"] };
  assertThrows(() => hierarchicalTasks({}, options), DataError, "at least 1 asset class");
  assertThrows(() => hierarchicalTasks({ crypto: [] }, options), DataError, "asset class crypto has no market");
  assertThrows(() => hierarchicalTasks({ crypto: [long] }, { ...options, scales: [] }), RangeError, "scale");
  assertThrows(
    () => hierarchicalTasks({ crypto: [long, short] }, options),
    DataError,
    "SHORT: needs more than 120 bars",
  );
  const at600 = firstBars(long, 600);
  assertThrows(() => hierarchicalTasks({ crypto: [at600] }, options), DataError, "crypto LONG 4h has 28 of 31 rows");
  const family = hierarchicalTasks({ crypto: [long, short], bare: [firstBars(short, 90)] }, {
    ...options,
    skipShort: true,
  });
  assertEquals(family.capacities.map(({ tasks }) => tasks > 0), [true, true, true, false, false, false]);
  assertEquals(Object.keys(family.classes), ["crypto"]);
});
