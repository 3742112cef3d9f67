// Softmax bandits: J = Σ π r has its gradient, Hessian and meta-gradient in closed form; what is estimated from draws converges to them.
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples } from "../../lib/engine/problem.ts";
import { hessianVectorProduct, lossGradient, metaGradientOf } from "../../lib/meta/differential.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep } from "../../lib/meta/train.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import { type Random, random } from "../../lib/net/random.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";
import { diceReturn, policyLoss, stepTarget } from "../../lib/rl/dice.ts";

const engine = openNaiveEngine();
const ARMS = 3;
/** θ are the logits. */
const bandit = defineModel({
  name: "bandit",
  inputs: 1,
  outputs: ARMS,
  params: { theta: [ARMS] },
  apply: (g, p, x) => g.broadcast(g.reshape(p.theta, [1, ARMS]), [x.shape[0], ARMS]),
});
const THETA = Float32Array.of(0.4, -0.3, 0.1);
const REWARDS = [1, -0.5, 0.25];
const DICE = policyLoss();
const PLAIN = policyLoss({ dice: false });
/** Large, so that the inner step's curvature is most of the meta-gradient. */
const LR = 2;

function softmax(theta: ArrayLike<number>): number[] {
  const e = Array.from(theta, Math.exp);
  const total = e.reduce((sum, value) => sum + value, 0);
  return e.map((value) => value / total);
}

/** Means of vectors, with their standard errors. */
class Tally {
  readonly #seen: Float32Array[] = [];

  add(values: Float32Array): void {
    this.#seen.push(values);
  }

  of(j: number): { mean: number; error: number } {
    const count = this.#seen.length;
    const mean = this.#seen.reduce((sum, values) => sum + values[j], 0) / count;
    const squares = this.#seen.reduce((sum, values) => sum + (values[j] - mean) ** 2, 0);
    return { mean, error: Math.sqrt(squares / (count - 1) / count) };
  }
}

/** J, ∇J and ∇∇J of Σ π r. */
function closedForm(theta: ArrayLike<number>, rewards: number[]) {
  const pi = softmax(theta);
  const value = pi.reduce((sum, p, i) => sum + p * rewards[i], 0);
  const slope = pi.map((p, i) => p * (rewards[i] - value));
  const hessian = pi.map((p, i) => pi.map((q, j) => (i === j ? slope[i] : 0) - p * slope[j] - q * slope[i]));
  return { value, slope, hessian };
}

/** ∇_θ J(θ + α∇J(θ)) = (I + α∇∇J) ∇J(θ'). */
function closedMetaGradient(theta: ArrayLike<number>, rewards: number[]) {
  const { slope, hessian } = closedForm(theta, rewards);
  const moved = slope.map((value, i) => theta[i] + LR * value);
  const after = closedForm(moved, rewards).slope;
  return {
    moved,
    gradient: after.map((value, i) => value + LR * hessian[i].reduce((sum, h, j) => sum + h * after[j], 0)),
  };
}

function drawArms(theta: ArrayLike<number>, rows: number, stream: Random): Samples {
  const pi = softmax(theta);
  const y = new Float32Array(rows * ARMS);
  for (let i = 0; i < rows; i++) {
    const u = stream.uniform();
    const arm = u < pi[0] ? 0 : u < pi[0] + pi[1] ? 1 : 2;
    y.set(stepTarget(ARMS, arm, REWARDS[arm]), i * ARMS);
  }
  return { rows, x: new Float32Array(rows), y };
}

Deno.test("gradients and Hessians of DiCE are unbiased: their means over many small batches are the closed form's", async () => {
  const stream = random(3);
  const { slope, hessian } = closedForm(THETA, REWARDS);
  const batches = 1500;
  const vector = Float32Array.of(1, 0, 0);
  const found = { slope: new Tally(), product: new Tally(), plain: new Tally() };
  for (let i = 0; i < batches; i++) {
    const draws = drawArms(THETA, 5, stream);
    found.slope.add((await lossGradient(engine, bandit, DICE, THETA, draws)).grad);
    found.product.add(await hessianVectorProduct(engine, bandit, DICE, THETA, draws, vector));
    found.plain.add(await hessianVectorProduct(engine, bandit, PLAIN, THETA, draws, vector));
  }
  for (let j = 0; j < ARMS; j++) {
    const [first, second] = [found.slope.of(j), found.product.of(j)];
    assertAlmostEquals(-first.mean, slope[j], 4 * first.error);
    assertAlmostEquals(-second.mean, hessian[j][0], 4 * second.error);
  }
  // The plain surrogate's Hessian is another one: −mean(R) times that of the log normaliser.
  const plain = found.plain.of(0);
  assertGreater(Math.abs(-plain.mean - hessian[0][0]), 10 * plain.error);
});

