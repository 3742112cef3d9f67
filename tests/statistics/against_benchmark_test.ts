// Benchmark statistics, tails and drawdowns, against empyrical 0.7 and by hand.
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { benchmarkStatistics } from "../../lib/statistics/benchmark.ts";
import { worstDrawdowns } from "../../lib/statistics/drawdowns.ts";
import { tailRisk } from "../../lib/statistics/tail_risk.ts";

const wave = (j: number) =>
  Float64Array.from(
    { length: 40 },
    (_, t) =>
      0.01 * Math.sin(1.7 * t * (j + 1) + j) + 0.008 * Math.sin(0.9 * t) * (j < 3 ? 1 : -0.4) +
      0.001 * j * Math.cos(t * t),
  );
const [strategy, market] = [wave(0), wave(4)];

Deno.test("benchmarkStatistics() agrees with empyrical where both define a figure alike", () => {
  const rate = 1.0001 ** 252 - 1;
  const found = benchmarkStatistics(strategy, market, { periodsPerYear: 252, riskFreeRate: rate });
  assertAlmostEquals(found.beta.value!, -0.13157447260628327, 1e-9);
  // empyrical compounds alpha: (1 + a)^252 − 1 for a mean of a.
  assertAlmostEquals((1 + found.alpha.value! / 252) ** 252 - 1, 0.13512441131754516, 1e-9);
  assertAlmostEquals(found.correlation.value!, -0.11000321413347221, 1e-9);
  assertAlmostEquals(found.informationRatio.value!, -0.42083532299295234, 1e-9);
});

Deno.test("benchmarkStatistics() by hand: capture is growth over the bars that the benchmark rose or fell", () => {
  const benchmark = Float64Array.of(0.1, -0.1, 0.2, 0);
  const returns = Float64Array.of(0.05, -0.2, 0.1, 0.5);
  const { upCapture, downCapture, trackingError } = benchmarkStatistics(returns, benchmark, { periodsPerYear: 4 });
  assertAlmostEquals(upCapture.value!, (Math.sqrt(1.05 * 1.1) - 1) / (Math.sqrt(1.1 * 1.2) - 1), 1e-12);
  assertAlmostEquals(downCapture.value!, 2, 1e-12);
  const differences = [-0.05, -0.1, -0.1, 0.5];
  const mean = 0.0625;
  const squares = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0);
  assertAlmostEquals(trackingError.value!, Math.sqrt(squares / 3) * 2, 1e-12);
});

Deno.test("benchmarkStatistics() is null with a reason where nothing is defined, and refuses other lengths", () => {
  const flat = new Float64Array(3);
  const still = benchmarkStatistics(Float64Array.of(0.1, 0, 0.2), flat, { periodsPerYear: 252 });
  assertEquals([still.beta.value, still.alpha.value, still.correlation.value], [null, null, null]);
  assertEquals(still.beta.reason, "the benchmark's returns do not vary");
  assertEquals(still.upCapture, { value: null, reason: "the benchmark never gained" });
  const same = benchmarkStatistics(strategy, strategy, { periodsPerYear: 252 });
  assertEquals(same.informationRatio.reason, "the difference of returns does not vary");
  assertAlmostEquals(same.beta.value!, 1, 1e-12);
  assertEquals(benchmarkStatistics(Float64Array.of(1), Float64Array.of(1), { periodsPerYear: 1 }).beta.value, null);
  const options = { periodsPerYear: 252 };
  assertThrows(() => benchmarkStatistics(strategy, flat, options), TypeError, "expected 40 returns of it, received 3");
  assertThrows(() => benchmarkStatistics(flat, flat, { ...options, riskFreeRate: -1 }), RangeError, "riskFreeRate");
});

Deno.test("tailRisk() agrees with empyrical", () => {
  const { expectedShortfall, omega, ulcerIndex, valueAtRisk } = tailRisk(strategy);
  assertAlmostEquals(valueAtRisk.value!, -0.01318086277638332, 1e-12);
  assertAlmostEquals(expectedShortfall.value!, -0.01351956195363167, 1e-12);
  assertAlmostEquals(omega.value!, 1.1478142544904835, 1e-9);
  assertAlmostEquals(tailRisk(strategy, { threshold: 0.001 }).omega.value!, 0.8757253323656276, 1e-9);
  assertAlmostEquals(ulcerIndex.value!, 0.014128615209686968, 1e-12);
});

Deno.test("tailRisk() takes as many bars as the tail has, and says why a figure is null", () => {
  const hundred = Float64Array.from({ length: 100 }, (_, i) => (i - 50) / 1000);
  const { valueAtRisk, expectedShortfall, tailRatio } = tailRisk(hundred);
  assertEquals([valueAtRisk.value, expectedShortfall.value], [-0.046, -0.048]);
  assertAlmostEquals(tailRatio.value!, 45 / 46, 1e-12);
  const rising = tailRisk(Float64Array.of(0.1, 0.2));
  assertEquals([rising.tailRatio.value, rising.omega.value], [null, null]);
  assertEquals(rising.omega.reason, "no bar fell short of the threshold");
  for (const figure of Object.values(tailRisk(new Float64Array(0)))) {
    assertEquals(figure, { value: null, reason: "no bar" });
  }
  for (const tail of [0, 0.5, NaN]) assertThrows(() => tailRisk(hundred, { tail }), RangeError, "tail");
  assertThrows(() => tailRisk(Float64Array.of(Infinity)), TypeError, "returns[0]");
});

Deno.test("worstDrawdowns() by hand: nested falls are one, the last may be open", () => {
  const equity = Float64Array.of(100, 90, 95, 80, 100, 120, 114, 120, 60, 90);
  const time = equity.map((_, i) => 10 * i);
  const before = equity.slice();
  assertEquals(worstDrawdowns(time, equity), [
    { from: 70, bottom: 80, recovered: null, depth: -0.5, barsDown: 1, barsUnder: 2 },
    { from: 0, bottom: 30, recovered: 40, depth: 80 / 100 - 1, barsDown: 3, barsUnder: 4 },
    { from: 50, bottom: 60, recovered: 70, depth: 114 / 120 - 1, barsDown: 1, barsUnder: 2 },
  ]);
  assertEquals(worstDrawdowns(time, equity, { most: 1 }).length, 1);
  assertEquals(worstDrawdowns(time, time.map((t) => t + 1)), []);
  assertEquals(equity, before);
  assertThrows(() => worstDrawdowns(time, equity, { most: 0 }), RangeError, "most");
  assertThrows(() => worstDrawdowns(time.slice(1), equity), TypeError, "expected 9 values");
});
