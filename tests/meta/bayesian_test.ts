import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { lossOf, outerLossOf, pointForecasts } from "../../lib/loss/losses.ts";
import type { LossConfig } from "../../lib/loss/config.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import { bayesianMaml } from "../../lib/meta/bayesian.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep } from "../../lib/meta/train.ts";
import { tcn } from "../../lib/model/tcn.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";

const naive = openNaiveEngine();

function drawTasks(inputs: number, seed: number): Task[] {
  const stream = random(seed);
  const normals = (length: number): Float32Array => Float32Array.from({ length }, () => stream.normal());
  const set = (rows: number): Samples => ({ rows, x: normals(rows * inputs), y: normals(rows) });
  return [3, 5].map((rows) => ({ support: set(rows), query: set(4) }));
}

Deno.test("bayesianMaml() of one particle takes maml's meta-gradient to the bit, on both engines", async () => {
  await using cpu = await openCpuEngine({ threads: 1 });
  const cases = [
    { engine: naive, net: mlp({ inputs: 2, hidden: [5], outputs: 1, activation: "tanh" }), loss: { kind: "mse" } },
    { engine: naive, net: mlp({ inputs: 2, hidden: [5], outputs: 2 }), loss: { kind: "gaussian", floor: 0.1 } },
    { engine: cpu, net: tcn({ time: 2, features: 1, channels: [4], taps: 2, outputs: 1 }), loss: { kind: "mse" } },
  ] as const;
  for (const { engine, net, loss } of cases) {
    const inner = { steps: 3, lr: 0.1, weightDecay: 0.01 };
    const plain = metaInit(maml({ net, loss, inner }), { seed: 4 });
    const one = metaInit(bayesianMaml({ net, loss, inner, particles: 1 }), { seed: 4 });
    assertEquals(one.params, plain.params);
    const tasks = drawTasks(2, 9);
    const [a, b] = [await metaGradientOf(engine, one, tasks), await metaGradientOf(engine, plain, tasks)];
    assertEquals(a.by, b.by);
    assertEquals(a.taskLosses, b.taskLosses);
    const [, stepped] = await Promise.all([one, plain].map((state) => metaStep(engine, state, tasks)));
    assertEquals((await metaStep(engine, one, tasks)).state.params, stepped.state.params);
  }
});

/** Particles `[count][2]` of θ = (w, b) with the target N((1, −2), T/2 each): L = (w − 1)² + (b + 2)² by rows at x = ±1. */
async function sampleGaussian(count: number, temperature: number): Promise<Float32Array> {
  const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
  const config = bayesianMaml({
    net,
    particles: count,
    temperature,
    loss: { kind: "mse" },
    inner: { steps: 20, lr: 0.5 },
  });
  const support = { rows: 2, x: Float32Array.of(1, -1), y: Float32Array.of(-1, -3) };
  const stream = random(7);
  let params: Float32Array = Float32Array.from({ length: 2 * count }, () => stream.normal());
  for (let i = 0; i < 15; i++) ({ params } = await adapt(naive, metaInit(config, { params }), support));
  return params;
}

/** Mean and sample variance of one coordinate of particles `[count][2]`. */
function moments(params: Float32Array, d: number): { mean: number; variance: number } {
  const values = params.filter((_, i) => i % 2 === d);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) };
}

Deno.test("particles end with the mean of a normal target and, the more they are, its variance", async () => {
  const [few, many] = [await sampleGaussian(6, 0.5), await sampleGaussian(50, 0.5)];
  [1, -2].forEach((wanted, d) => {
    const [{ mean, variance }, less] = [moments(many, d), moments(few, d)];
    assertAlmostEquals(mean, wanted, 0.005);
    assertAlmostEquals(less.mean, wanted, 0.005);
    assertAlmostEquals(variance / 0.25, 1, 0.1);
    // What M particles know of a variance is biased downwards.
    assertLess(less.variance, variance);
  });
});

Deno.test("particles spread with the root of the temperature, about the same mean", async () => {
  const [cold, hot] = [await sampleGaussian(12, 0.05), await sampleGaussian(12, 0.45)];
  [1, -2].forEach((wanted, d) => {
    assertAlmostEquals(moments(hot, d).mean, wanted, 0.01);
    assertAlmostEquals(moments(hot, d).variance / moments(cold, d).variance, 9, 0.5);
  });
});

Deno.test("the meta-gradient through SVGD agrees with central differences at a fixed bandwidth", async () => {
  const net = mlp({ inputs: 2, hidden: [3], outputs: 2, activation: "tanh" });
  const inner = { steps: 2, lr: 0.2 };
  const state = metaInit(bayesianMaml({ net, particles: 3, inner, bandwidth: 2, temperature: 0.3 }), { seed: 2 });
  const { params } = await metaGradientOf(naive, state, drawTasks(2, 3));
  assert(params.some((value) => Math.abs(value) > 1e-3));
  const found = await checkMetaGradient(naive, state, drawTasks(2, 3));
  assertLess(found.params, 1e-5);
  assertLess(found.logLr, 1e-5);
});

