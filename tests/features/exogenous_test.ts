import fc from "fast-check";
import { assertEquals, assertThrows } from "@std/assert";
import type { Candles } from "../../lib/data/candles.ts";
import { DataError } from "../../lib/data/candles.ts";
import { exogenousFeatures, type ExogenousSeries, joinFeatures } from "../../lib/features/exogenous.ts";
import type { FeatureFunction } from "../../lib/features/feature_matrix.ts";
import { randomWalk } from "./markets.ts";

const HOUR = 3_600_000;

function hours(bars: number): Candles {
  const ones = new Float64Array(bars).fill(1);
  const time = ones.map((_, i) => i * HOUR);
  return { symbol: "X", interval: "1h", time, open: ones, high: ones, low: ones, close: ones, volume: ones };
}

const at = (hour: number): number => hour * HOUR;

Deno.test("exogenousFeatures() gives each bar the last value known when it closed, by a search for it", () => {
  const drawn = fc.array(fc.tuple(fc.integer({ min: -5, max: 40 }), fc.integer({ min: 1, max: 9 })), { minLength: 1 });
  fc.assert(fc.property(drawn, (pairs) => {
    const sorted = pairs.toSorted(([a], [b]) => a - b);
    const series: ExogenousSeries = {
      name: "own",
      knownAt: Float64Array.from(sorted, ([hour]) => at(hour / 2)),
      values: Float64Array.from(sorted, ([, value]) => value),
    };
    const candles = hours(12);
    const expected = Array.from(
      candles.time,
      (time) => sorted.findLast(([hour]) => at(hour / 2) <= time + HOUR)?.[1] ?? NaN,
    );
    const known = expected.filter((value) => !Number.isNaN(value));
    if (known.length === 0) {
      assertThrows(() => exogenousFeatures([series])(candles), DataError, "no bar has a value of each of own");
      return;
    }
    const { values, warmup, time } = exogenousFeatures([series])(candles);
    assertEquals([...values], known);
    assertEquals([warmup, time[0]], [12 - known.length, candles.time[12 - known.length]]);
  }));
});

Deno.test("exogenousFeatures() is not moved by what is published after the bar", () => {
  const candles = hours(6);
  const series = { name: "own", knownAt: Float64Array.of(0, at(3) + 1), values: Float64Array.of(1, 2) };
  const later = { ...series, values: Float64Array.of(1, 99) };
  const rows = (one: ExogenousSeries) => [...exogenousFeatures([one])(candles).values];
  assertEquals(rows(series), [1, 1, 1, 2, 2, 2]); // bar 2 closes at 3:00, a millisecond too early
  assertEquals(rows(later).slice(0, 3), [1, 1, 1]);
});

Deno.test("exogenousFeatures() asks a source for each market, and refuses a value that goes missing", () => {
  const asked: string[] = [];
  const valueAt = (time: number, symbol: string): number => {
    asked.push(`${symbol} ${time / HOUR}`);
    return time < at(2) ? NaN : time === at(4) ? NaN : time / HOUR;
  };
  assertThrows(
    () => exogenousFeatures([{ name: "rate", valueAt }])(hours(5)),
    DataError,
    "Cannot make exogenous features of X: rate has no value at 1970-01-01T03:00:00.000Z",
  );
  assertEquals(asked, ["X 1", "X 2", "X 3", "X 4", "X 5"]);
  const { warmup, values } = exogenousFeatures([{ name: "rate", valueAt }])(hours(3));
  assertEquals([warmup, ...values], [1, 2, 3]);
});

Deno.test("exogenousFeatures() refuses what is no column, and leaves its input alone", () => {
  const good = { name: "own", knownAt: Float64Array.of(0, 1), values: Float64Array.of(1, 2) };
  assertThrows(() => exogenousFeatures([]), RangeError, "expected at least 1 column, received 0");
  assertThrows(() => exogenousFeatures([good, good]), RangeError, "own is there twice");
  assertThrows(
    () => exogenousFeatures([{ ...good, values: Float64Array.of(1) }]),
    TypeError,
    "expected 2 values of own",
  );
  assertThrows(() => exogenousFeatures([{ ...good, values: Float64Array.of(1, NaN) }]), TypeError, "received NaN at 1");
  assertThrows(() => exogenousFeatures([{ ...good, knownAt: Float64Array.of(1, 0) }]), RangeError, "ascending knownAt");
  const misspelt = JSON.parse('{"name":"x","knownat":[],"values":[]}');
  assertThrows(() => exogenousFeatures([misspelt]), TypeError, "knownAt");
  const before = structuredClone(good);
  exogenousFeatures([good])(hours(4));
  assertEquals(good, before);
});

Deno.test("joinFeatures() puts the columns of both side by side, at the bars that both have", () => {
  const number: FeatureFunction = ({ time }) => {
    const values = Float64Array.from({ length: 2 * (time.length - 1) }, (_, i) => i);
    return { names: ["a", "b"], time: time.slice(1), rows: time.length - 1, cols: 2, values, warmup: 1 };
  };
  const late = exogenousFeatures([{ name: "c", knownAt: Float64Array.of(at(3)), values: Float64Array.of(7) }]);
  const { names, values, warmup, rows, time } = joinFeatures(number, late)(hours(4));
  assertEquals([names, [...values], warmup, rows, time[0]], [["a", "b", "c"], [2, 3, 7, 4, 5, 7], 2, 2, at(2)]);
  assertEquals(joinFeatures(late, number)(hours(4)).names, ["c", "a", "b"]);
  assertEquals(joinFeatures(number, late).name, "joinFeatures(number, exogenousFeatures(c))");
  const short: FeatureFunction = (candles) => number({ ...candles, time: candles.time.slice(0, 3) });
  assertThrows(() => joinFeatures(short, number)(hours(4)), DataError, "not one for each bar from 1 on");
  assertEquals(joinFeatures(late, late)(randomWalk(20, 1)).cols, 2);
});
