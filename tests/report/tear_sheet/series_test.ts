import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { metrics } from "../../../lib/statistics/metrics.ts";
import { returnDistribution } from "../../../lib/report/tear_sheet/distribution.ts";
import { regimeReturns } from "../../../lib/report/tear_sheet/regime_returns.ts";
import {
  drawdown,
  equityFrom,
  exposureBuckets,
  monthlyReturns,
  rollingSharpe,
  rollingWindow,
} from "../../../lib/report/tear_sheet/series.ts";
import { random } from "../../../lib/net/random.ts";

const returnsOf = (bars: number, seed = 1): Float64Array => {
  const stream = random(seed);
  return Float64Array.from({ length: bars }, () => 0.0005 + 0.01 * stream.normal());
};

Deno.test("rollingSharpe() is that of metrics() on each window", () => {
  const returns = returnsOf(300);
  const rolled = rollingSharpe(returns, { window: 40, periodsPerYear: 252 });
  assertEquals(rolled.findIndex((value) => !Number.isNaN(value)), 39);
  for (let t = 39; t < 300; t++) {
    const { sharpe } = metrics(returns.slice(t - 39, t + 1), { periodsPerYear: 252 });
    assertAlmostEquals(rolled[t], sharpe!, 1e-9);
  }
});

Deno.test("rollingSharpe() is undefined where returns do not vary, also between stretches that do", () => {
  const returns = returnsOf(300).map((r, t) => t >= 100 && t < 200 ? 0 : r);
  const rolled = rollingSharpe(returns, { window: 40, periodsPerYear: 252 });
  for (let t = 0; t < 300; t++) assertEquals(Number.isNaN(rolled[t]), t < 39 || (t >= 139 && t < 200), `at ${t}`);
});

Deno.test("rollingWindow() is a quarter of a year, at least 20 bars", () => {
  assertEquals([252, 8760, 52].map(rollingWindow), [63, 2190, 20]);
});

Deno.test("drawdown() reaches the figure of metrics()", () => {
  const returns = returnsOf(200, 3);
  let equity = 500;
  const path = equityFrom(500, returns.map((r) => equity *= 1 + r));
  const worst = Math.min(...drawdown(path));
  assertAlmostEquals(worst, metrics(returns, { periodsPerYear: 252 }).maxDrawdown!, 1e-12);
});

Deno.test("monthlyReturns() compound to the total, month by month and year by year", () => {
  const day = 86_400_000;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 0, max: 20_000 }), (bars, first) => {
      const returns = returnsOf(bars, bars);
      const time = Float64Array.from({ length: bars }, (_, i) => (first + i) * day);
      const total = returns.reduce((growth, r) => growth * (1 + r), 1);
      const years = monthlyReturns(time, returns);
      const byYear = years.reduce((growth, year) => growth * (1 + year.total), 1);
      const byMonth = years.flatMap(({ months }) => months).reduce<number>((growth, r) => growth * (1 + (r ?? 0)), 1);
      assertAlmostEquals(byYear, total, 1e-12);
      assertAlmostEquals(byMonth, total, 1e-12);
      assert(years.every(({ year }, i) => i === 0 || year === years[i - 1].year + 1));
    }),
    { numRuns: 40 },
  );
});

Deno.test("monthlyReturns() puts the last bar of a month into it and leaves months without a bar null", () => {
  const time = Float64Array.of(Date.UTC(2023, 0, 31, 23), Date.UTC(2023, 1, 1), Date.UTC(2024, 11, 31));
  const years = monthlyReturns(time, Float64Array.of(0.5, -0.5, 0.25));
  assertEquals(years.map(({ year, total }) => [year, total]), [[2023, -0.25], [2024, 0.25]]);
  assertEquals([years[0].months[0], years[0].months[1], years[0].months[2]], [0.5, -0.5, null]);
});

Deno.test("exposureBuckets() sums the markets of each side", () => {
  const time = Float64Array.of(1, 2, 3);
  const positions = Float64Array.of(0.5, -0.2, 0.3, 0.1, 0, -0.4);
  const [first, second] = exposureBuckets(time, positions, 2);
  assertEquals([first.from, first.to, second.from, second.to], [1, 2, 3, 3]);
  assertAlmostEquals(first.long, 0.45, 1e-12);
  assertAlmostEquals(first.short, -0.1, 1e-12);
  assertEquals([second.long, second.short], [0, -0.4]);
});

Deno.test("exposureBuckets() keep the mean position of every bar", () => {
  const time = Float64Array.from({ length: 103 }, (_, i) => i);
  const positions = returnsOf(103, 5).map((r) => Math.sign(r) * Math.abs(r * 100) % 1);
  const buckets = exposureBuckets(time, positions, 10);
  assertEquals([buckets.length, buckets[0].from, buckets[9].to], [10, 0, 102]);
  const sum = buckets.reduce((total, { long, short, from, to }) => total + (long + short) * (to - from + 1), 0);
  assertAlmostEquals(sum, positions.reduce((total, p) => total + p, 0), 1e-12);
  assert(buckets.every(({ long, short }) => long >= 0 && short <= 0));
});

Deno.test("returnDistribution() counts every bar once and matches the normal curve's area", () => {
  const returns = returnsOf(2000, 8).map((r, t) => t % 4 === 0 ? 0 : r);
  const { bins, bars, idle, mean, worst, valueAtRisk, expectedShortfall } = returnDistribution(returns);
  assertEquals([bars, idle], [1500, 500]);
  assertEquals(bins.reduce((sum, { count }) => sum + count, 0), bars);
  assertAlmostEquals(bins.reduce((sum, { normal }) => sum + normal, 0), bars, 1e-9);
  assertAlmostEquals(mean!, returns.reduce((sum, r) => sum + r, 0) / bars, 1e-12);
  const sorted = returns.filter((r) => r !== 0).sort();
  assertEquals([worst, valueAtRisk], [sorted[0], sorted[74]]);
  assertAlmostEquals(expectedShortfall!, sorted.slice(0, 75).reduce((sum, r) => sum + r, 0) / 75, 1e-12);
});

Deno.test("returnDistribution() has no bins without two different returns", () => {
  for (const returns of [[], [0, 0], [0.1], [0.1, 0.1]]) {
    assertEquals(returnDistribution(Float64Array.from(returns)).bins, []);
  }
});

Deno.test("returnDistribution() keeps a handful of returns with most of them alike in bins that add up", () => {
  const { bins, bars } = returnDistribution(Float64Array.of(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, -0.2));
  assertEquals([bars, bins.reduce((sum, { count }) => sum + count, 0)], [7, 7]);
});

Deno.test("regimeReturns() give each bar to the regime of the decision before it", () => {
  const regimes = [null, "bull", "bull", "bear", "bull"] as const;
  const rows = regimeReturns(regimes, {
    netReturns: Float64Array.of(0.5, 0.1, 0.2, -0.1),
    periodsPerYear: 252,
    riskFreeRate: 0,
  });
  assertEquals(rows.map(({ regime, bars }) => [regime, bars]), [["bull", 2], ["bear", 1], [null, 1]]);
  assertAlmostEquals(rows[0].totalReturn, 1.1 * 1.2 - 1, 1e-12);
  assertEquals(rows[1].sharpe, null);
});
