// Methods that read a window in one pass, and losses with numbers of their own, are learned online as every inner loop is.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { CustomLoss, LossConfig } from "../../lib/loss/config.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep } from "../../lib/meta/train.ts";
import { defineMethod } from "../../lib/method/define_method.ts";
import { inContext } from "../../lib/method/in_context.ts";
import { matching } from "../../lib/method/matching.ts";
import { memory } from "../../lib/method/memory.ts";
import type { Method } from "../../lib/method/method.ts";
import { neuralProcess } from "../../lib/method/neural_process.ts";
import { prototypical } from "../../lib/method/prototypical.ts";
import { ridge } from "../../lib/method/ridge.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { onlineConfig, type OnlineOptions } from "../../lib/online/config.ts";
import { explainDecision } from "../../lib/online/explain.ts";
import { impliedRisk, objectiveGradient } from "../../lib/online/objective.ts";
import { observe } from "../../lib/online/observe.ts";
import { decodeOnline, encodeOnline } from "../../lib/online/snapshot.ts";
import { onlineInit, onlineLearner } from "../../lib/online/state.ts";
import { updateAndPredict } from "../../lib/online/update.ts";
import { forecastInput, onlineWindow } from "../../lib/online/windows.ts";
import { after, NET, smallLearner, updates } from "./fixtures.ts";
import { jumpStream, LAGS } from "./jump_stream.ts";

const engine = openNaiveEngine();
const EMBEDDING = mlp({ inputs: LAGS, hidden: [], outputs: 3 });
const MARKET = [{ symbol: "X", interval: "1h" }];

/** The window's slope by its first input, trusted as far as is learned: no theta at all. */
const shrunkSlope = defineMethod({
  name: "shrunk slope",
  inputs: LAGS,
  outputs: 1,
  learnables: { trust: [1] },
  adapt(g, { trust }, { x, y, weights }) {
    const products = g.mul(g.reshape(g.mul(g.slice(x, 1, { end: 1 }), y), weights.shape), weights);
    return { slope: g.mul(g.sigmoid(trust), g.div(g.sum(products), g.sum(weights))) };
  },
  predict: (g, _, { slope }, x) => g.mul(slope, g.slice(x, 1, { end: 1 })),
});

const METHODS: readonly Method[] = [
  ridge({ net: EMBEDDING }),
  ridge({ net: EMBEDDING, loss: { kind: "gaussian", floor: 1e-3 } }),
  matching({ net: EMBEDDING, loss: { kind: "mse" } }),
  neuralProcess({ inputs: LAGS, outputs: 1, encoder: [LAGS + 1, 4], decoder: [LAGS + 4, 4, 2] }),
  memory({ inputs: LAGS, outputs: 1, hidden: 3, decoder: [LAGS + 3, 1] }),
  inContext({ inputs: LAGS, outputs: 1, width: 4, heads: 1, layers: 1, loss: { kind: "mse" } }),
  shrunkSlope,
];

Deno.test("an online learner learns, forecasts, explains and is saved by every method of one pass", async () => {
  const bars = jumpStream(32, 3);
  const forecasts: number[] = [];
  for (const method of METHODS) {
    const start = smallLearner({ meta: { method, outer: { lr: 0.01 } }, clip: Infinity });
    const state = await after(engine, start, bars.slice(0, 28));
    const resumed = decodeOnline(state.config, encodeOnline(state));
    const [whole, again] = await Promise.all([state, resumed].map((from) => after(engine, from, bars.slice(28))));
    assertEquals(again, whole, method.kind);
    assert(whole.updates > 0 && whole.rejected === 0 && whole.withheld === 0, method.kind);
    const [first, last] = [start, whole].map((one) => onlineLearner(one).values);
    assertEquals(Object.keys(last), Object.keys(method.learnables));
    for (const name of Object.keys(last)) {
      assert(last[name].some((v, i) => v !== first[name][i]), `${method.kind} ${name}`);
    }
    const { forecast, features, atMean, residual, support, learned } = await explainDecision(engine, whole);
    assertAlmostEquals(forecast, whole.markets[0].rows.at(-1)!.forecast!.value, 1e-7, method.kind);
    assertAlmostEquals(
      features.reduce((sum, { contribution }) => sum + contribution, atMean + residual),
      forecast,
      1e-9,
    );
    assert(support.some(({ leaveOneOut }) => leaveOneOut !== 0), method.kind);
    assertAlmostEquals(learned.fixed, forecast, 1e-7, method.kind);
    assertEquals(learned.rates, []);
    forecasts.push(forecast);
  }
  assertEquals(new Set(forecasts).size, METHODS.length);
});

