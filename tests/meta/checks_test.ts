import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples } from "../../lib/engine/problem.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { describeAdaptation } from "../../lib/meta/describe_adaptation.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { learningRates } from "../../lib/meta/learning_rates.ts";
import { adam, sgd } from "../../lib/meta/optimizer.ts";
import { anil, fomaml, imaml, maml, mamlPlusPlus, metaSgd, reptile } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { relativeError } from "../goldens.ts";
import { someTasks } from "./fixtures.ts";

const engine = openNaiveEngine();
const net = mlp({ inputs: 3, hidden: [6, 4], outputs: 2, activation: "tanh" });
const tasks = someTasks(net, 3);

Deno.test("checkMetaGradient() finds every exact gradient within the error of central differences", async () => {
  const configs = [
    maml({ net, inner: { steps: 3, lr: 0.1, weightDecay: 0.05 } }),
    metaSgd({ net, inner: { lr: 0.1 }, loss: { kind: "learned", tau: 0.3 } }),
    mamlPlusPlus({ net, inner: { lr: 0.1, proximal: 0.3 }, gradient: { kind: "unrolled", firstOrderSteps: 0 } }),
    anil({ net, inner: { lr: 0.3 }, loss: { kind: "huber", delta: 0.7 } }),
  ];
  for (const config of configs) {
    const check = await checkMetaGradient(engine, metaInit(config, { seed: 2 }), tasks);
    assertLess(check.params, 1e-5);
    assertLess(check.logLr, 1e-5);
    assertLess(check.weightDecay, 1e-5);
    if (config.loss?.kind === "learned") assertLess(check.phi!, 1e-5);
    assertGreater(check.missedByFirstOrder, 1e-3);
    assertGreater(check.probed, 10);
  }
});

Deno.test("the direction term of the learned loss has the meta-gradient of central differences, never zero as a step's is (trap 4)", async () => {
  for (const tau of [0.05, 0.3, 2]) {
    const state = metaInit(maml({ net, inner: { steps: 3, lr: 0.1 }, loss: { kind: "learned", tau } }), { seed: 4 });
    const lossAtDirection = async (move: number): Promise<number> => {
      const phi = Float32Array.from(state.phi!);
      phi[0] += move;
      return (await metaGradientOf(engine, { ...state, phi }, tasks)).loss;
    };
    const { phi } = await metaGradientOf(engine, state, tasks);
    // φ is kept in float32, so the step is a power of two that float32 holds.
    const h = 2 ** -10;
    const central = (await lossAtDirection(h) - await lossAtDirection(-h)) / (2 * h);
    assertGreater(Math.abs(phi![0]), 1e-5);
    assertLess(Math.abs(phi![0] / central - 1), 1e-4);
  }
});

Deno.test("checkMetaGradient() shows what a first-order gradient misses", async () => {
  const check = await checkMetaGradient(engine, metaInit(fomaml({ net, inner: { lr: 0.1 } })), tasks, {
    coordinates: 1000,
  });
  assertGreater(check.params, 1e-3);
  assert(Math.abs(check.params - check.missedByFirstOrder) < 1e-4 * check.missedByFirstOrder);
});

Deno.test("checkMetaGradient() refuses a method that differentiates another function", async () => {
  await assertRejects(() => checkMetaGradient(engine, metaInit(reptile({ net })), tasks), RangeError, "unrolled");
});

/** θ* of a linear model's proximal problem, and the gradient through it, by Gaussian elimination. */
function closedForm(support: Samples, query: Samples, start: Float64Array, rho: number): Float64Array {
  const size = support.x.length / support.rows + 1;
  const row = ({ x, rows }: Samples, r: number) => [...x.subarray(r * x.length / rows, (r + 1) * x.length / rows), 1];
  const hessian = Array.from({ length: size }, () => new Array(size).fill(0));
  const right = Array.from(start, (value) => rho * value);
  for (let r = 0; r < support.rows; r++) {
    const a = row(support, r);
    for (let i = 0; i < size; i++) {
      right[i] += 2 * a[i] * support.y[r] / support.rows;
      for (let j = 0; j < size; j++) hessian[i][j] += 2 * a[i] * a[j] / support.rows;
    }
  }
  const shifted = hessian.map((line, i) => line.map((value, j) => value + (i === j ? rho : 0)));
  const theta = solve(shifted, right);
  const gradient = new Array(size).fill(0);
  for (let r = 0; r < query.rows; r++) {
    const a = row(query, r);
    const e = a.reduce((sum, value, i) => sum + value * theta[i], 0) - query.y[r];
    for (let i = 0; i < size; i++) gradient[i] += 2 * e * a[i] / query.rows;
  }
  return Float64Array.from(solve(shifted, gradient), (value) => rho * value);
}

