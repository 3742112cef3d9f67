// How far out a block bootstrap's quantiles are taken, and what that makes an interval cover.
import { assert, assertAlmostEquals } from "@std/assert";
import { random } from "../../lib/net/random.ts";
import { expandedTail } from "../../lib/statistics/expanded_tail.ts";
import { sharpeInterval } from "../../lib/statistics/sharpe_interval.ts";

Deno.test("expandedTail() is the nominal tail of many bars, and further out with fewer or longer blocks", () => {
  assertAlmostEquals(expandedTail(0.95, 1e7, 1), 0.025, 1e-5);
  const tails = [[1000, 1], [250, 1], [250, 7], [250, 30]].map(([bars, block]) => expandedTail(0.95, bars, block));
  tails.forEach((tail, i) => assert(tail < (tails[i - 1] ?? 0.025) && tail > 0, `${tails}`));
  // By hand for 250 bars in blocks of 7: t of 38.2 degrees of freedom is 2.024, over √(1 − 13/250).
  assertAlmostEquals(tails[2], 0.0188, 2e-4);
  assert(expandedTail(0.95, 2, 2) > 0);
});

Deno.test("sharpeInterval() of noise lies above zero about as often as it says", () => {
  const runs = 1500;
  let above = 0;
  for (let seed = 0; seed < runs; seed++) {
    const stream = random(9000 + seed);
    const returns = Float64Array.from({ length: 150 }, () => 0.01 * stream.normal());
    if (sharpeInterval(returns, { periodsPerYear: 252, resamples: 400, seed }).low! > 0) above++;
  }
  const error = 2.576 * Math.sqrt(0.025 * 0.975 * runs);
  assert(Math.abs(above - 0.025 * runs) <= error, `${above} of ${runs}`);
});