Deno.test("an online learner moves all that a method learns by its meta-gradient", async () => {
  const method = ridge({ net: EMBEDDING });
  const { config } = smallLearner({
    meta: { method, outer: { optimizer: "sgd", lr: 0.5 } },
    replay: { batch: 0 },
    trust: { params: 100 },
  });
  const moved = await updates(engine, onlineInit(config, MARKET), jumpStream(30, 3));
  const step = moved.findIndex(({ outcome }) => outcome === "stepped");
  const [before, { state }] = [moved[step - 1].state, moved[step]];
  const learner = onlineLearner(before);
  const { by } = await metaGradientOf(engine, learner, [onlineWindow(state, 0)!]);
  // Plain gradient descent, the norms of theta's gradient and of the rest's held at 1 each.
  for (const name of ["theta", "logRidge"]) {
    const norm = Math.max(1, Math.hypot(...by[name]));
    const now = onlineLearner(state).values[name];
    assert(Math.hypot(...by[name]) > 1e-3, name);
    learner.values[name].forEach((value, i) => assertAlmostEquals(now[i], value - 0.5 * by[name][i] / norm, 1e-6));
  }
});

Deno.test("an online learner goes on from what a method learned over tasks", async () => {
  const method = ridge({ net: EMBEDDING });
  const bars = jumpStream(30, 3);
  const seen = await after(engine, smallLearner({ meta: method }), bars);
  let state = metaInit({ method, outer: { lr: 0.1 } }, { seed: 7 });
  for (let i = 0; i < 3; i++) ({ state } = await metaStep(engine, state, [onlineWindow(seen, 0)!]));
  const { config } = smallLearner({ meta: method });
  const start = onlineInit(config, MARKET, { values: state.values });
  assertEquals(onlineLearner(start).values, state.values);
  let watching = start;
  for (const bar of bars.slice(0, 25)) watching = observe(watching, bar);
  const { support, x, scaler: { y } } = forecastInput(watching, 0)!;
  const [[output]] = await adaptPredict(engine, onlineLearner(watching), [{ support, x }]);
  const still = onlineInit(smallLearner({ meta: method, trainRows: 12, validationRows: 100 }).config, MARKET, {
    values: state.values,
  });
  let quiet = still;
  for (const bar of bars.slice(0, 25)) quiet = observe(quiet, bar);
  const { predictions } = await updateAndPredict(engine, quiet);
  assertAlmostEquals(predictions[0].value, output * y.scale[0] + y.mean[0], 1e-9);
});

Deno.test("the risk objective's gradient through a method of one pass is that of central differences", async () => {
  const objective = { kind: "risk", lambda: 0.5, sharpness: 1, softness: 0.1, forecastWeight: 0.1 } as const;
  const meta = { method: ridge({ net: EMBEDDING }) };
  const state = await after(engine, smallLearner({ meta, objective }), jumpStream(30, 3));
  const learner = onlineLearner(state);
  const task = onlineWindow(state, 0)!;
  const { rule, params } = await objectiveGradient(engine, learner, [task], { objective });
  const lossAt = async (values: Record<string, Float32Array>): Promise<number> => {
    const at = metaInit(meta, { values });
    const [outputs] = await adaptPredict(engine, at, [{ support: task.support, x: task.query.x }]);
    const shift = task.scaler.y.mean[0] / task.scaler.y.scale[0];
    return impliedRisk(objective, outputs, { y: task.query.y, shift }).loss;
  };
  const { theta, logRidge } = learner.values;
  const slope = async (name: "theta" | "logRidge", i: number): Promise<number> => {
    const at = (by: number) =>
      lossAt({ theta, logRidge, [name]: learner.values[name].map((v, j) => j === i ? v + by : v) });
    return (await at(0.01) - await at(-0.01)) / 0.02;
  };
  assertAlmostEquals(rule![0], await slope("logRidge", 0), 2e-4);
  for (const i of [0, 5, 20]) assertAlmostEquals(params[i], await slope("theta", i), 2e-4);
});

const LOW = { kind: "quantile", levels: [0.3], smooth: 0.1 } as const;