function solve(matrix: number[][], right: number[]): number[] {
  const a = matrix.map((line, i) => [...line, right[i]]);
  for (let i = 0; i < a.length; i++) {
    for (let j = i + 1; j < a.length; j++) {
      const factor = a[j][i] / a[i][i];
      for (let k = i; k <= a.length; k++) a[j][k] -= factor * a[i][k];
    }
  }
  const result = new Array(a.length).fill(0);
  for (let i = a.length - 1; i >= 0; i--) {
    let sum = a[i][a.length];
    for (let j = i + 1; j < a.length; j++) sum -= a[i][j] * result[j];
    result[i] = sum / a[i][i];
  }
  return result;
}

Deno.test("iMAML on a linear model is the closed form, and conjugate gradients close in on it as theory says", async () => {
  const linear = mlp({ inputs: 5, hidden: [], outputs: 1 });
  const [task] = someTasks(linear, 1, 3);
  const rho = 0.8;
  const errors: number[] = [];
  const inner = { steps: 60, proximal: rho, tolerance: 1e-9 };
  const start = metaInit(imaml({ net: linear, inner }), { seed: 1 });
  const reference = closedForm(task.support, task.query, Float64Array.from(start.params), rho);
  for (let cgSteps = 1; cgSteps <= 6; cgSteps++) {
    const config = imaml({
      net: linear,
      inner,
      gradient: { kind: "implicit", cgSteps, tolerance: 0 },
    });
    const { params } = await metaGradientOf(engine, metaInit(config, { seed: 1 }), [task]);
    errors.push(relativeError(params, reference));
  }
  for (let i = 1; i < errors.length - 1; i++) assertLess(errors[i], errors[i - 1]);
  assertLess(errors[5], 1e-6, "six iterations solve a system of six unknowns");
});

Deno.test("describeAdaptation() reports where adaptation moved and what it did to the loss", async () => {
  const state = metaInit(anil({ net, inner: { steps: 4, lr: 0.1 } }), { seed: 1 });
  const [{ support }] = tasks;
  const report = await describeAdaptation(engine, state, support);
  const { params, losses } = await adapt(engine, state, support);
  assertEquals(report.layers.map(({ change }) => change > 0), [false, false, true]);
  const { weights } = net.layers[2];
  const moved = Math.hypot(...params.subarray(weights).map((value, j) => value - state.params[weights + j]));
  assert(Math.abs(report.layers[2].change - moved) < 1e-6 * moved);
  assertLess(Math.abs(report.loss.before - losses[0]), 1e-6);
  assertLess(Math.abs(report.loss.after - losses[4]), 1e-6);
  assertEquals(report.collapsed, false);
  assertEquals(report.withoutGradient, []);
});

Deno.test("describeAdaptation() sees a collapse to a constant and parameters without gradient", async () => {
  const relu = mlp({ inputs: 3, hidden: [6], outputs: 1 });
  const params = new Float32Array(relu.parameterCount);
  const state = metaInit(maml({ net: relu, inner: { steps: 5, lr: 0.1 } }), { params });
  const [{ support }] = someTasks(relu, 1);
  const report = await describeAdaptation(engine, state, support);
  assertEquals(report.collapsed, true);
  assertEquals(report.predictionVariance.after, 0);
  assertEquals(report.withoutGradient.length, relu.parameterCount - 1);
  assertEquals(report.loss.before, report.loss.zero);
});

Deno.test("learningRates() are exponentiated, by layer and step, zero where a layer stays", () => {
  const rates = learningRates(metaInit(mamlPlusPlus({ net, inner: { steps: 2, lr: 0.25 } })));
  assertEquals(rates.length, 6);
  assertEquals(rates.map(({ layer, step }) => [layer, step]), [[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]]);
  for (const { mean } of rates) assertLess(Math.abs(mean - 0.25), 1e-7);
  assertEquals(learningRates(metaInit(anil({ net }))).map(({ mean }) => mean > 0), [false, false, true]);
});

Deno.test("adam() and sgd() follow their papers' first two steps and change nothing in place", () => {
  const values = Float32Array.of(1, -2);
  const gradient = Float32Array.of(0.5, -4);
  const rule = adam();
  let { values: x, moments } = rule.update(values, gradient, { moments: rule.init(2), lr: 0.1 });
  assertLess(relativeError(x, [0.9, -1.9]), 1e-6);
  ({ values: x, moments } = rule.update(x, gradient, { moments, lr: 0.1 }));
  assertLess(relativeError(x, [0.8, -1.8]), 1e-6);
  assertEquals(moments.step, 2);
  assertEquals(values, Float32Array.of(1, -2));

  const heavy = sgd({ momentum: 0.5, clipNorm: Math.hypot(0.5, 4) / 2, weightDecay: 0.1 });
  const first = heavy.update(values, gradient, { moments: heavy.init(2), lr: 0.1 });
  assertLess(relativeError(first.values, [1 - 0.025 - 0.01, -2 + 0.2 + 0.02]), 1e-6);
  const second = heavy.update(first.values, gradient, { moments: first.moments, lr: 0.1 });
  assertLess(relativeError(second.moments.first, [0.375, -3]), 1e-6);
});
