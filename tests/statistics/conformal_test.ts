import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { random } from "../../lib/net/random.ts";
import {
  type Conformal,
  conformalCoverage,
  conformalInit,
  conformalQuantile,
  conformalRadii,
  conformalUpdate,
} from "../../lib/statistics/conformal.ts";

function after(state: Conformal, scores: Iterable<number>): Conformal {
  for (const score of scores) state = conformalUpdate(state, score);
  return state;
}

Deno.test("conformalQuantile() covers a new exchangeable score within [1 − α, 1 − α + 1/(n + 1)]", () => {
  const stream = random(3);
  const [draws, n] = [20000, 99];
  let within = 0;
  for (let i = 0; i < draws; i++) {
    const scores = Float64Array.from({ length: n }, () => Math.abs(stream.normal()));
    if (Math.abs(stream.normal()) <= conformalQuantile(scores, 0.9)) within++;
  }
  const error = Math.sqrt(0.09 / draws);
  assertGreater(within / draws, 0.9 - 3 * error);
  assertLess(within / draws, 0.91 + 3 * error);
});

Deno.test("conformalQuantile() takes no rank too many to rounding, and is Infinity past the last", () => {
  // (9 + 1) · 0.7 is 7 exactly; in floats 1 − 0.7 is not 0.3.
  assertEquals(conformalQuantile([9, 8, 7, 6, 5, 4, 3, 2, 1], 0.7), 7);
  assertEquals(conformalQuantile([1], 0.6), Infinity);
  assertThrows(() => conformalQuantile([1], 1), RangeError, "coverage to be above 0 and below 1, received 1");
});

Deno.test("adaptive intervals keep the coverage bound on every sequence of scores, labels late or not", () => {
  const score = fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(0, 1e9));
  fc.assert(fc.property(
    fc.array(score, { minLength: 1, maxLength: 300, size: "max" }),
    fc.constantFrom(0.5, 0.8, 0.95),
    fc.constantFrom(0.01, 0.05, 0.3),
    fc.integer({ min: 1, max: 7 }),
    (scores, coverage, rate, delay) => {
      let state = conformalInit({ coverages: [coverage], rate, window: 40, start: [1] });
      const made: number[][] = [];
      for (let t = 0; t < scores.length; t++) {
        // What was forecast `delay` ago is known now, before this forecast is made.
        if (t >= delay) state = conformalUpdate(state, scores[t - delay], made[t - delay]);
        made.push(conformalRadii(state));
      }
      const [{ share, bound, count }] = conformalCoverage(state, delay);
      assertEquals(count, Math.max(0, scores.length - delay));
      if (share !== null) assert(Math.abs(share - coverage) <= bound! + 1e-12, `${share}, ${bound}`);
    },
  ));
});

Deno.test("adaptive intervals follow a jump of the scale that a fixed quantile misses", () => {
  const stream = random(5);
  const scores = Array.from({ length: 3000 }, (_, t) => Math.abs(stream.normal()) * (t < 1000 ? 1 : 5));
  const fixed = conformalQuantile(scores.slice(0, 1000), 0.9);
  const kept = scores.slice(1000).filter((score) => score <= fixed).length / 2000;
  assertLess(kept, 0.35);
  const before = after(conformalInit({ coverages: [0.9], rate: 0.02 }), scores.slice(0, 1000));
  const end = after(before, scores.slice(1000));
  const share = 1 - (end.misses[0] - before.misses[0]) / 2000;
  assertAlmostEquals(share, 0.9, 0.01);
});

Deno.test("a level that has missed too often covers everything, one that never missed nothing", () => {
  const options = { coverages: [0.5], rate: 0.3, start: [1] };
  assertEquals(conformalRadii(after(conformalInit(options), [1, 2, 3, 4].map((score) => 2 * score))), [Infinity]);
  assertEquals(conformalRadii(after(conformalInit(options), [1, 0, 0, 0])), [-Infinity]);
});

Deno.test("radii are those to begin with until the quantile of the nominal level is known", () => {
  let state = conformalInit({ coverages: [0.8], start: [7] });
  state = after(state, [1, 2, 3]);
  assertEquals(conformalRadii(state), [7]);
  assertEquals(conformalRadii(conformalUpdate(state, 4)), [4]);
});

Deno.test("conformalUpdate() forgets scores beyond the window, judges none that is not finite, and changes no input", () => {
  const state = after(conformalInit({ window: 3 }), [9, 1, 2]);
  const copy = structuredClone(state);
  assertEquals(conformalUpdate(state, 3).scores, [1, 2, 3]);
  assertEquals(conformalUpdate(state, NaN), state);
  assertEquals(state, copy);
  assertThrows(() => conformalUpdate(state, 1, [1, 2]), RangeError, "expected 1 radii, received 2");
});

Deno.test("radii of a window that has moved are those of its scores sorted anew, ties and longer windows included", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.nat({ max: 4 }), fc.double({ min: 0, max: 5, noNaN: true })), { maxLength: 60 }),
    fc.integer({ min: 1, max: 20 }),
    (scores, window) => {
      const options = { coverages: [0.5, 0.8], rate: 0.05, start: [1, 2] };
      let state = after(conformalInit({ ...options, window: 20 }), scores.slice(0, 20));
      state = { ...state, window };
      for (const score of scores.slice(20)) {
        state = conformalUpdate(state, score);
        assertEquals(conformalRadii(state), conformalRadii(JSON.parse(JSON.stringify(state))));
      }
    },
  ));
});

Deno.test("conformalInit() refuses what is out of range", () => {
  assertThrows(() => conformalInit({ coverages: [1] }), RangeError, "coverages[0]");
  assertThrows(() => conformalInit({ coverages: [] }), RangeError, "at least one coverage");
  assertThrows(() => conformalInit({ rate: 0 }), RangeError, "rate");
  assertThrows(() => conformalInit({ window: 0 }), RangeError, "window");
  assertThrows(() => conformalInit({ start: [1, 2] }), RangeError, "start to hold 1 numbers");
});
