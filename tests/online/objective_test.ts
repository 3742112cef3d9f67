import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { learnerInputs } from "../../lib/engine/programmed.ts";
import type { MetaConfig } from "../../lib/meta/config.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { metaGradient } from "../../lib/meta/presets.ts";
import { resolveConfig } from "../../lib/meta/resolve.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { impliedRisk, objectiveGradient, type OnlineObjective } from "../../lib/online/objective.ts";
import { onlineConfig } from "../../lib/online/config.ts";
import type { MarketTask } from "../../lib/tasks/market_task.ts";
import { someTasks } from "../meta/fixtures.ts";
import { type LearnedNumbers, twinPredict } from "../twin.ts";

const engine = openNaiveEngine();
const net = mlp({ inputs: 3, hidden: [5], outputs: 1, activation: "tanh" });
const RISK: OnlineObjective & { kind: "risk" } = {
  kind: "risk",
  lambda: 2,
  sharpness: 0.7,
  softness: 0.2,
  forecastWeight: 0.3,
};

function windows(count: number, shift: number): MarketTask[] {
  return someTasks(net, count, 3).map((task) => ({
    ...task,
    name: "window",
    market: "X",
    scaler: {
      x: { mean: new Float64Array(3), scale: new Float64Array(3).fill(1) },
      y: { mean: Float64Array.of(0.02 * shift), scale: Float64Array.of(0.02) },
    },
    supportTime: new Float64Array(0),
    queryTime: new Float64Array(0),
    supportKnownAt: 0,
    knownAt: 0,
  }));
}

/** Mean objective over windows in float64, through the interpreter. */
function meanObjective(state: MetaState, learned: LearnedNumbers, tasks: readonly MarketTask[]): number {
  const { inner } = resolveConfig(state.config);
  return tasks.reduce((sum, { support, query, scaler }) => {
    const outputs = twinPredict(inner, learned, { support, x: query.x });
    const shift = scaler.y.mean[0] / scaler.y.scale[0];
    return sum + impliedRisk(RISK, outputs, { y: query.y, shift }).loss / tasks.length;
  }, 0);
}

async function checkAgainstDifferences(config: MetaConfig): Promise<void> {
  const state = metaInit(config, { seed: 4 });
  const tasks = windows(3, 0.4);
  const found = await objectiveGradient(engine, state, tasks, { objective: RISK });
  const at = learnerInputs(state);
  assertAlmostEquals(found.loss, meanObjective(state, at, tasks), 1e-6);
  assertEquals(found.taskLosses.length, 3);
  const h = 1e-5;
  const check = (name: "theta" | "logLr" | "phi" | "weightDecay", values: ArrayLike<number>): void => {
    let [off, size] = [0, 0];
    Array.from(values).forEach((value, i) => {
      const moved = (by: number): number => {
        const array = Float64Array.from(at[name]);
        array[i] += by;
        return meanObjective(state, { ...at, [name]: array }, tasks);
      };
      const difference = (moved(h) - moved(-h)) / (2 * h);
      off += (value - difference) ** 2;
      size += difference ** 2;
    });
    assert(size > 0, `${name} has a gradient`);
    assertLess(Math.sqrt(off / size), 1e-5, name);
  };
  check("theta", found.params);
  check("logLr", found.logLr);
  if (found.phi) check("phi", found.phi);
  check("weightDecay", [found.weightDecay]);
}

Deno.test("the risk objective's meta-gradient equals central differences in float64 (learned loss, rates a layer)", () =>
  checkAgainstDifferences(metaGradient({ net, inner: { steps: 3, lr: 0.1, weightDecay: 0.01 } })));

Deno.test("the risk objective's meta-gradient equals central differences in float64 (huber, rates a parameter)", () =>
  checkAgainstDifferences(metaGradient({
    net,
    inner: { steps: 2, lr: 0.1, lrShape: { per: "parameter" } },
    loss: { kind: "huber", delta: 0.05 },
    learn: { lr: true },
  })));

