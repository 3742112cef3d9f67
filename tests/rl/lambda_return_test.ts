// λ-returns on a tabular chain: their ends, their derivatives, and a discount and trace that are learned through updates of values.
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { lossGradient } from "../../lib/meta/differential.ts";
import { metaGradient } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";
import { lambdaReturn, learnedReturn, returnLoss } from "../../lib/rl/lambda_return.ts";

const engine = openNaiveEngine();

Deno.test("derivatives of λ-returns by γ and λ agree with central differences to 1e-8", () => {
  const stream = random(4);
  const [episodes, steps] = [3, 12];
  const numbers = (): number[] => Array.from({ length: episodes * steps }, () => stream.normal());
  const g = createGraph();
  const [gamma, lambda] = [g.input("gamma", []), g.input("lambda", [])];
  const rewards = g.constant(numbers(), [episodes, steps]);
  const next = g.constant(numbers(), [episodes, steps]);
  const total = g.sum(
    g.mul(lambdaReturn(g, { rewards, next, gamma, lambda }), g.constant(numbers(), [episodes, steps])),
  );
  const [byGamma, byLambda] = grad(g, total, [gamma, lambda]);
  const run = interpreter(toProgram({ total, byGamma, byLambda }));
  for (const [at, trace] of [[0.9, 0.8], [0.5, 0.1], [0.99, 0.99]]) {
    const found = run({ gamma: [at], lambda: [trace] });
    const h = 1e-5;
    const value = (a: number, b: number): number => run({ gamma: [a], lambda: [b] }).total[0];
    const differences = [
      (value(at + h, trace) - value(at - h, trace)) / (2 * h),
      (value(at, trace + h) - value(at, trace - h)) / (2 * h),
    ];
    [found.byGamma[0], found.byLambda[0]].forEach((exact, i) =>
      assertLess(Math.abs(exact - differences[i]), 1e-8 * Math.max(1, Math.abs(exact)))
    );
  }
});

Deno.test("λ-returns at λ of 0 are one reward and a value, at 1 discounted rewards and the last value", () => {
  const g = createGraph();
  const [rewards, next] = [g.constant([1, 2, 3], [1, 3]), g.constant([10, 20, 30], [1, 3])];
  const of = (lambda: number): number[] => [
    ...interpreter(toProgram({ found: lambdaReturn(g, { rewards, next, gamma: 0.5, lambda }) }))({}).found,
  ];
  assertEquals(of(0), [1 + 5, 2 + 10, 3 + 15]);
  assertEquals(of(1), [1 + 0.5 * (2 + 0.5 * 18), 2 + 0.5 * 18, 18]);
});

const STATES = 5;
const STEPS = 8;
/** A value a state: one-hot inputs. */
const table = mlp({ inputs: STATES, hidden: [], outputs: 1 });

/** Episodes of a walk to the right that stands still now and then; the last state pays, with noise everywhere. */
function walk(episodes: number, seed: number): Samples {
  const stream = random(seed);
  const rows = episodes * STEPS;
  const [x, y] = [new Float32Array(rows * STATES), new Float32Array(rows)];
  for (let i = 0, state = 0; i < rows; i++) {
    if (i % STEPS === 0) state = 0;
    x[i * STATES + state] = 1;
    if (stream.uniform() < 0.7) state = Math.min(STATES - 1, state + 1);
    y[i] = (state === STATES - 1 ? 1 : 0) + 0.3 * stream.normal();
  }
  return { rows, x, y };
}

Deno.test("a value's own gradient is TD(λ)'s: returns are constants to it", async () => {
  const episode = { rows: 2, x: Float32Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 0), y: Float32Array.of(1, 2) };
  const values = Float32Array.of(0.5, -0.25, 0, 0, 0, 0);
  const { grad: found } = await lossGradient(
    engine,
    table,
    returnLoss({ steps: 2, gamma: 0.5, lambda: 0.25 }),
    values,
    episode,
  );
  // G_1 = 2 (the episode ends), G_0 = 1 + 0.5 (0.75 · (−0.25) + 0.25 · 2).
  const first = 1 + 0.5 * (0.75 * -0.25 + 0.25 * 2);
  assertAlmostEquals(found[0], -(first - 0.5), 1e-7);
  assertAlmostEquals(found[1], -(2 - -0.25), 1e-7);
});

function config(gamma: number, lambda: number) {
  return metaGradient({
    net: table,
    loss: returnLoss({ steps: STEPS, gamma, lambda, learned: true }),
    outerLoss: returnLoss({ steps: STEPS, gamma: 0.9, lambda: 0.95 }),
    inner: { steps: 6, lr: 0.5, lrShape: { per: "scalar" } },
    learn: { params: false, lr: false, loss: true },
    outer: { lr: 0.05 },
  });
}

function task(seed: number): Task {
  return { support: walk(6, 2 * seed), query: walk(12, 2 * seed + 1) };
}

Deno.test("the meta-gradient by γ and λ through updates of values agrees with central differences", async () => {
  // Returns are constants to what is differentiated; by a judge without them and over one update nothing else is.
  const { config: learned } = metaInit(config(0.6, 0.4));
  const exact = { ...learned, inner: { ...learned.inner, steps: 1 }, outerLoss: { kind: "mse" } as const };
  const params = Float32Array.of(0.3, -0.2, 0.5, 0.1, 0.9, 0.2);
  const { by } = await checkMetaGradient(engine, metaInit(exact, { params }), [task(1)]);
  assertLess(by.phi, 1e-7);
});

Deno.test("a discount that starts too small is learned from what values are wanted for", async () => {
  const start = metaInit(config(0.4, 0.5), { params: new Float32Array(STATES + 1) });
  let state = start;
  const batches = Array.from({ length: 120 }, (_, i) => [task(2 * i + 10), task(2 * i + 11)]);
  for await (const progress of metaTrain(engine, start, batches, { every: 40 })) state = progress.state;
  const { gamma, lambda } = learnedReturn(state.phi);
  assertGreater(gamma, 0.75);
  assert(lambda > 0 && lambda < 1);
  assertEquals(state.params, start.params);
  // Values learned under it are nearer to those wanted, on episodes that nothing was learned from.
  const judged = async (of: typeof start): Promise<number> => {
    let sum = 0;
    const fresh = Array.from({ length: 20 }, (_, i) => [task(1000 + i)]);
    for (const tasks of fresh) {
      for await (const { loss } of metaTrain(engine, of, [tasks])) sum += loss / fresh.length;
    }
    return sum;
  };
  assertLess(await judged(state), await judged(start));
});

Deno.test("returnLoss() refuses what is out of range", () => {
  assertThrows(() => returnLoss({ steps: 0, gamma: 0.9, lambda: 0.5 }), RangeError, "steps");
  assertThrows(() => returnLoss({ steps: 1, gamma: 1, lambda: 0.5 }), RangeError, "gamma");
  assertThrows(() => returnLoss({ steps: 1, gamma: 0.9, lambda: 0 }), RangeError, "lambda");
});