Deno.test("MAML-RL's meta-gradient from draws converges to the closed form; that of plain surrogates to something else", async () => {
  const { moved, gradient } = closedMetaGradient(THETA, REWARDS);
  const norm = (values: readonly number[]): number => Math.hypot(...values);
  const errorOf = async (loss: typeof DICE, draws: number, seed: number): Promise<number> => {
    const stream = random(seed);
    const config = maml({ net: bandit, loss, inner: { steps: 1, lr: LR } });
    const task = { support: drawArms(THETA, draws, stream), query: drawArms(moved, draws, stream) };
    const { params } = await metaGradientOf(engine, metaInit(config, { params: THETA }), [task]);
    return norm(gradient.map((value, i) => -params[i] - value)) / norm(gradient);
  };
  const mean = async (loss: typeof DICE, draws: number): Promise<number> => {
    let sum = 0;
    for (let seed = 1; seed <= 5; seed++) sum += await errorOf(loss, draws, seed) / 5;
    return sum;
  };
  const [few, many] = [await mean(DICE, 200), await mean(DICE, 20_000)];
  assertLess(many, 0.02);
  // A hundred times the draws, about a tenth of the error.
  assertLess(many, few / 5);
  assertGreater(await errorOf(PLAIN, 20_000, 1), 0.1);
});

Deno.test("diceReturn() credits actions with what came after them: the gradient of two steps is the score's", () => {
  const g = createGraph();
  const logProbs = g.input("logProbs", [1, 2]);
  const rewards = g.constant([2, 5], [1, 2]);
  const value = diceReturn(g, { logProbs, rewards, discount: 0.5 });
  const run = interpreter(toProgram({ value, slope: grad(g, value, [logProbs])[0] }));
  const found = run({ logProbs: [-0.3, -1.2] });
  assertAlmostEquals(found.value[0], 2 + 0.5 * 5, 1e-12);
  assertEquals([...found.slope], [2 + 0.5 * 5, 0.5 * 5]);
});

Deno.test("a baseline changes no value and no expectation: the score of an action is weighed by reward less baseline", () => {
  const g = createGraph();
  const logProbs = g.input("logProbs", [2, 1]);
  const given = { logProbs, rewards: g.constant([1, 4], [2, 1]), baseline: g.constant([3, 3], [2, 1]) };
  const value = diceReturn(g, given);
  const found = interpreter(toProgram({ value, slope: grad(g, value, [logProbs])[0] }))({ logProbs: [-1, -2] });
  assertAlmostEquals(found.value[0], 2.5, 1e-12);
  assertEquals([...found.slope], [(1 - 3) / 2, (4 - 3) / 2]);
});

Deno.test("a policy learns to start where one step of REINFORCE suffices", async () => {
  // Two tasks: the first arm pays, or the second. The best start knows that the third never does.
  const stream = random(9);
  const config = maml({ net: bandit, loss: DICE, inner: { steps: 1, lr: 2 }, outer: { lr: 0.05 } });
  let state = metaInit(config, { params: Float32Array.of(0, 0, 0) });
  const pays = (arm: number) => (theta: ArrayLike<number>): Samples => {
    const drawn = drawArms(theta, 200, stream);
    for (let i = 0; i < 200; i++) {
      for (let a = 0; a < ARMS; a++) {
        if (drawn.y[i * ARMS + a] > 0) drawn.y.set(stepTarget(ARMS, a, a === arm ? 1 : 0), i * ARMS);
      }
    }
    return drawn;
  };
  for (let i = 0; i < 60; i++) {
    const tasks = [0, 1].map((arm) => {
      const support = pays(arm)(state.params);
      const { slope } = closedForm(state.params, [0, 1, 2].map((a) => a === arm ? 1 : 0));
      const query = pays(arm)(slope.map((value, j) => state.params[j] + 2 * value));
      return { support, query };
    });
    ({ state } = await metaStep(engine, state, tasks));
  }
  const [a, b, never] = softmax(state.params);
  assertLess(never, 0.1);
  assert(Math.min(a, b) > 0.3);
});

Deno.test("policyLoss() refuses what it cannot judge", async () => {
  assertThrows(() => policyLoss({ steps: 0 }), RangeError, "steps");
  assertThrows(() => policyLoss({ discount: 1.5 }), RangeError, "discount");
  const draws = drawArms(THETA, 3, random(1));
  let message = "";
  await lossGradient(engine, bandit, policyLoss({ steps: 2 }), THETA, draws).catch((error) => message = error.message);
  assert(message.includes("whole episodes of 2 rows"), message);
});
