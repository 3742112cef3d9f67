// Probabilities are explained as other forecasts are: by inputs and by support rows, of every way to tell classes.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples } from "../../lib/engine/problem.ts";
import type { LossConfig } from "../../lib/loss/config.ts";
import { lossOf } from "../../lib/loss/losses.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import { integratedGradients } from "../../lib/meta/integrated_gradients.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { maml } from "../../lib/meta/presets.ts";
import { rowInfluence } from "../../lib/meta/row_influence.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { matching } from "../../lib/method/matching.ts";
import { prototypical } from "../../lib/method/prototypical.ts";
import { lstm } from "../../lib/model/lstm.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";

const engine = openNaiveEngine();
const CLASSES = 3;
const INPUTS = 4;
const inner = { steps: 2, lr: 0.1 };
const wide = mlp({ inputs: INPUTS, hidden: [5], outputs: CLASSES, activation: "tanh" });

/** Rows whose first inputs tell their class, one-hot. */
function classRows(rows: number, seed: number): Samples {
  const stream = random(seed);
  const x = Float32Array.from(
    { length: rows * INPUTS },
    (_, i) => stream.normal() + (i % INPUTS === Math.floor(i / INPUTS) % CLASSES ? 2 : 0),
  );
  const y = Float32Array.from(
    { length: rows * CLASSES },
    (_, i) => i % CLASSES === Math.floor(i / CLASSES) % CLASSES ? 1 : 0,
  );
  return { rows, x, y };
}

const SUPPORT = classRows(9, 1);
const X = classRows(1, 2).x;
/** Not zeros: matching asks for directions, which zeros have none of. */
const BASELINE = new Float32Array(INPUTS).fill(0.5);

const LEARNERS: readonly { readonly name: string; readonly state: MetaState; readonly loss: LossConfig }[] = [
  ...(["crossEntropy", "logistic"] as const).map((kind) => ({
    name: kind,
    state: metaInit(maml({ net: wide, loss: { kind }, inner }), { seed: 3 }),
    loss: { kind },
  })),
  {
    name: "lstm",
    state: metaInit(
      maml({ net: lstm({ time: 2, features: 2, hidden: 3, outputs: CLASSES }), loss: { kind: "crossEntropy" }, inner }),
      { seed: 3 },
    ),
    loss: { kind: "crossEntropy" },
  },
  { name: "prototypical", state: metaInit(prototypical({ net: wide }), { seed: 3 }), loss: { kind: "crossEntropy" } },
  ...[matching({ net: wide })].map((method) => ({
    name: "matching",
    state: metaInit(method, { seed: 3 }),
    loss: method.loss,
  })),
];

/** Each class's probability at X, of a learner that adapts to some rows. */
async function chances({ state, loss }: { state: MetaState; loss: LossConfig }, support: Samples): Promise<number[]> {
  const [outputs] = await adaptPredict(engine, state, [{ support, x: X }]);
  return Array.from({ length: CLASSES }, (_, k) => lossOf(loss).smooth(outputs, k).value);
}

Deno.test("integratedGradients() of a class add up to the change of its probability, whatever tells it", async () => {
  for (const learner of LEARNERS) {
    const { net, params } = await adapt(engine, learner.state, SUPPORT);
    const wanted = await chances(learner, SUPPORT);
    for (let target = 0; target < CLASSES; target++) {
      const { loss, name } = learner;
      const found = await integratedGradients(engine, net, params, {
        x: X,
        baseline: BASELINE,
        points: 400,
        loss,
        target,
      });
      assertAlmostEquals(found.atInput, wanted[target], 1e-6, name);
      assertLess(Math.abs(found.residual), 1e-4, name);
      assertLess(1e-3, Math.max(...found.contributions.map(Math.abs)), name);
    }
    const likeliest = await integratedGradients(engine, net, params, { x: X, loss: learner.loss });
    assertAlmostEquals(likeliest.atInput, Math.max(...wanted), 1e-6, learner.name);
  }
});

Deno.test("rowInfluence() of a class is what its probability loses without the row", async () => {
  for (const learner of LEARNERS) {
    const wanted = await chances(learner, SUPPORT);
    const found = await rowInfluence(engine, learner.state, SUPPORT, { x: X, target: 1 });
    for (const row of [0, 4]) {
      const weights = Float32Array.from({ length: SUPPORT.rows }, (_, i) => i === row ? 0 : 1);
      const without = await chances(learner, { ...SUPPORT, weights });
      assertAlmostEquals(found.leaveOneOut[row], wanted[1] - without[1], 1e-6, learner.name);
    }
    const likeliest = wanted.indexOf(Math.max(...wanted));
    const [byDefault, named] = await Promise.all(
      [{ x: X }, { x: X, target: likeliest }].map((options) => rowInfluence(engine, learner.state, SUPPORT, options)),
    );
    assertEquals(byDefault, named, learner.name);
  }
});

Deno.test("rowInfluence() takes the last step of a loss of classes as it was made", async () => {
  for (const kind of ["crossEntropy", "logistic"] as const) {
    const state = metaInit(maml({ net: wide, loss: { kind }, inner: { steps: 1, lr: 1e-3 } }), { seed: 3 });
    const { lastStep, leaveOneOut } = await rowInfluence(engine, state, SUPPORT, { x: X, target: 2 });
    const largest = Math.max(...leaveOneOut.map(Math.abs));
    lastStep.forEach((value, i) => assertLess(Math.abs(value - leaveOneOut[i]), 0.02 * largest, kind));
    assert(largest > 1e-5);
  }
});

Deno.test("what is explained is refused where it cannot be", async () => {
  const [{ state }] = LEARNERS;
  const params = state.params;
  const loss = { kind: "crossEntropy" } as const;
  const refused = async (at: object, type: typeof TypeError | typeof RangeError, message: string) =>
    await assertRejects(() => integratedGradients(engine, wide, params, { x: X, ...at }), type, message);
  await refused({ loss, target: 3 }, RangeError, "expected target to be a whole number from 0 to 2, received 3");
  await refused({ loss, weights: [1, 0, 0] }, TypeError, "expected weights or a loss, received both");
  await refused({ target: 1 }, TypeError, "expected a loss beside target");
  await refused({}, TypeError, "expected a network with 1 output, received 3");
  await assertRejects(() => rowInfluence(engine, state, SUPPORT, { x: X, target: 0.5 }), RangeError, "received 0.5");
  const x = Float32Array.of(...X, ...X);
  await assertRejects(() => rowInfluence(engine, state, SUPPORT, { x }), TypeError, "one row of 4 inputs, received 8");
});

Deno.test("targets of classes beyond [0, 1] are refused by the loss's name", async () => {
  const y = SUPPORT.y.map((value) => 2 * value - 1);
  for (const { state, name } of LEARNERS) {
    const wanted = name === "matching" ? "likelihood" : name === "logistic" ? name : "crossEntropy";
    await assertRejects(
      () => adapt(engine, state, { ...SUPPORT, y }),
      RangeError,
      `support.y to lie within [0, 1] for the loss ${wanted}, received -1 at index 1`,
    );
  }
});
