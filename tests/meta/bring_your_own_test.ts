// Models, losses and rules from outside are as first-class as the built-in ones: trained, checked, described, saved.
import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import type { MetaConfig } from "../../lib/meta/config.ts";
import { describeAdaptation } from "../../lib/meta/describe_adaptation.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { learningRates } from "../../lib/meta/learning_rates.ts";
import { maml, metaSgd } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep, metaTrain } from "../../lib/meta/train.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import { lstm } from "../../lib/model/lstm.ts";
import type { CustomLoss } from "../../lib/loss/config.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import type { CustomRule } from "../../lib/rule/config.ts";

const engine = openNaiveEngine();

/** A residual block behind a projection. */
const residual = (gain = 1) =>
  defineModel({
    name: "residual",
    inputs: 3,
    outputs: 1,
    params: { w: [3, 3], b: [3], out: [3, 1] },
    apply: (g, p, x) => g.matmul(g.add(x, g.mul(gain, g.tanh(g.add(g.matmul(x, p.w), p.b)))), p.out),
  });

/** Misses above cost more than misses below, by a learned tilt. */
const tilted: CustomLoss = {
  kind: "custom",
  name: "tilted",
  phi: [0.5],
  row: (g, predicted, target, phi) => {
    const e = g.sub(predicted, target);
    return g.mean(g.mul(g.square(e), g.select(g.step(e), g.exp(phi), g.exp(g.neg(phi)))), 1);
  },
};

/** Momentum whose decay is learned. */
const learnedMomentum: CustomRule = {
  kind: "custom",
  name: "learned momentum",
  learnables: { decay: [1] },
  start: () => ({ decay: [0.3] }),
  init: (g, theta) => ({ velocity: g.constant(0, theta.shape) }),
  update(g, { theta, gradient, rate, state, learned }) {
    const velocity = g.add(g.mul(g.sigmoid(learned.decay), state.velocity), gradient);
    return { theta: g.sub(theta, g.mul(rate, velocity)), state: { velocity } };
  },
};

function samples(rows: number, seed: number, targets = 1): Samples {
  const stream = random(seed);
  const draw = (length: number) => Float32Array.from({ length }, () => stream.normal());
  return { rows, x: draw(3 * rows), y: draw(targets * rows) };
}

function tasks(count: number, targets = 1): Task[] {
  return Array.from({ length: count }, (_, t) => ({
    support: samples(5 + t % 2, 2 * t, targets),
    query: samples(4, 2 * t + 1, targets),
  }));
}

const own = (): MetaConfig => ({
  net: residual(),
  loss: tilted,
  inner: { steps: 3, lr: 0.05, rule: learnedMomentum, weightDecay: 0.01 },
  learn: { params: true, lr: true, loss: true, weightDecay: true, rule: true },
});

Deno.test("every gradient of a model, a loss and a rule from outside equals central differences", async () => {
  const found = await checkMetaGradient(engine, metaInit(own(), { seed: 1 }), tasks(2));
  assertEquals(Object.keys(found.by).sort(), ["logLr", "phi", "rule", "theta", "weightDecay"]);
  for (const [name, error] of Object.entries(found.by)) assertLess(error, 1e-6, name);
  assert(found.missedByFirstOrder > 1e-3);
});

Deno.test("training moves all that a config of one's own learns, and no more", async () => {
  const state = metaInit(own(), { seed: 1 });
  const { state: next } = await metaStep(engine, state, tasks(3));
  for (const [name, values] of Object.entries(next.values)) {
    assert(values.some((value, i) => value !== state.values[name][i]), name);
  }
  const still = metaInit({ ...own(), learn: { params: true } }, { seed: 1 });
  const { state: moved } = await metaStep(engine, still, tasks(3));
  assert(moved.params.some((value, i) => value !== still.params[i]));
  for (const name of ["logLr", "phi", "weightDecay", "rule"]) {
    assertEquals(moved.values[name], still.values[name], name);
  }
});

Deno.test("training lowers the loss of an LSTM", async () => {
  const net = lstm({ time: 3, features: 1, hidden: 4, outputs: 1 });
  const state = metaInit(maml({ net, inner: { steps: 2, lr: 0.1 }, outer: { lr: 0.02 } }), { seed: 3 });
  const batch = tasks(4).map((task): Task => ({ support: task.support, query: task.support }));
  const losses: number[] = [];
  for await (const { loss } of metaTrain(engine, state, Array.from({ length: 40 }, () => batch))) losses.push(loss);
  assertLess(losses[39], 0.7 * losses[0]);
});