Deno.test("the CPU engine takes the meta-gradient through SVGD as the reference does", async () => {
  await using cpu = await openCpuEngine({ threads: 1 });
  const net = mlp({ inputs: 2, hidden: [7], outputs: 2 });
  const state = metaInit(bayesianMaml({ net, particles: 5, inner: { steps: 3, lr: 0.1 } }), { seed: 2 });
  const [found, wanted] = [
    (await metaGradientOf(cpu, state, drawTasks(2, 3))).params,
    (await metaGradientOf(naive, state, drawTasks(2, 3))).params,
  ];
  const norm = (values: Float32Array): number => Math.hypot(...values);
  assertLess(norm(found.map((value, i) => value - wanted[i])), 1e-4 * norm(wanted));
});

Deno.test("particles in another order adapt to the same, in that order", async () => {
  const net = mlp({ inputs: 2, hidden: [3], outputs: 2 });
  const state = metaInit(bayesianMaml({ net, particles: 3, inner: { steps: 3, lr: 0.1 } }), { seed: 5 });
  const size = net.parameterCount;
  const turn = (flat: Float32Array): Float32Array => Float32Array.of(...flat.subarray(size), ...flat.subarray(0, size));
  const [{ support }] = drawTasks(2, 8);
  const { params } = await adapt(naive, state, support);
  const turned = await adapt(naive, metaInit(state.config, { params: turn(state.params) }), support);
  turn(params).forEach((value, i) => assertAlmostEquals(turned.params[i], value, 1e-6));
});

Deno.test("particles that start alike stay together and finite", async () => {
  const net = mlp({ inputs: 2, hidden: [3], outputs: 2 });
  const config = bayesianMaml({ net, particles: 2, inner: { steps: 3, lr: 0.1 } });
  const own = metaInit(maml({ net, loss: { kind: "gaussian", floor: 1 } })).params;
  const state = metaInit(config, { params: Float32Array.of(...own, ...own) });
  const tasks = drawTasks(2, 8);
  const { params } = await adapt(naive, state, tasks[0].support);
  assertEquals(params.slice(0, net.parameterCount), params.slice(net.parameterCount));
  assert((await metaGradientOf(naive, state, tasks)).params.every(Number.isFinite));
});

Deno.test("the query of likelihoods is judged by their mixture, of other losses by the mean", () => {
  const value = (loss: LossConfig, predicted: number[], target: number): number => {
    const g = createGraph();
    const row = lossOf(loss).row(g, {
      predicted: g.constant(predicted, [1, predicted.length]),
      target: g.constant([target], [1, 1]),
      phi: g.constant(0),
    });
    return interpreter(toProgram({ row }))({}).row[0];
  };
  const logistic = { kind: "particles", count: 2, of: { kind: "logistic" } } as const;
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  assertAlmostEquals(value(outerLossOf(logistic), [2, -1], 1), -Math.log((sigmoid(2) + sigmoid(-1)) / 2), 1e-12);
  assertAlmostEquals(value(logistic, [2, -1], 1), -Math.log(sigmoid(2)) - Math.log(sigmoid(-1)), 1e-12);
  const mse = { kind: "particles", count: 2, of: { kind: "mse" } } as const;
  assertAlmostEquals(value(outerLossOf(mse), [2, -1], 1), (1 + 4) / 2, 1e-12);
  assertEquals([...pointForecasts(mse, Float32Array.of(2, -1), 2)], [0.5]);
});

Deno.test("a state of particles is saved and read, its network by description", async () => {
  const net = mlp({ inputs: 2, hidden: [3], outputs: 2 });
  const state = metaInit(bayesianMaml({ net, particles: 3 }), { seed: 5 });
  const { state: read } = await decodeState(await encodeState(state));
  assertEquals(read.config, state.config);
  assertEquals(read.params, state.params);
});

Deno.test("bayesianMaml() refuses what does not fit, by name", () => {
  const net = mlp({ inputs: 2, hidden: [3], outputs: 2 });
  assertThrows(() => bayesianMaml({ net, particles: 0 }), RangeError, "count");
  assertThrows(() => bayesianMaml({ net, temperature: 0 }), RangeError, "inner.rule.temperature");
  assertThrows(() => bayesianMaml({ net, inner: { layers: "head" } }), RangeError, "inner.layers");
  assertThrows(
    () => maml({ net, inner: { rule: { kind: "svgd", particles: 5 } } }),
    RangeError,
    "inner.rule.particles",
  );
  assertThrows(
    () => bayesianMaml({ net: mlp({ inputs: 2, hidden: [3], outputs: 3 }) }),
    RangeError,
    "loss.of",
  );
  assertThrows(
    () => bayesianMaml({ net, loss: { kind: "learned", tau: 1 } as never }),
    RangeError,
    "loss.of.kind",
  );
});
