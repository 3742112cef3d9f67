import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { random } from "../../lib/net/random.ts";
import {
  smoothPositions,
  type SmoothRiskData,
  type SmoothRiskSettings,
  smoothRiskValue,
} from "../../lib/trading/smooth_risk.ts";
import { type RiskEvaluator, riskObjective, tuneRisk } from "../../lib/trading/tune_risk.ts";
import { tuneSmoothRisk } from "../../lib/trading/tune_smooth_risk.ts";

const WINDOWS = [{ from: 0, to: 50 }, { from: 50, to: 100 }];
const RUN = { windows: WINDOWS, testFrom: 100 };

/** Forecasts that know `skill` of the return. */
function market(seed: number, skill: number, bars = 400): SmoothRiskData {
  const stream = random(seed);
  const volatility = Float64Array.from({ length: bars }, () => 0.01 * Math.exp(0.3 * stream.normal()));
  const forecasts = volatility.map((sigma) => 0.5 * sigma * stream.normal());
  const returns = forecasts.map((forecast, i) => skill * forecast + volatility[i] * stream.normal());
  return { time: forecasts.map((_, i) => i), forecasts, volatility, returns };
}

Deno.test("riskObjective() is mean less λ times variance, computed by hand", () => {
  assertAlmostEquals(riskObjective(Float64Array.of(0.03, -0.01), 2), 0.01 - 2 * 0.0004, 1e-17);
  assertEquals(riskObjective(new Float64Array(0), 1), 0);
  assertThrows(() => riskObjective(Float64Array.of(NaN), 1), TypeError, "finite");
});

Deno.test("tuneRisk() tries a small grid whole and finds its best, ties to the first tried", async () => {
  const evaluate: RiskEvaluator = ({ stop, threshold }, { from }) =>
    Float64Array.of(-((stop - 0.02) ** 2) - (threshold - 3) ** 2 + from);
  const space = { stop: [0.01, 0.02, 0.04], threshold: [1, 3] };
  const { settings, objective, trials, exhaustive } = await tuneRisk(evaluate, space, RUN);
  assertEquals([settings, exhaustive, trials.length], [{ stop: 0.02, threshold: 3 }, true, 6]);
  assertAlmostEquals(objective, 25, 1e-12);
  assertEquals(trials.slice(0, 3).map((trial) => Object.values(trial.settings)), [[0.01, 1], [0.01, 3], [0.02, 1]]);
  const { settings: tied } = await tuneRisk(() => Float64Array.of(1), { stop: [0.3, 0.1] }, RUN);
  assertEquals(tied.stop, 0.3);
});

Deno.test("tuneRisk() searches a large grid by coordinates within its trials, the same for the same seed", async () => {
  const values = Array.from({ length: 20 }, (_, i) => i);
  const space = { a: values, b: values, c: values };
  const evaluate: RiskEvaluator = ({ a, b, c }) =>
    Float64Array.of(-((a - 7) ** 2) - (b - 11) ** 2 - (c - 3) ** 2 + 0.1 * a * b);
  const found = await tuneRisk(evaluate, space, { ...RUN, maxTrials: 300 });
  let best = -Infinity;
  for (const a of values) for (const b of values) best = Math.max(best, -((a - 7) ** 2) - (b - 11) ** 2 + 0.1 * a * b);
  assertAlmostEquals(found.objective, best, 1e-12);
  assert(!found.exhaustive && found.trials.length <= 300);
  assertEquals(await tuneRisk(evaluate, space, { ...RUN, maxTrials: 300 }), found);
  assertEquals(new Set(found.trials.map(({ settings }) => Object.values(settings).join())).size, found.trials.length);
  assertEquals((await tuneRisk(evaluate, space, { ...RUN, maxTrials: 5 })).trials.length, 5);
});

Deno.test("tuneRisk() evaluates validation windows alone, and refuses one that reaches into the test", async () => {
  const seen: number[] = [];
  const evaluate: RiskEvaluator = (_, window) => {
    seen.push(window.to);
    return Promise.resolve(Float64Array.of(0));
  };
  await tuneRisk(evaluate, { stop: [1, 2] }, RUN);
  assertEquals(seen, [50, 100, 50, 100]);
  const reject = (over: object, message: string, space: Record<string, number[]> = { stop: [1] }) =>
    assertRejects(() => tuneRisk(evaluate, space, { ...RUN, ...over }), RangeError, message);
  await reject({ testFrom: 99 }, "end by the test at 99, got 50 to 100");
  await reject({ windows: [{ from: 5, to: 5 }] }, "ascend");
  await reject({ windows: [] }, "at least 1 validation window");
  await reject({ testFrom: Infinity }, "testFrom");
  await reject({ maxTrials: 0 }, "maxTrials");
  await reject({ restarts: -1 }, "restarts");
  await reject({ riskAversion: -1 }, "riskAversion");
  await reject({}, "at least 1 setting", {});
  await reject({}, "stop needs at least 1 value", { stop: [] });
  await reject({}, "stop needs", { stop: [NaN] });
  await assertRejects(() => tuneRisk(() => Float64Array.of(NaN), { stop: [1] }, RUN), TypeError, "finite");
  const signal = AbortSignal.abort(new DOMException("Stopped", "AbortError"));
  await assertRejects(() => tuneRisk(evaluate, { stop: [1] }, { ...RUN, signal }), DOMException, "Stopped");
});