Deno.test("the forecast objective's gradient is metaGradientOf, bit for bit", async () => {
  const state = metaInit(metaGradient({ net, inner: { steps: 2, lr: 0.1 } }), { seed: 4 });
  const tasks = windows(2, 0);
  const found = await objectiveGradient(engine, state, tasks, { objective: { kind: "forecast" } });
  assertEquals(found, await metaGradientOf(engine, state, tasks));
});

Deno.test("impliedRisk() counts forgone returns, the downside and the forecast error", () => {
  const sharp = { kind: "risk", lambda: 0, sharpness: 1e-3, softness: 1e-3 } as const;
  // Positions +1, −1, +1 on returns 1, −2, −3: a mean return of 0 and one loss of 3.
  const [predicted, labels] = [[5, -5, 5], { y: [1, -2, -3], shift: 0 }];
  assertAlmostEquals(impliedRisk(sharp, predicted, labels).loss, 0, 1e-12);
  assertAlmostEquals(impliedRisk({ ...sharp, lambda: 1 }, predicted, labels).loss, 9 / 3, 1e-9);
  const withError = { ...sharp, forecastWeight: 1 };
  assertAlmostEquals(impliedRisk(withError, predicted, labels).loss, (16 + 9 + 64) / 3, 1e-9);
});

Deno.test("impliedRisk() puts the label's mean back before it takes a position", () => {
  const objective = { kind: "risk", lambda: 0, sharpness: 1e-3 } as const;
  // A forecast just below an average that is well above zero is a forecast of a rise.
  assertAlmostEquals(impliedRisk(objective, [-0.5], { y: [0], shift: 2 }).loss, -2, 1e-12);
});

Deno.test("impliedRisk() has the slope of its loss", () => {
  const stream = random(5);
  const predicted = Float64Array.from({ length: 6 }, () => stream.normal());
  const labels = { y: Float64Array.from(predicted, () => stream.normal()), shift: 0.3 };
  const { slope } = impliedRisk(RISK, predicted, labels);
  predicted.forEach((value, i) => {
    const at = (by: number): number => impliedRisk(RISK, predicted.with(i, value + by), labels).loss;
    assertAlmostEquals(slope[i], (at(1e-6) - at(-1e-6)) / 2e-6, 1e-8);
  });
});

Deno.test("objectiveGradient() gives NaN, not an error, where predictions are not finite", async () => {
  const state = metaInit(
    metaGradient({ net: mlp({ inputs: 3, hidden: [], outputs: 1 }), inner: { steps: 50, lr: 1e3 } }),
  );
  const { loss, logLr } = await objectiveGradient(engine, state, windows(1, 0), { objective: RISK });
  assertEquals([Number.isNaN(loss), Number.isNaN(logLr[0])], [true, true]);
});

Deno.test("objectiveGradient() refuses an empty batch", async () => {
  const state = metaInit(metaGradient({ net, inner: { steps: 1, lr: 0.1 } }));
  await assertRejects(() => objectiveGradient(engine, state, [], { objective: { kind: "forecast" } }), RangeError);
});

Deno.test("onlineConfig() throws on an objective that is out of range", () => {
  const meta = metaGradient({ net });
  assertThrows(() => onlineConfig({ meta, objective: { kind: "risk", lambda: -1 } }), RangeError, "objective.lambda");
  const objective = { kind: "risk", lambda: 1, softness: 0 } as const;
  assertThrows(() => onlineConfig({ meta, objective }), RangeError, "objective.softness");
  const early = metaGradient({ net, inner: { steps: 1 }, gradient: { kind: "unrolled", stepWeights: [1, 1] } });
  assertThrows(
    () => onlineConfig({ meta: early, objective: { kind: "risk", lambda: 1 } }),
    RangeError,
    "meta.gradient.stepWeights",
  );
});
