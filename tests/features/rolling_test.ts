import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { exponentialMean, percentChange, rollingMean, rollingStd } from "../../lib/features/mod.ts";
import { randomWalk } from "./markets.ts";

const HELPERS = { percentChange, rollingMean, rollingStd, exponentialMean } as const;

Deno.test("rolling helpers are the sums that define them", () => {
  const { close } = randomWalk(60, 3);
  const [t, w] = [41, 7];
  const window = Array.from(close.subarray(t - w + 1, t + 1));
  const mean = window.reduce((sum, value) => sum + value, 0) / w;
  assertAlmostEquals(percentChange(close, w)[t], (close[t] - close[t - w]) / close[t - w], 1e-14);
  assertAlmostEquals(rollingMean(close, w)[t], mean, 1e-12);
  assertAlmostEquals(
    rollingStd(close, w)[t] ** 2,
    window.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (w - 1),
    1e-12,
  );
  const weights = Array.from({ length: t + 1 }, (_, i) => (1 - 2 / (w + 1)) ** (t - i));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const weighted = weights.reduce((sum, weight, i) => sum + weight * close[i], 0) / total;
  assertAlmostEquals(exponentialMean(close, w)[t], weighted, 1e-10);
});

for (const [name, helper] of Object.entries(HELPERS)) {
  Deno.test(`${name}() of a prefix is the prefix of the whole, bitwise, and its input stays as it was`, () => {
    const { close } = randomWalk(80, 9);
    const before = close.slice();
    const whole = helper(close, 5);
    assertEquals(helper(close.subarray(0, 50), 5), whole.subarray(0, 50));
    assertEquals(close, before);
  });

  Deno.test(`${name}() throws on a length out of range`, () => {
    const least = name === "rollingStd" ? 2 : 1;
    const values = Float64Array.of(1, 2, 3);
    for (const bad of [least - 1, NaN, Infinity, ...(name === "exponentialMean" ? [] : [2.5])]) {
      assertThrows(() => helper(values, bad), RangeError, `at least ${least}, got ${bad}`);
    }
  });
}
