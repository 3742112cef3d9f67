import { assertEquals, assertThrows } from "@std/assert";
import { random } from "../../lib/net/random.ts";
import { compareLosses, comparePooledLosses } from "../../lib/statistics/mod.ts";

const stream = random(3);
const draw = (rows: number): Float64Array => Float64Array.from({ length: rows }, () => stream.uniform());
const [time, mine, other] = [Float64Array.from({ length: 150 }, (_, i) => i), draw(150), draw(150)];

Deno.test("comparePooledLosses() of one market is compareLosses() with Bartlett weights over the overlap, at least Newey and West's", () => {
  for (const [overlap, horizon] of [[1, 5], [5, 5], [9.2, 10]]) {
    const expected = compareLosses(mine, other, { horizon, weights: "bartlett" });
    assertEquals(comparePooledLosses(time, mine, other, { overlap }), expected);
  }
});

Deno.test("comparePooledLosses() counts markets that lose alike once, and does not mind the order of rows", () => {
  const twice = (values: Float64Array): Float64Array => Float64Array.from([...values, ...values]);
  const one = comparePooledLosses(time, mine, other);
  const both = comparePooledLosses(twice(time), twice(mine), twice(other));
  assertEquals([both.statistic, both.rows], [one.statistic, 150]);
  const reversed = [time, mine, other].map((values) => values.toReversed());
  assertEquals(comparePooledLosses(reversed[0], reversed[1], reversed[2]), one);
});

Deno.test("comparePooledLosses() averages over the markets that a time has", () => {
  const at = Float64Array.of(0, 0, 1, 2, 2, 3, 4, 5, 6, 7);
  const losses = Float64Array.of(1, 3, 2, 4, 0, 1, 5, 2, 1, 3);
  const zeros = new Float64Array(10);
  const means = Float64Array.of(2, 2, 2, 1, 5, 2, 1, 3);
  const horizon = Math.ceil(4 * 0.08 ** (2 / 9));
  const expected = compareLosses(means, new Float64Array(8), { horizon, weights: "bartlett" });
  assertEquals(comparePooledLosses(at, losses, zeros), expected);
});

Deno.test("comparePooledLosses() leaves its input as it was, and throws on what cannot be compared", () => {
  const before = [time, mine, other].map((values) => values.slice());
  comparePooledLosses(time, mine, other);
  assertEquals([time, mine, other], before);
  assertThrows(
    () => comparePooledLosses(time, mine.subarray(1), other),
    TypeError,
    "expected 150 losses, received 149",
  );
  assertThrows(() => comparePooledLosses(time, mine, other.with(2, NaN)), TypeError, "finite");
  assertThrows(() => comparePooledLosses(time, mine, other, { overlap: 0 }), RangeError, "overlap");
});
