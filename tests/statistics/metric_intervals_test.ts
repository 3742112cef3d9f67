import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { metrics } from "../../lib/statistics/metrics.ts";
import { sharpeInterval } from "../../lib/statistics/sharpe_interval.ts";
import { metricIntervals, type MetricName } from "../../lib/statistics/metric_intervals.ts";
import { stationaryBlock, stationaryIndices } from "../../lib/statistics/stationary_bootstrap.ts";
import { random } from "../../lib/net/random.ts";

function noise(bars: number, seed: number, mean = 0): Float64Array {
  const stream = random(seed);
  return Float64Array.from({ length: bars }, () => mean + 0.01 * stream.normal());
}

/** x_t = φ x_{t−1} + e_t. */
function autoregressive(bars: number, seed: number, phi: number): Float64Array {
  const stream = random(seed);
  let value = 0;
  return Float64Array.from({ length: bars }, () => value = phi * value + stream.normal());
}

Deno.test("metricIntervals() bounds every figure of metrics(), around its value for figures that are means", () => {
  const returns = noise(400, 1, 0.0003);
  const positions = Float64Array.from(returns, (_, t) => Math.sign(Math.sin(t / 9)));
  const options = { periodsPerYear: 252, positions, resamples: 300, seed: 2 };
  const { reasons, ...figures } = metrics(returns, options);
  const found = metricIntervals(returns, options);
  assertEquals([reasons, found.reasons, found.level, found.block], [{}, {}, 0.95, 8]);
  for (const [name, value] of Object.entries(figures)) {
    const { low, high } = found[name as MetricName]!;
    assert(low <= high, name);
    if (name !== "maxDrawdown") assert(low <= value! && value! <= high, `${name}: ${value} not in ${low} to ${high}`);
  }
  assertLess(found.maxDrawdown!.high, 0);
});

Deno.test("metricIntervals() agrees with sharpeInterval() on the Sharpe ratio", () => {
  const returns = noise(300, 4);
  const options = { periodsPerYear: 8760, resamples: 200, seed: 9, level: 0.9 };
  const { low, high } = sharpeInterval(returns, options);
  assertEquals(metricIntervals(returns, options).sharpe, { low: low!, high: high! });
});

Deno.test("metricIntervals() holds the true figures about as often as it says", () => {
  const held = { sharpe: 0, winRate: 0, annualizedVolatility: 0 };
  const truths = { sharpe: 0.05 * Math.sqrt(252), winRate: 0.5199388, annualizedVolatility: 0.01 * Math.sqrt(252) };
  for (let seed = 0; seed < 100; seed++) {
    const found = metricIntervals(noise(250, seed, 0.0005), { periodsPerYear: 252, resamples: 200, seed });
    for (const name of ["sharpe", "winRate", "annualizedVolatility"] as const) {
      const { low, high } = found[name]!;
      if (low <= truths[name] && truths[name] <= high) held[name]++;
    }
  }
  for (const [name, count] of Object.entries(held)) assert(count >= 86 && count <= 99, `${name} held ${count} of 100`);
});

Deno.test("metricIntervals() widens where bars depend on each other, and blocks are as long", () => {
  const trending = autoregressive(2000, 5, 0.8).map((r) => 0.001 * r);
  const width = (block: number): number => {
    const { low, high } = metricIntervals(trending, { periodsPerYear: 252, resamples: 200, block }).sharpe!;
    return high - low;
  };
  // The mean's variance is (1 + φ)/(1 − φ) = 9 times that of independent bars.
  assertLess(2 * width(1), width(40));
});

Deno.test("metricIntervals() takes a join of two blocks for no trade", () => {
  const returns = noise(200, 6);
  const positions = new Float64Array(200).fill(-1, 0, 100).fill(1, 100);
  const found = metricIntervals(returns, {
    periodsPerYear: 200,
    positions,
    startPosition: -1,
    resamples: 100,
    block: 1,
  });
  assertEquals(metrics(returns, { periodsPerYear: 200, positions, startPosition: -1 }).trades, 1);
  assert(found.trades!.high <= 5, `${found.trades!.high} trades`);
  assertEquals(found.exposure, { low: 1, high: 1 });
  assertEquals(found.turnover!.high, 2 * found.trades!.high);
});