Deno.test("metaInit() takes values by name and refuses others", () => {
  const state = metaInit(own(), { values: { logLr: -2, phi: [0.25], rule: [1] } });
  assertEquals([state.values.logLr, state.values.phi, state.values.rule].map((values) => [...values]), [[-2], [0.25], [
    1,
  ]]);
  assertEquals(state.values.theta, state.params);
  assertThrows(
    () => metaInit(own(), { values: { theta: [1] } }),
    TypeError,
    "values.theta to hold 15 values, received 1",
  );
  assertThrows(() => metaInit(own(), { values: { logScale: 1 } }), TypeError, 'received "logScale"');
  assertThrows(() => metaInit(own(), { values: { weightDecay: -1 } }), RangeError, "at least 0");
});

Deno.test("rules that read no rate have none; what contradicts is refused by name", () => {
  const net = mlp({ inputs: 3, hidden: [2], outputs: 1 });
  const learned = { steps: 2, rule: { kind: "learned", hidden: 3, scale: 0.1 } } as const;
  const state = metaInit(maml({ net, inner: learned, learn: { params: true, rule: true } }));
  assertEquals(Object.keys(state.values), ["theta", "weightDecay", "rule"]);
  assertEquals([...learningRates(state)], []);
  assertThrows(() => metaSgd({ net, inner: learned }), RangeError, "inner.rule must be one that reads a learning rate");
  assertThrows(() => maml({ net, learn: { rule: true } }), RangeError, "inner.rule must be one with learnables");
  assertThrows(
    () => maml({ net, loss: { kind: "gaussian", floor: 1e-3 } }),
    RangeError,
    "net.outputs must be a number",
  );
  assertThrows(() => maml({ net, inner: { rule: { kind: "momentum", mu: 1 } } }), RangeError, "inner.rule.mu");
  assertThrows(
    () => maml({ net, loss: { kind: "quantile", levels: [0.5, 0.1], smooth: 1 } }),
    RangeError,
    "loss.levels[1] must be a finite number above 0.5",
  );
});

Deno.test("targets may be fewer than outputs; describeAdaptation() compares the point forecast", async () => {
  const net = mlp({ inputs: 3, hidden: [4], outputs: 3 });
  const loss = { kind: "quantile", levels: [0.1, 0.5, 0.9], smooth: 0.1 } as const;
  const state = metaInit(maml({ net, loss, inner: { steps: 20, lr: 0.1 } }), { seed: 2 });
  const report = await describeAdaptation(engine, state, samples(8, 5));
  assertLess(report.loss.after, report.loss.before);
  assertEquals(report.layers.length, 2);
  await assertRejects(() => describeAdaptation(engine, state, samples(8, 5, 3)), TypeError, "1 targets");
});

Deno.test("risk extrapolation of equal environments is the mean; of different ones its gradient is the loss's", async () => {
  const config = (strength: number): MetaConfig => ({
    net: residual(),
    inner: { steps: 2, lr: 0.1 },
    outer: { invariance: { kind: "rex", strength } },
  });
  const batch = tasks(4).map((task, t) => ({ ...task, environment: t % 2 }));
  const found = await checkMetaGradient(engine, metaInit(config(3), { seed: 1 }), batch);
  assertLess(found.params, 1e-6);
  const alike = batch.map((task) => ({ ...task, environment: 7 }));
  const [one, plain] = [
    await metaGradientOf(engine, metaInit(config(3), { seed: 1 }), alike),
    await metaGradientOf(engine, metaInit({ net: residual(), inner: { steps: 2, lr: 0.1 } }, { seed: 1 }), alike),
  ];
  assertEquals(one.params, plain.params);
  const { state } = await metaStep(engine, metaInit(config(3), { seed: 1 }), batch);
  assertEquals(state.step, 1);
});

Deno.test("a checkpoint holds built-in parts by description and binds one's own by name and by what they compute", async () => {
  const built = metaInit(maml({
    net: lstm({ time: 3, features: 1, hidden: 2, outputs: 2 }),
    loss: { kind: "gaussian", floor: 0.01 },
    inner: { rule: { kind: "adam" } },
  }));
  const { state: read } = await decodeState(await encodeState(built));
  assertEquals(JSON.stringify(read), JSON.stringify(built));

  const { state } = await metaStep(engine, metaInit(own(), { seed: 1 }), tasks(2));
  const bytes = await encodeState(state);
  const custom = { net: residual(), loss: tilted, rule: learnedMomentum };
  const { state: bound } = await decodeState(bytes, "file", { custom });
  assertEquals(bound.values, state.values);
  assertEquals(bound.moments, state.moments);
  assertEquals((await metaStep(engine, bound, tasks(2))).loss, (await metaStep(engine, state, tasks(2))).loss);
  await assertRejects(() => decodeState(bytes), Error, 'its net "residual" is one of your own: pass it as custom.net');
  await assertRejects(
    () => decodeState(bytes, "file", { custom: { ...custom, loss: { ...tilted, name: "other" } } }),
    Error,
    'expected custom.loss to be "tilted", received "other"',
  );
  await assertRejects(
    () => decodeState(bytes, "file", { custom: { ...custom, net: residual(1.01) } }),
    Error,
    "computes something else than what was saved under that name",
  );
});