Deno.test("smoothRiskValue() has the gradient that central differences have", () => {
  const setting = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(setting, setting, setting, fc.integer({ min: 1, max: 99 }), (a, b, c, seed) => {
      const windows = [market(seed, 0.5, 60), market(seed + 1, 0, 30)];
      const rules = { costRate: 0.002, riskAversion: 3, maxLeverage: 1.5 };
      const at = (moved: readonly number[]): SmoothRiskSettings => ({
        threshold: 0.004 * Math.exp(moved[0]),
        softness: 0.003 * Math.exp(moved[1]),
        volatilityTarget: 0.01 * Math.exp(moved[2]),
      });
      const point = [a, b, c];
      const { gradient } = smoothRiskValue(windows, at(point), rules);
      const h = 1e-6;
      for (let k = 0; k < 3; k++) {
        const [up, down] = [h, -h].map((step) =>
          smoothRiskValue(windows, at(point.with(k, point[k] + step)), rules).objective
        );
        assertAlmostEquals(gradient[k], (up - down) / (2 * h), 1e-11);
      }
    }),
    { numRuns: 40, seed: 3 },
  );
});

Deno.test("smoothPositions() are odd, within the leverage, and the hard threshold in the limit", () => {
  const data = market(5, 0);
  const settings = { threshold: 0.004, softness: 1e-9, volatilityTarget: 10 };
  const hard = smoothPositions(data, settings, { maxLeverage: 2 });
  hard.forEach((position, i) => {
    const forecast = data.forecasts[i];
    assertAlmostEquals(position, Math.abs(forecast) > 0.004 ? 2 * Math.sign(forecast) : 0, 1e-9);
  });
  const soft = { threshold: 0.004, softness: 0.002, volatilityTarget: 0.0001 };
  const minus = { ...data, forecasts: data.forecasts.map((forecast) => -forecast) };
  assertEquals(smoothPositions(minus, soft), smoothPositions(data, soft).map((position) => -position));
  const sure = smoothPositions({ forecasts: Float64Array.of(1), volatility: Float64Array.of(0.01) }, soft);
  // A target far below the leverage gives v/σ.
  assertAlmostEquals(sure[0], 0.01, 1e-6);
});

Deno.test("tuneSmoothRisk() finds a start's neighbour that earns more, and scales a losing strategy down", () => {
  const start = { threshold: 0.02, softness: 0.01, volatilityTarget: 0.001 };
  const options = { testFrom: 1000, start, costRate: 0.0005, riskAversion: 5 };
  const skilled = tuneSmoothRisk([market(1, 1), market(2, 1)], options);
  assert(skilled.objective > 2 * skilled.startObjective && skilled.steps > 3);
  const { gradient } = smoothRiskValue([market(1, 1), market(2, 1)], skilled.settings, options);
  const free = gradient.filter((_, k) =>
    !skilled.atBorder.includes((["threshold", "softness", "volatilityTarget"] as const)[k])
  );
  assertLess(Math.hypot(...free), 1e-4 * Math.abs(skilled.objective) + 1e-9);
  const wrong = tuneSmoothRisk([market(3, -1)], options);
  assert(wrong.objective > wrong.startObjective && wrong.objective < 1e-9);
  const largest = smoothPositions(market(3, -1), wrong.settings).reduce((most, p) => Math.max(most, Math.abs(p)), 0);
  assertLess(largest, 1e-3, "the data ask for no position at all");
  assertEquals(tuneSmoothRisk([market(3, -1)], options), wrong);
});

Deno.test("tuneSmoothRisk() refuses data that reach into the test, and bad data and options", () => {
  const data = market(1, 0, 20);
  const tune = (over: object, windows: SmoothRiskData[] = [data]) => () =>
    tuneSmoothRisk(windows, { testFrom: 20, ...over });
  assertEquals(tune({ maxSteps: 1 })().steps <= 1, true);
  assertThrows(tune({ testFrom: 19 }), RangeError, "data reach to 19, the test begins at 19");
  assertThrows(tune({ range: 1 }), RangeError, "range");
  assertThrows(tune({ maxSteps: 0 }), RangeError, "maxSteps");
  assertThrows(tune({ costRate: -1 }), RangeError, "costRate");
  assertThrows(tune({ maxLeverage: 0 }), RangeError, "maxLeverage");
  assertThrows(tune({ start: { threshold: 0, softness: 1, volatilityTarget: 1 } }), RangeError, "threshold");
  assertThrows(tune({}, []), RangeError, "at least 1 validation window");
  const empty = { time: new Float64Array(0), forecasts: new Float64Array(0) };
  assertThrows(tune({}, [{ ...data, ...empty }]), RangeError, "no decision");
  assertThrows(tune({}, [{ ...data, returns: new Float64Array(3) }]), TypeError, "expected 20 returns, received 3");
  assertThrows(tune({}, [{ ...data, volatility: new Float64Array(20) }]), TypeError, "volatility[0] = 0");
  assertThrows(tune({}, [{ ...data, forecasts: data.returns.with(2, NaN) }]), TypeError, "forecasts[2] = NaN");
});

Deno.test("tuneSmoothRisk() leaves its data unchanged", () => {
  const data = market(1, 1, 50);
  tuneSmoothRisk([data], { testFrom: 50 });
  assertEquals(data, market(1, 1, 50));
});