Deno.test("metricIntervals() is null with a reason where a figure is undefined, here or in many resamples", () => {
  const empty = metricIntervals(new Float64Array(0), { periodsPerYear: 252 });
  const flat = metricIntervals(new Float64Array(5), { periodsPerYear: 252 });
  assertEquals([empty.totalReturn, empty.reasons.totalReturn], [null, "no bar"]);
  assertEquals([flat.sharpe, flat.reasons.sharpe], [null, "returns do not vary"]);
  assertEquals([flat.turnover, flat.reasons.turnover], [null, "no positions given"]);
  const oneLoss = Float64Array.from({ length: 20 }, (_, t) => t === 7 ? -0.01 : 0.01);
  const rare = metricIntervals(oneLoss, { periodsPerYear: 252, block: 1 });
  assertEquals(rare.profitFactor, null);
  assertStringIncludes(rare.reasons.profitFactor, "of 1000 resamples");
});

Deno.test("metricIntervals() is an ordered interval or null with a reason, whatever the returns, and changes none", () => {
  const returns = fc.array(fc.double({ min: -0.9, max: 2, noNaN: true }), { maxLength: 20 });
  fc.assert(
    fc.property(returns, fc.integer({ min: 1, max: 5 }), (values, block) => {
      const series = Float64Array.from(values);
      const { reasons, level: _, block: __, ...intervals } = metricIntervals(series, {
        periodsPerYear: 252,
        positions: series,
        resamples: 100,
        block,
      });
      assertEquals([...series], values);
      for (const [name, interval] of Object.entries(intervals)) {
        assertEquals(interval === null, name in reasons, name);
        assert(interval === null || interval.low <= interval.high, name);
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("metricIntervals() refuses options out of range", () => {
  const bound = (options: object) => () => metricIntervals(noise(10, 1), { periodsPerYear: 252, ...options });
  assertThrows(bound({ level: 1 }), RangeError, "level");
  assertThrows(bound({ resamples: 99 }), RangeError, "resamples");
  assertThrows(bound({ block: 0.5 }), RangeError, "block");
  assertThrows(bound({ periodsPerYear: 0 }), RangeError, "periodsPerYear");
  assertThrows(bound({ positions: new Float64Array(3) }), TypeError, "positions");
});

Deno.test("stationaryIndices() draws each bar equally often, in runs of the mean length asked for", () => {
  const [bars, block, draws] = [50, 5, 4000];
  const stream = random(8);
  const counts = new Float64Array(bars);
  let joins = 0;
  for (let i = 0; i < draws; i++) {
    const indices = stationaryIndices(stream, bars, { block });
    indices.forEach((at, t) => {
      counts[at]++;
      if (t > 0 && at !== (indices[t - 1] + 1) % bars) joins++;
    });
  }
  // A fresh start follows its predecessor by chance once in 50 times.
  assertAlmostEquals(joins / (draws * (bars - 1)), (1 / block) * (1 - 1 / bars), 0.003);
  for (const count of counts) assertAlmostEquals(count / draws, 1, 0.12);
});

Deno.test("stationaryBlock() nears the best length of an autoregression, (2φ/(1 − φ²))^⅔ n^⅓", () => {
  for (const phi of [0.3, 0.6]) {
    const bars = 20_000;
    const best = Math.cbrt((2 * phi / (1 - phi * phi)) ** 2 * bars);
    const chosen = [1, 2, 3].map((seed) => stationaryBlock(autoregressive(bars, seed, phi)));
    const mean = chosen.reduce((a, b) => a + b) / 3;
    assert(mean > 0.75 * best && mean < 1.25 * best, `φ = ${phi}: ${mean} against ${best}`);
  }
});

Deno.test("stationaryBlock() is short for noise, 1 for a constant, and within its bounds for any series", () => {
  assertLess(stationaryBlock(noise(1000, 3)), 6);
  assertEquals([stationaryBlock(new Float64Array(100).fill(0.1)), stationaryBlock(new Float64Array(3))], [1, 1]);
  const trend = Float64Array.from({ length: 300 }, (_, t) => t);
  assert(stationaryBlock(trend) <= 3 * Math.sqrt(300));
  fc.assert(fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 60 }), (values) => {
    const block = stationaryBlock(Float64Array.from(values));
    assert(block >= 1 && block <= Math.max(1, values.length / 3), String(block));
  }));
  assertThrows(() => stationaryBlock(Float64Array.of(NaN)), TypeError, "block length");
});
