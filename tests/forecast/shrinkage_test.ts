import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { fitShrinkage } from "../../lib/forecast/shrinkage.ts";
import { random } from "../../mod.ts";

function rows(count: number, skill: number, seed: number, repeats = 1) {
  const stream = random(seed);
  const time = new Float64Array(count * repeats);
  const [added, rest] = [time.slice(), time.slice()];
  for (let t = 0; t < count; t++) {
    const [a, noise] = [stream.normal(), stream.normal()];
    for (let r = 0; r < repeats; r++) {
      time[t * repeats + r] = t;
      added[t * repeats + r] = a;
      rest[t * repeats + r] = skill * a + noise;
    }
  }
  return { time, added, rest };
}

Deno.test("fitShrinkage() is the least squares factor where skill is beyond doubt, within [0, 1]", () => {
  assertAlmostEquals(fitShrinkage(rows(20_000, 0.6, 1), 1), 0.6, 0.03);
  assertEquals(fitShrinkage(rows(5000, 3, 2), 1), 1);
  assertEquals(fitShrinkage(rows(5000, -0.5, 3), 1), 0);
  assertEquals(fitShrinkage({ time: Float64Array.of(1), added: Float64Array.of(0), rest: Float64Array.of(1) }, 1), 0);
});

Deno.test("fitShrinkage() takes luck for nothing: of 200 forecasts without skill few keep a factor", () => {
  let kept = 0;
  for (let seed = 1; seed <= 200; seed++) if (fitShrinkage(rows(400, 0, seed), 1) > 0) kept++;
  // Beyond +2 deviations lie 2.3% of draws: 4.6 of 200, and at most 13 with 99.9% probability.
  assert(kept <= 13, `${kept} of 200`);
});

Deno.test("fitShrinkage() counts the markets of one time once: the same row five times is no more evidence", () => {
  const once = fitShrinkage(rows(500, 0.15, 7), 1);
  assertAlmostEquals(fitShrinkage(rows(500, 0.15, 7, 5), 1), once, 1e-9);
});
