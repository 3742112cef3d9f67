import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { metrics } from "../../lib/statistics/metrics.ts";
import { sharpeInterval } from "../../lib/statistics/sharpe_interval.ts";
import { random } from "../../lib/net/random.ts";
import { hasShared, SHARED } from "../goldens.ts";

Deno.test({
  name: "metrics() agrees with the golden figures to 1e-9",
  ignore: !hasShared,
  fn: () => {
    const golden = JSON.parse(Deno.readTextFileSync(new URL("goldens/features_and_metrics.json", SHARED)));
    for (const { returns, periodsPerYear, expected } of golden.metrics) {
      const found = metrics(Float64Array.from(returns), { periodsPerYear });
      assertEquals(Object.keys(expected).length, 9);
      for (const [name, value] of Object.entries(expected)) {
        assertAlmostEquals(
          Number(found[name as "sharpe"]),
          value as number,
          1e-9 * Math.max(1, Math.abs(value as number)),
        );
      }
    }
  },
});

Deno.test("metrics() annualises by the periods given, not by 252 (trap 7)", () => {
  const returns = Float64Array.from({ length: 100 }, (_, i) => 0.001 * Math.sin(i * i));
  const [hourly, daily] = [8760, 252].map((periodsPerYear) => metrics(returns, { periodsPerYear }).sharpe!);
  assertAlmostEquals(hourly / daily, Math.sqrt(8760 / 252), 1e-12);
  assertThrows(() => metrics(returns, { periodsPerYear: 0 }), RangeError, "periodsPerYear");
});

Deno.test("metrics() says why a figure is null", () => {
  const empty = metrics(new Float64Array(0), { periodsPerYear: 252, positions: new Float64Array(0) });
  for (const [name, value] of Object.entries(empty)) {
    if (name === "reasons") continue;
    assertEquals(value, null, name);
    assert(empty.reasons[name], name);
  }
  const flat = metrics(new Float64Array(5), { periodsPerYear: 252 });
  assertEquals([flat.sharpe, flat.sortino, flat.calmar, flat.profitFactor], [null, null, null, null]);
  assertEquals([flat.totalReturn, flat.maxDrawdown, flat.winRate, flat.flatBars], [0, 0, null, 5]);
  assertEquals(flat.reasons.winRate, "no bar gained or lost");
  assertEquals(flat.reasons.sharpe, "returns do not vary");
  const ruined = metrics(Float64Array.of(0.1, -1.5), { periodsPerYear: 252 });
  assertEquals([ruined.annualizedReturn, ruined.reasons.annualizedReturn], [null, "equity fell to 0 or below"]);
});

Deno.test("metrics() counts wins among the bars that gained or lost, and flat bars apart", () => {
  const { winRate, flatBars } = metrics(Float64Array.of(0.01, 0, -0.01, 0, 0, 0.02), { periodsPerYear: 252 });
  assertEquals([winRate, flatBars], [2 / 3, 3]);
});

Deno.test("metrics() compounds no short span to a year beyond reason, in gain or loss", () => {
  for (const r of [0.05, -0.05]) {
    const { annualizedReturn, calmar, reasons } = metrics(new Float64Array(3).fill(r), { periodsPerYear: 252 });
    assertEquals([annualizedReturn, calmar], [null, null]);
    assert(reasons.annualizedReturn.startsWith("3 bars are 1.2% of a year"), reasons.annualizedReturn);
    assertEquals(reasons.calmar, reasons.annualizedReturn);
  }
  // A year that was lived is not compounded, whatever it brought; nor is a modest quarter refused.
  const year = metrics(new Float64Array(252).fill(0.05), { periodsPerYear: 252 });
  assertAlmostEquals(year.annualizedReturn!, 1.05 ** 252 - 1, 1e-6);
  const quarter = metrics(new Float64Array(63).fill(0.001), { periodsPerYear: 252 });
  assertAlmostEquals(quarter.annualizedReturn!, 1.001 ** 252 - 1, 1e-12);
});

Deno.test("metrics() seeds the peak with the initial capital", () => {
  assertAlmostEquals(metrics(Float64Array.of(-0.1, 0.05), { periodsPerYear: 1 }).maxDrawdown!, -0.1, 1e-15);
});

Deno.test("metrics() counts position changes, turnover and exposure", () => {
  const found = metrics(new Float64Array(4), { periodsPerYear: 8, positions: Float64Array.of(1, 1, -1, 0) });
  assertEquals([found.trades, found.turnover, found.exposure], [3, 8, 0.75]);
  assertThrows(() => metrics(new Float64Array(4), { periodsPerYear: 8, positions: new Float64Array(3) }), TypeError);
  assertThrows(() => metrics(Float64Array.of(NaN), { periodsPerYear: 8 }), TypeError, "returns[0]");
});

Deno.test("metrics() is null or finite, whatever the returns", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: -0.9, max: 2, noNaN: true }), { maxLength: 30 }), (returns) => {
    const { reasons, ...figures } = metrics(Float64Array.from(returns), { periodsPerYear: 252 });
    for (const [name, value] of Object.entries(figures)) {
      assertEquals(value === null, name in reasons, name);
      assert(value === null || Number.isFinite(value), `${name} = ${value}`);
    }
  }));
});

Deno.test("sharpeInterval() holds the true ratio about as often as it says", () => {
  const truth = 0.05 * Math.sqrt(252);
  let held = 0;
  for (let seed = 0; seed < 100; seed++) {
    const stream = random(seed);
    const returns = Float64Array.from({ length: 250 }, () => 0.01 * (0.05 + stream.normal()));
    const { low, high } = sharpeInterval(returns, { periodsPerYear: 252, resamples: 200, seed });
    if (low! <= truth && truth <= high!) held++;
  }
  assert(held >= 88 && held <= 99, `held ${held} of 100`);
});

Deno.test("sharpeInterval() is seeded, and null where the ratio is undefined", () => {
  const returns = Float64Array.from({ length: 50 }, (_, i) => 0.01 * Math.sin(i * i));
  const options = { periodsPerYear: 252, seed: 3 };
  assertEquals(sharpeInterval(returns, options), sharpeInterval(returns, options));
  assertEquals(sharpeInterval(new Float64Array(9), options), { low: null, high: null, level: 0.95 });
});
