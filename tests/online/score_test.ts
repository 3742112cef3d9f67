import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { random } from "../../lib/net/random.ts";
import { calibration, EMPTY_SCORE, errorDeviation, scored } from "../../lib/online/score.ts";
import { after, smallLearner } from "./fixtures.ts";
import { jumpStream } from "./jump_stream.ts";

Deno.test("calibration() of forecasts that know their deviation is nominal", () => {
  const stream = random(1);
  let score = EMPTY_SCORE;
  for (let i = 0; i < 4000; i++) {
    const deviation = 0.01 * (1 + stream.uniform());
    const forecast = { value: 0.001, spread: 0, deviation, scale: 0.01 };
    score = scored(score, forecast, 0.001 + deviation * stream.normal());
  }
  for (const { level, share, tolerance } of calibration(score)) assertLess(Math.abs(share! - level), 1.5 * tolerance!);
});

Deno.test("calibration() pools markets and knows nothing before the first label", () => {
  const forecast = { value: 0, spread: 0, deviation: 1, scale: 2 };
  const [hit, miss] = [scored(EMPTY_SCORE, forecast, 0.1), scored(EMPTY_SCORE, forecast, 9)];
  assertEquals(calibration([hit, miss]).map(({ share }) => share), [0.5, 0.5, 0.5]);
  assertEquals(calibration(EMPTY_SCORE).map(({ share }) => share), [null, null, null]);
  assertAlmostEquals(miss.lossSum, (9 / 2) ** 2, 1e-12);
});

Deno.test("errorDeviation() is spread and noise: errors beyond the spread they were made with", () => {
  assertAlmostEquals(errorDeviation(EMPTY_SCORE, 3, 4), 5, 1e-12);
  let score = EMPTY_SCORE;
  for (let i = 0; i < 60; i++) score = scored(score, { value: 5, spread: 3, deviation: 1, scale: 1 }, 0);
  assertAlmostEquals(errorDeviation(score, 3, 100), 5, 1e-12);
  assertAlmostEquals(errorDeviation(score, 0, 100), 4, 1e-12);
  assertEquals(score.recent.length, 50);
});

Deno.test("a label that is not finite is not judged", () => {
  assertEquals(scored(EMPTY_SCORE, { value: 0, spread: 0, deviation: 1, scale: 1 }, Infinity), EMPTY_SCORE);
});

Deno.test("an ensemble's intervals cover a normal market about as often as they say", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const { markets: [{ score }] } = await after(engine, smallLearner({ members: 8 }), jumpStream(1500, 4));
  assert(score.count > 1400);
  for (const { level, share } of calibration(score)) {
    assertLess(Math.abs(share! - level), 0.06, `${level}: ${share}`);
  }
});
