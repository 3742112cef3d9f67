// What each method that learns in one pass must hold, whatever its numbers.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples } from "../../lib/engine/problem.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { defineMethod } from "../../lib/method/define_method.ts";
import { matching } from "../../lib/method/matching.ts";
import { memory } from "../../lib/method/memory.ts";
import { neuralProcess } from "../../lib/method/neural_process.ts";
import { prototypical } from "../../lib/method/prototypical.ts";
import { ridge } from "../../lib/method/ridge.ts";
import { onlineConfig } from "../../lib/online/config.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";

const NET = mlp({ inputs: 2, hidden: [5], outputs: 4, activation: "tanh" });
const numbers = (seed: number, rows: number): Samples => {
  const stream = random(seed);
  const normals = (length: number) => Float32Array.from({ length }, () => stream.normal());
  return { rows, x: normals(2 * rows), y: normals(rows) };
};
const turned = ({ rows, x, y }: Samples): Samples => ({
  rows,
  x: Float32Array.from({ length: 2 * rows }, (_, i) => x[2 * (rows - 1 - (i >> 1)) + i % 2]),
  y: y.toReversed(),
});
const STATES: Record<string, MetaState> = {
  matching: metaInit(matching({ net: NET, loss: { kind: "mse" } }), { seed: 1 }),
  ridge: metaInit(ridge({ net: NET }), { seed: 1 }),
  neuralProcess: metaInit(
    neuralProcess({ inputs: 2, outputs: 2, encoder: [3, 6, 4], decoder: [6, 5, 2] }),
    { seed: 1 },
  ),
};
const engine = openNaiveEngine();

async function answers(state: MetaState, support: Samples, x: Float32Array): Promise<number[]> {
  const [outputs] = await adaptPredict(engine, state, [{ support, x }]);
  return [...outputs];
}

function assertNear(found: readonly number[], wanted: readonly number[], tolerance: number): void {
  assertEquals(found.length, wanted.length);
  found.forEach((value, i) => assertAlmostEquals(value, wanted[i], tolerance));
}

for (const [name, state] of Object.entries(STATES)) {
  Deno.test(`${name}() does not depend on the order of the support, and a row of weight 0 is not there`, async () => {
    const support = numbers(2, 5);
    const { x } = numbers(3, 4);
    const plain = await answers(state, support, x);
    assertNear(await answers(state, turned(support), x), plain, 1e-6);
    const more = {
      rows: 6,
      x: Float32Array.of(...support.x, 1, -2),
      y: Float32Array.of(...support.y, 50),
      weights: Float32Array.of(1, 1, 1, 1, 1, 0),
    };
    assertNear(await answers(state, more, x), plain, 1e-6);
    const fewer = { rows: 4, x: support.x.slice(0, 8), y: support.y.slice(0, 4) };
    assert((await answers(state, fewer, x)).some((value, i) => Math.abs(value - plain[i]) > 1e-4));
  });
}

Deno.test("memory() reads the support in its order, and every row of it", async () => {
  const state = metaInit(memory({ inputs: 2, outputs: 1, hidden: 3, decoder: [5, 4, 1] }), { seed: 1 });
  const support = numbers(2, 4);
  const { x } = numbers(3, 2);
  const plain = await answers(state, support, x);
  assert((await answers(state, turned(support), x)).some((value, i) => Math.abs(value - plain[i]) > 1e-5));
  for (let row = 0; row < 4; row++) {
    const y = support.y.map((value, i) => i === row ? value + 1 : value);
    assert(
      (await answers(state, { ...support, y }, x)).some((value, i) => Math.abs(value - plain[i]) > 1e-6),
      `row ${row}`,
    );
  }
});

Deno.test("matching() answers within the targets of its support, and a sharp one by the likest row alone", async () => {
  const support = numbers(4, 6);
  const { x } = numbers(5, 7);
  const [least, most] = [Math.min(...support.y), Math.max(...support.y)];
  for (const value of await answers(STATES.matching, support, x)) assert(value > least && value < most);
  const sharp = metaInit(matching({ net: NET, loss: { kind: "mse" } }), { seed: 1, values: { logScale: 12 } });
  assertNear(await answers(sharp, support, support.x), [...support.y], 1e-4);
});

Deno.test("matching() is not undone by a row of weight 0 that is far likelier than all others", async () => {
  const sharp = metaInit(matching({ net: NET, loss: { kind: "mse" } }), { seed: 1, values: { logScale: 7 } });
  const x = Float32Array.of(-1, -2);
  const without = { rows: 2, x: Float32Array.of(1, 2, 1, 1.9), y: Float32Array.of(3, 4) };
  const unseen = {
    rows: 3,
    x: Float32Array.of(...without.x, ...x),
    y: Float32Array.of(3, 4, 50),
    weights: Float32Array.of(1, 1, 0),
  };
  assertNear(await answers(sharp, unseen, x), await answers(sharp, without, x), 1e-6);
});

Deno.test("matching() of classes gives probabilities", async () => {
  const state = metaInit(matching({ net: NET }), { seed: 1 });
  const { x } = numbers(4, 3);
  const found = await answers(state, { rows: 3, x, y: Float32Array.of(1, 0, 0, 1, 1, 0) }, x);
  for (let row = 0; row < 3; row++) assertAlmostEquals(found[2 * row] + found[2 * row + 1], 1, 1e-6);
});

