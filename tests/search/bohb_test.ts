// BOHB against Hyperband on a surface of six dimensions, and the density that it draws from.
import { assert, assertAlmostEquals, assertGreater, assertLess } from "@std/assert";
import { random } from "../../lib/net/random.ts";
import { bohb } from "../../lib/search/bohb.ts";
import { densityAt, drawNear, fitDensity, pointsOf } from "../../lib/search/density.ts";
import { hyperband } from "../../lib/search/hyperband.ts";
import { bestTrial, type FinishedTrial, nextTrials, type SearchMethod } from "../../lib/search/search_method.ts";
import { type Configuration, defineSpace } from "../../lib/search/space.ts";
import { drawConfiguration } from "../../lib/search/unit.ts";

const NAMES = ["a", "b", "c", "d", "e", "f"];
const SIX = defineSpace(Object.fromEntries(NAMES.map((name) => [name, { kind: "uniform", min: 0, max: 1 }])));

const WEIGHTS = [1.0, 1.2, 3.0, 3.2];
const SCALES = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const CENTRES = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/** Hartmann's six-dimensional function, least −3.32237; a small budget blurs its weights (Kandasamy et al. 2017, with [0, 1] → share). */
function hartmann(configuration: Configuration, share: number): number {
  const x = NAMES.map((name) => configuration[name] as number);
  return -WEIGHTS.reduce((sum, weight, i) => {
    const distance = SCALES[i].reduce((far, scale, j) => far + scale * (x[j] - CENTRES[i][j]) ** 2, 0);
    return sum + (weight - 0.1 * (1 - share)) * Math.exp(-distance);
  }, 0);
}

/** The best loss at the whole budget that a search finds. */
function found(method: SearchMethod, seed: number): number {
  const past: FinishedTrial[] = [];
  for (;;) {
    const trials = nextTrials(method, { space: SIX, seed, past });
    if (trials.length === 0) return bestTrial(past)!.loss!;
    past.push(...trials.map((trial) => ({ ...trial, loss: hartmann(trial.configuration, trial.budget / 27) })));
  }
}

Deno.test("bohb() beats hyperband() on a surface of six dimensions over 30 seeds", () => {
  const sizes = { maxBudget: 27, iterations: 4 };
  const gains = Array.from({ length: 30 }, (_, seed) => found(hyperband(sizes), seed) - found(bohb(sizes), seed));
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const deviation = Math.sqrt(gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (gains.length - 1));
  // Student's t of the paired differences: 2.76 is 1% of both sides at 29 degrees of freedom.
  assertGreater(mean / (deviation / Math.sqrt(gains.length)), 2.76);
  assertGreater(gains.filter((gain) => gain > 0).length, 20);
});

const MIXED = defineSpace({
  rule: { kind: "choice", values: ["sgd", "momentum", "adam"] },
  x: { kind: "uniform", min: 0, max: 1 },
  mu: { kind: "uniform", min: 0, max: 1, when: { rule: ["momentum"] } },
});

Deno.test("fitDensity() makes a density: it integrates to 1 over numbers and sums to 1 over choices", () => {
  const configurations = Array.from({ length: 12 }, (_, seed) => drawConfiguration(MIXED, random(seed)));
  const density = fitDensity(MIXED, pointsOf(MIXED, configurations, random(1)));
  const cells = 60;
  let sum = 0;
  for (let rule = 0; rule < 3; rule++) {
    for (let i = 0; i < cells; i++) {
      for (let j = 0; j < cells; j++) {
        sum += densityAt(density, [(rule + 0.5) / 3, (i + 0.5) / cells, (j + 0.5) / cells]) / cells ** 2;
      }
    }
  }
  assertAlmostEquals(sum, 1, 1e-3);
});

Deno.test("drawNear() draws where the density is high, within the unit interval", () => {
  const configurations = [0.2, 0.21, 0.22, 0.19].map((x) => ({ rule: "adam", x }));
  const density = fitDensity(MIXED, pointsOf(MIXED, configurations, random(1)));
  const stream = random(2);
  const draws = Array.from({ length: 500 }, () => drawNear(density, stream, 1));
  assert(draws.flat().every((position) => position >= 0 && position <= 1));
  const mean = draws.reduce((sum, [, x]) => sum + x, 0) / draws.length;
  assertAlmostEquals(mean, 0.205, 0.01);
  assertGreater(draws.filter(([rule]) => rule > 2 / 3).length, 450);
});

Deno.test("pointsOf() fills in what is not there from points that have it, and else at random", () => {
  const having: Configuration[] = [{ rule: "momentum", x: 0.5, mu: 0.25 }, { rule: "sgd", x: 0.5 }];
  assertAlmostEquals(pointsOf(MIXED, having, random(1))[1][2], 0.25);
  const lacking = Array.from({ length: 50 }, () => ({ rule: "sgd", x: 0.5 }));
  const filled = pointsOf(MIXED, lacking, random(1)).map(([, , mu]) => mu);
  assertLess(Math.min(...filled), 0.2);
  assertGreater(Math.max(...filled), 0.8);
});