Deno.test("the risk objective is the same whatever outer loss carries its gradient", async () => {
  const objective = { kind: "risk", lambda: 0.5 } as const;
  const made = (outerLoss: LossConfig) => {
    const meta = maml({ net: NET, loss: LOW, outerLoss, inner: { steps: 2, lr: 0.05 } });
    return smallLearner({ meta, objective, timescales: [] });
  };
  const state = await after(engine, made({ kind: "mse" }), jumpStream(28, 3));
  const gradients = await Promise.all(
    ([{ kind: "mse" }, { kind: "huber", delta: 0.5 }] as const).map((outerLoss) => {
      const learner = onlineLearner({ ...state, config: made(outerLoss).config });
      return objectiveGradient(engine, learner, [onlineWindow(state, 0)!], { objective });
    }),
  );
  const [one, other] = gradients;
  assertLess(1e-3, Math.hypot(...one.params));
  one.params.forEach((value, i) => assertAlmostEquals(other.params[i], value, 1e-6));
});

Deno.test("onlineConfig() refuses what forecasts classes, several numbers or is judged by a loss that the objective does not know", () => {
  const refused = (options: OnlineOptions, message: string): unknown =>
    assertThrows(() => onlineConfig(options), RangeError, message);
  refused(
    { meta: prototypical({ net: EMBEDDING }) },
    "meta.loss to be one of numbers, not of classes, received the method prototypical",
  );
  refused({ meta: matching({ net: EMBEDDING }) }, "not of classes, received the method matching");
  refused({ meta: maml({ net: NET, loss: { kind: "logistic" } }) }, "not of classes, received logistic");
  const two = neuralProcess({ inputs: LAGS, outputs: 2, encoder: [LAGS + 2, 4], decoder: [LAGS + 4, 4] });
  refused({ meta: two }, "1 target, received the method neuralProcess of 4");
  const objective = { kind: "risk", lambda: 1 } as const;
  refused(
    { meta: maml({ net: NET, loss: LOW }), objective },
    "meta.outerLoss to be mse or huber for the objective risk, received quantile",
  );
  for (const outerLoss of [{ kind: "mse" }, { kind: "huber", delta: 1 }] as const) {
    onlineConfig({ meta: maml({ net: NET, loss: LOW, outerLoss }), objective });
  }
  assertThrows(
    () => onlineInit(smallLearner().config, MARKET, { values: { theta: [1] } }),
    TypeError,
    "expected params and rule for an inner loop",
  );
});

/** Misses above and below cost differently, by two numbers that are learned. */
const TILTED: CustomLoss = {
  kind: "custom",
  name: "tilted",
  phi: [0.2, -0.1],
  row(g, predicted, target, phi) {
    const e = g.sub(predicted, target);
    const [above, below] = [0, 1].map((i) => g.exp(g.at(phi, 0, i)));
    return g.mean(g.mul(g.square(e), g.select(g.step(e), above, below)), 1);
  },
};

Deno.test("an online learner learns a custom loss's own numbers by their gradient, and explains what they changed", async () => {
  const meta = maml({ net: NET, loss: TILTED, inner: { steps: 3, lr: 0.05 }, learn: { loss: true } });
  const { config } = smallLearner({
    meta: { ...meta, outer: { optimizer: "sgd" } },
    timescales: [{ every: 1, lr: 0.1 }],
  });
  // Under a last layer of zeros no loss bends anything yet.
  const params = Float32Array.from({ length: NET.parameterCount }, (_, i) => 0.5 * Math.sin(i + 1));
  const moved = await updates(engine, onlineInit(config, MARKET, { params }), jumpStream(34, 3));
  const step = moved.findIndex(({ outcome }) => outcome === "stepped");
  const [before, { state, gradient }] = [onlineLearner(moved[step - 1].state), moved[step]];
  assertEquals([...before.phi], [0.2, -0.1].map(Math.fround));
  const { by: { phi } } = await metaGradientOf(engine, before, [onlineWindow(state, 0)!]);
  assertEquals(gradient!.phi!.length, 2);
  onlineLearner(state).phi.forEach((value, i) => {
    assert(phi[i] !== 0);
    assertAlmostEquals(value, before.phi[i] - 0.1 * phi[i], 1e-6);
  });
  const last = moved.at(-1)!.state;
  const { learned } = await explainDecision(engine, last);
  assertEquals([learned.phi.fixed.length, learned.phi.learned.length], [2, 2]);
  assert(learned.lossAlone !== learned.fixed);
  assertEquals(decodeOnline(config, encodeOnline(last)), last);
});
