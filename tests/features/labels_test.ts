import fc from "fast-check";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { forwardReturns } from "../../lib/features/labels.ts";
import { firstBars, randomWalk } from "./markets.ts";

Deno.test("forwardReturns() pairs each bar with its own future and the time it became known", () => {
  const candles = randomWalk(50, 1);
  const labels = forwardReturns(candles, 3);
  assertEquals(labels.time.length, 47);
  for (let i = 0; i < 47; i++) {
    assertAlmostEquals(labels.values[i], candles.close[i + 3] / candles.close[i] - 1, 1e-15);
    assertEquals(labels.time[i], candles.time[i]);
    assertEquals(labels.knownAt[i], candles.time[i + 3]);
  }
});

Deno.test("forwardReturns() of a prefix are those already known (trap 2)", () => {
  const whole = randomWalk(80, 2);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 80 }), (horizon, bars) => {
      const labels = forwardReturns(whole, horizon);
      const prefix = forwardReturns(firstBars(whole, bars), horizon);
      const known = labels.knownAt.filter((time) => time <= whole.time[bars - 1]).length;
      assertEquals(prefix.values, labels.values.slice(0, known));
      assertEquals(prefix.knownAt, labels.knownAt.slice(0, known));
    }),
    { seed: 3 },
  );
});

Deno.test("forwardReturns() throws on a bad horizon and on a file no longer than it", () => {
  assertThrows(() => forwardReturns(randomWalk(9, 1), 0), RangeError, "horizon");
  assertThrows(() => forwardReturns(randomWalk(9, 1), 1.5), RangeError, "horizon");
  assertThrows(() => forwardReturns(randomWalk(5, 1, "TINY"), 5), DataError, "TINY: needs more than 5 bars");
  assertEquals(forwardReturns(randomWalk(6, 1), 5).values.length, 1);
});

Deno.test("forwardReturns() leaves its input unchanged", () => {
  const candles = randomWalk(20, 3);
  forwardReturns(candles, 2);
  assertEquals(candles, randomWalk(20, 3));
});
