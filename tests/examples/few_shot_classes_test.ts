import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { baselines, forecastsBy, learn, LEARNERS } from "../../examples/few_shot_classes/forecasters.ts";
import { held, scoreClasses, softmax } from "../../examples/few_shot_classes/score.ts";
import { type ClassMarkets, directionProblem, regimeProblem } from "../../examples/few_shot_classes/tasks.ts";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { cutCandles } from "../../lib/data/listings.ts";
import { labelRegimes, regimeAt, REGIMES } from "../../lib/features/regimes.ts";
import { simulateMarket } from "../../lib/features/simulate_market.ts";
import { testWith } from "../permissions.ts";
import { inTempFolder, runExample } from "./run.ts";

const test = testWith("read", "write", "run", "env");
const SIZES = { tasks: 4, tests: 60 };

function markets(options: object): ClassMarkets {
  const made = [1, 2, 3, 4].map((seed) =>
    simulateMarket({ bars: 900, seed, symbol: `M${seed}`, interval: "1d", ...options }).candles
  );
  return { train: made.slice(0, 3), test: made.slice(3), from: made[0].time[500] };
}

test("few_shot_classes judges every learner beside what the support allows, the same for a seed", async () => {
  await inTempFolder(async (folder) => {
    const args = ["--steps", "2", "--seeds", "1", "--tests", "5", "--backend", "cpu"];
    const { code, stdout, stderr } = await runExample("few_shot_classes", args, folder);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^regime 5 bars ahead, 5 tasks of NASDAQ from 2010-10-01; learned from SP500, .* before it:$/m);
    const names = [
      "majority\\)",
      "shares of the support",
      "as it is now",
      "nearest centroid",
      "multinomial regression",
      ...Object.keys(LEARNERS),
    ];
    for (const name of names) {
      assertEquals(stdout.match(RegExp(`${name} +\\d\\.\\d{3} +\\d\\.\\d{3} +\\d\\.\\d{3}$`, "mg"))?.length, 2, name);
    }
    const wrong = await runExample("few_shot_classes", ["--unseen", "X"], folder);
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, "--csv, --unseen and --from go together");
  });
});

Deno.test("scoreClasses() counts what is likeliest, surprise and calibration by hand", () => {
  const forecasts = [
    { probabilities: [0.75, 0.25], came: 0 },
    { probabilities: [0.75, 0.25], came: 1 },
    { probabilities: [0.1, 0.9], came: 1 },
  ];
  const { accuracy, logLoss, calibrationError } = scoreClasses(forecasts);
  const [sure, rest, surest] = held([0.75, 0.25]).concat(held([0.1, 0.9])[1]);
  assertEquals(accuracy, 2 / 3);
  assertAlmostEquals(logLoss, -(Math.log(sure) + Math.log(rest) + Math.log(surest)) / 3, 1e-12);
  assertAlmostEquals(calibrationError, (Math.abs(2 * sure - 1) + Math.abs(surest - 1)) / 3, 1e-12);
  assertAlmostEquals(held([0, 1])[0], 0.01, 1e-15);
  assertAlmostEquals(softmax([1e9, 1e9, -1e9])[0], 0.5, 1e-15);
});

Deno.test("a row's class is the regime five bars later, as it was labelled then, whatever came after", () => {
  const split = markets({ regimes: { factor: 3, leave: 0.02 } });
  const [candles] = split.test;
  const problem = regimeProblem(split, SIZES);
  assertEquals(problem.classes, [...REGIMES]);
  // The same labels when the market ends with the bar that is labelled: point in time.
  const labels = labelRegimes(candles);
  for (const bars of [7, 100, 301]) {
    const shorter = cutCandles(candles, 0, candles.time.length - bars);
    const last = shorter.time[shorter.time.length - 1];
    assertEquals(regimeAt(labelRegimes(shorter), last), regimeAt(labels, last));
  }
  for (const { now, query, market } of problem.tests) {
    assertEquals(market, "M4");
    assertEquals(now.length, query.rows);
    assert(now.every((one) => one >= 0 && one < REGIMES.length));
  }
  // What rows of a task are in five bars is what they are now five rows on.
  for (const { now, query: { rows, y } } of problem.tests.slice(0, 10)) {
    const came = Array.from({ length: rows }, (_, r) => y.subarray(r * 5, (r + 1) * 5).indexOf(1));
    assertEquals(came.slice(0, rows - 5), now.slice(5));
  }
});

Deno.test("query rows of a class that the support lacks teach nothing", () => {
  const problem = regimeProblem(markets({ regimes: { factor: 3, leave: 0.02 } }), SIZES);
  let unseen = 0;
  for (const batch of problem.batches(1)) {
    for (const { support, query } of batch) {
      const known = [0, 1, 2, 3, 4].filter((k) => support.y.some((value, i) => i % 5 === k && value === 1));
      if (!query.weights) continue;
      for (let r = 0; r < query.rows; r++) {
        const came = query.y.subarray(r * 5, (r + 1) * 5).indexOf(1);
        assertEquals(query.weights[r], known.includes(came) ? 1 : 0);
        if (!known.includes(came)) unseen++;
      }
    }
    if (unseen > 20) break;
  }
  assertGreater(unseen, 20);
});

Deno.test("learners find a direction that goes back, and none on a random walk", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const gain = async (options: object, name: string): Promise<number> => {
    const problem = directionProblem(markets(options), SIZES);
    const start = LEARNERS[name](problem, { seed: 1, steps: 150 });
    const state = await learn(engine, start, { problem, steps: 150, seed: 1 });
    const shares = (await baselines(engine, problem))["shares of all markets (majority)"];
    return scoreClasses(shares).logLoss - scoreClasses(await forecastsBy(engine, state, problem.tests)).logLoss;
  };
  for (const name of ["prototypical", "in context"]) {
    const [back, walk] = [await gain({ meanReversion: 0.5 }, name), await gain({}, name)];
    assertGreater(back, 0.1, name);
    // The tasks are of one market and overlap: chance alone gives a hundredth or two.
    assertLess(walk, 0.03, name);
  }
});
