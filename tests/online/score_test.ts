import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { random } from "../../lib/net/random.ts";
import {
  calibration,
  EMPTY_SCORE,
  errorDeviation,
  forecastIntervals,
  type OnlineScore,
  scored,
} from "../../lib/online/score.ts";
import { after, smallLearner } from "./fixtures.ts";
import { jumpStream } from "./jump_stream.ts";

/** A score after one more label, 0 expected within intervals as they are made now. */
function judged(score: OnlineScore, error: number, at: { unit: number; spread?: number; scale?: number }): OnlineScore {
  const { unit, spread = 0, scale = 1 } = at;
  return scored(score, { value: 0, spread, unit, radii: forecastIntervals(score, unit).radii, scale }, error);
}

Deno.test("calibration() of forecasts that know their deviation is nominal", () => {
  const stream = random(1);
  let score = EMPTY_SCORE;
  for (let i = 0; i < 4000; i++) {
    const deviation = 0.01 * (1 + stream.uniform());
    score = judged(score, deviation * stream.normal(), { unit: deviation, scale: 0.01 });
  }
  for (const { level, share, tolerance } of calibration(score)) assertLess(Math.abs(share! - level), 1.5 * tolerance!);
});

Deno.test("calibration() pools markets and knows nothing before the first label", () => {
  const [hit, miss] = [0.1, 9].map((error) => judged(EMPTY_SCORE, error, { unit: 1, scale: 2 }));
  assertEquals(calibration([hit, miss]).map(({ share }) => share), [0.5, 0.5, 0.5]);
  assertEquals(calibration(EMPTY_SCORE).map(({ share }) => share), [null, null, null]);
  assertAlmostEquals(miss.lossSum, (9 / 2) ** 2, 1e-12);
});

Deno.test("errorDeviation() is spread and noise: errors beyond the spread they were made with", () => {
  assertAlmostEquals(errorDeviation(EMPTY_SCORE, 3, 4), 5, 1e-12);
  let score = EMPTY_SCORE;
  for (let i = 0; i < 60; i++) score = judged(score, 5, { unit: 1, spread: 3 });
  assertAlmostEquals(errorDeviation(score, 3, 100), 5, 1e-12);
  assertAlmostEquals(errorDeviation(score, 0, 100), 4, 1e-12);
  assertEquals(score.recent.length, 50);
});

Deno.test("a label that is not finite is not judged", () => {
  assertEquals(judged(EMPTY_SCORE, Infinity, { unit: 1 }), EMPTY_SCORE);
});

Deno.test("intervals hold where errors are three times what is expected of them, and the deviation says so", () => {
  const stream = random(2);
  let score = EMPTY_SCORE;
  assertAlmostEquals(forecastIntervals(score, 0.01).deviation, 0.01, 1e-15);
  for (let i = 0; i < 4000; i++) score = judged(score, 0.03 * stream.normal(), { unit: 0.01 });
  for (const { level, share, bound } of calibration(score)) {
    assertLess(Math.abs(share! - level), 0.03, `${level}: ${share}`);
    assert(Math.abs(share! - level) <= bound!);
  }
  assertAlmostEquals(forecastIntervals(score, 0.01).deviation, 0.03, 0.006);
});

Deno.test("calibration() allows more where labels come later", () => {
  const score = judged(EMPTY_SCORE, 1, { unit: 1 });
  let many = score;
  for (let i = 0; i < 1000; i++) many = judged(many, i % 2, { unit: 1 });
  const [[one], [five]] = [calibration(many), calibration(many, 5)];
  assertAlmostEquals(one.bound!, (0.5 + 0.005) / (1001 * 0.005), 1e-12);
  assertAlmostEquals(five.bound!, (0.5 + 5 * 0.005) / (1001 * 0.005), 1e-12);
});

Deno.test("an ensemble's intervals cover a normal market about as often as they say", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const { markets: [{ score }] } = await after(engine, smallLearner({ members: 8 }), jumpStream(1500, 4));
  assert(score.count > 1400);
  for (const { level, share } of calibration(score)) {
    assertLess(Math.abs(share! - level), 0.06, `${level}: ${share}`);
  }
});