Deno.test("ridge() goes through the support as its ridge goes to 0, and to 0 as it grows", async () => {
  const support = numbers(6, 4);
  const of = (logRidge: number) => metaInit(ridge({ net: NET }), { seed: 1, values: { logRidge } });
  assertNear(await answers(of(-26), support, support.x), [...support.y], 1e-4);
  assertNear(await answers(of(20), support, support.x), [0, 0, 0, 0], 1e-6);
});

Deno.test("ridge() is where gradient descent on the head with decay ends", async () => {
  const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
  const state = metaInit(ridge({ net }), { values: { theta: [1, 0], logRidge: Math.log(0.5) } });
  const support = { rows: 3, x: Float32Array.of(-1, 0.5, 2), y: Float32Array.of(1, 2, 4) };
  let [slope, level] = [0, 0];
  for (let step = 0; step < 5000; step++) {
    let [a, b] = [0.5 * slope, 0.5 * level];
    support.x.forEach((x, i) => {
      const missed = slope * x + level - support.y[i];
      a += missed * x;
      b += missed;
    });
    slope -= 0.05 * a;
    level -= 0.05 * b;
  }
  assertNear(await answers(state, support, Float32Array.of(1, -3)), [slope + level, -3 * slope + level], 1e-5);
});

Deno.test("neuralProcess() takes outputs as the decoder's width or as the targets, and refuses widths that do not fit", () => {
  const widths = { inputs: 2, encoder: [3, 6, 4], decoder: [6, 5, 2] };
  assertEquals(neuralProcess({ ...widths, outputs: 1 }).outputs, 2);
  assertThrows(() => neuralProcess({ ...widths, outputs: 3 }), RangeError, "outputs to be 2");
  assertThrows(
    () => neuralProcess({ ...widths, encoder: [4, 6, 4], outputs: 2 }),
    RangeError,
    "encoder to be widths from 3",
  );
  assertThrows(
    () => neuralProcess({ ...widths, decoder: [7, 2], outputs: 2 }),
    RangeError,
    "decoder to be widths from 6 to 2",
  );
});

Deno.test("checkMetaGradient() holds for every method, with or without a theta", async () => {
  for (const state of [...Object.values(STATES), metaInit(own(1), { seed: 2 })]) {
    const { by } = await checkMetaGradient(engine, state, [{ support: numbers(2, 4), query: numbers(3, 5) }]);
    assertEquals(Object.keys(by), Object.keys(state.values));
    for (const error of Object.values(by)) assertLess(error, 1e-5);
  }
});

const own = (keep: number) =>
  defineMethod({
    name: "shrunkMean",
    inputs: 2,
    outputs: 1,
    learnables: { keep: [1], tilt: [2, 1] },
    init: () => ({ keep: [0.5] }),
    adapt: (g, p, { y }) => ({ level: g.mul(g.mul(keep, p.keep), g.mean(y, 0)) }),
    predict: (g, { tilt }, { level }, x) => g.add(g.matmul(x, tilt), level),
  });

Deno.test("defineMethod() learns without a theta, is differentiated exactly and read back by its function", async () => {
  const state = metaInit({ method: own(1), outer: { lr: 0.01 } }, { seed: 2 });
  const task = { support: numbers(2, 4), query: numbers(3, 5) };
  const { by } = await metaGradientOf(engine, state, [task]);
  const lossAt = async (keep: number) =>
    (await metaGradientOf(engine, metaInit(own(1), { values: { ...state.values, keep } }), [task])).loss;
  const [up, down] = await Promise.all([0.51, 0.49].map(lossAt));
  assertAlmostEquals(by.keep[0], (up - down) / (Math.fround(0.51) - Math.fround(0.49)), 1e-5);
  const bytes = await encodeState(state);
  const { state: read } = await decodeState(bytes, "state", { custom: { method: own(1) } });
  assertEquals([read.values, read.config.outer], [state.values, state.config.outer]);
  await decodeState(bytes, "state", { custom: { method: own(2) } }).then(
    () => assert(false, "another method under the same name was taken"),
    (error) => assert(error.message.includes("computes something else"), error.message),
  );
});

Deno.test("a method refuses unknown options, losses that it cannot use and names of its own state", () => {
  const net = NET;
  assertThrows(() => prototypical({ net, clases: 3 } as never), TypeError, "clases");
  assertThrows(() => ridge({ net, loss: { kind: "learned", tau: 1 } }), RangeError, "without phi");
  assertThrows(() => ridge({ net, loss: { kind: "gaussian", floor: 1e-3 } }), RangeError, "one output a target");
  const { adapt, predict } = own(1);
  assertThrows(() => onlineConfig({ meta: STATES.ridge.config }), RangeError, "inner loop");
  assertThrows(() => defineMethod({ inputs: 2, learnables: { phi: [1] }, adapt, predict }), RangeError, "phi");
  assertThrows(() => metaInit({ method: own(1), inner: {} } as never), TypeError, "inner");
});
