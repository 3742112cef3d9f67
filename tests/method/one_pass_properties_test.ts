// What each method that learns in one pass must hold, whatever its numbers.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples } from "../../lib/engine/problem.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import { describeAdaptation } from "../../lib/meta/describe_adaptation.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { defineMethod } from "../../lib/method/define_method.ts";
import { inContext } from "../../lib/method/in_context.ts";
import { matching } from "../../lib/method/matching.ts";
import { memory } from "../../lib/method/memory.ts";
import { neuralProcess } from "../../lib/method/neural_process.ts";
import { prototypical } from "../../lib/method/prototypical.ts";
import { ridge } from "../../lib/method/ridge.ts";
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
  inContext: metaInit(inContext({ inputs: 2, outputs: 1, width: 6 }), { seed: 1 }),
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

Deno.test("memory() reads the support in its order, and every row of it that has a weight", async () => {
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
    const weights = Float32Array.from({ length: 4 }, (_, i) => i === row ? 0 : 1);
    const kept = (values: Float32Array, width: number) => values.filter((_, i) => Math.floor(i / width) !== row);
    const without = { rows: 3, x: kept(support.x, 2), y: kept(support.y, 1) };
    assertNear(await answers(state, { ...support, weights }, x), await answers(state, without, x), 1e-6);
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

Deno.test("describeAdaptation() compares what a method answers with what it would if its rows told nothing apart", async () => {
  const support = numbers(2, 6);
  for (const [name, state] of Object.entries(STATES)) {
    const report = await describeAdaptation(engine, state, support);
    assertEquals([report.layers, report.withoutGradient], [[], []]);
    const mean = support.y.reduce((sum, value) => sum + value / 6, 0);
    const flat = { ...support, y: support.y.map(() => mean) };
    const [before, after] = await Promise.all([flat, support].map((one) => answers(state, one, support.x)));
    const outputs = before.length / 6;
    const error = (found: number[]): number =>
      support.y.reduce((sum, value, i) => sum + (found[outputs * i] - value) ** 2 / 6, 0);
    assertAlmostEquals(report.loss.before, error(before), 1e-6, name);
    assertAlmostEquals(report.loss.after, error(after), 1e-6, name);
    assert(report.predictionVariance.after > 0 && !report.collapsed);
  }
  const { rows, x, y } = support;
  const classes = {
    rows,
    x,
    y: Float32Array.from({ length: 2 * rows }, (_, i) => (y[i >> 1] > 0) === (i % 2 > 0) ? 1 : 0),
  };
  const state = metaInit(prototypical({ net: NET }), { seed: 1 });
  const { loss, predictionVariance } = await describeAdaptation(engine, state, classes);
  assertEquals(predictionVariance.before, 0);
  assertLess(loss.after, loss.before);
  await assertRejects(() => describeAdaptation(engine, state, classes, { steps: 2 }), RangeError, "steps");
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

/** The lower triangular square root of a symmetric positive definite matrix, by rows. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const root: number[][] = [];
  matrix.forEach((row, i) => {
    root.push([]);
    for (let j = 0; j <= i; j++) {
      const rest = row[j] - root[i].reduce((sum, value, k) => k < j ? sum + value * root[j][k] : sum, 0);
      root[i].push(i === j ? Math.sqrt(rest) : rest / root[j][j]);
    }
  });
  return root;
}

/** L⁻¹ b. */
function forwardSolve(root: readonly (readonly number[])[], b: readonly number[]): number[] {
  const found: number[] = [];
  b.forEach((value, i) => found.push((value - found.reduce((sum, one, k) => sum + root[i][k] * one, 0)) / root[i][i]));
  return found;
}

Deno.test("ridge() with the gaussian loss is the posterior of a Gaussian process whose kernel is that of its features", async () => {
  const net = mlp({ inputs: 2, hidden: [], outputs: 2 });
  const [logRidge, logNoise] = [-0.7, -1.2].map(Math.fround);
  const method = ridge({ net, loss: { kind: "gaussian", floor: 1e-6 } });
  const state = metaInit(method, { values: { theta: [1, 0, 0, 1, 0, 0], logRidge, logNoise } });
  assertEquals(Object.keys(state.values), ["theta", "logRidge", "logNoise"]);
  const support = numbers(6, 5);
  const { x } = numbers(7, 3);
  const noise = Math.exp(logNoise);
  const point = (xs: Float32Array, i: number): number[] => [xs[2 * i], xs[2 * i + 1], 1];
  const kernel = (a: number[], b: number[]): number =>
    noise / Math.exp(logRidge) * a.reduce((sum, value, k) => sum + value * b[k], 0);
  const rows = Array.from({ length: 5 }, (_, i) => point(support.x, i));
  const root = cholesky(rows.map((a, i) => rows.map((b, j) => kernel(a, b) + (i === j ? noise : 0))));
  const targets = forwardSolve(root, [...support.y]);
  const wanted = [0, 1, 2].map((q) => {
    const asked = point(x, q);
    const across = forwardSolve(root, rows.map((row) => kernel(asked, row)));
    const mean = across.reduce((sum, value, k) => sum + value * targets[k], 0);
    return [mean, Math.log(noise + kernel(asked, asked) - across.reduce((sum, value) => sum + value ** 2, 0))];
  });
  assertNear(await answers(state, support, x), wanted.flat(), 1e-5);
  const [[, near], [, far]] = await Promise.all(
    [[0, 0], [9, -9]].map((at) => answers(state, support, Float32Array.from(at))),
  );
  assertLess(near + 1, far);
});

Deno.test("ridge() tells variances of as many targets as it is told, and saves that", async () => {
  const state = metaInit(ridge({ net: NET, targets: 2, loss: { kind: "gaussian", floor: 1e-4 } }), { seed: 1 });
  const { x } = numbers(4, 3);
  const y = Float32Array.of(1, 2, 3, 4, 5, 7);
  const found = await answers(state, { rows: 3, x, y }, x.slice(0, 2));
  assertEquals([found.length, found[2] === found[3]], [4, true]);
  const { state: read } = await decodeState(await encodeState(state));
  assertEquals(await answers(read, { rows: 3, x, y }, x.slice(0, 2)), found);
  assertThrows(() => ridge({ net: NET, targets: 0 }), RangeError, "targets");
});

Deno.test("inContext() told of ages reads the support in its order, and by default as a set", async () => {
  const state = metaInit(inContext({ inputs: 2, outputs: 1, width: 6, layers: 1, ordered: true }), { seed: 1 });
  const support = numbers(2, 4);
  const { x } = numbers(3, 2);
  const plain = await answers(state, support, x);
  assert((await answers(state, turned(support), x)).some((value, i) => Math.abs(value - plain[i]) > 1e-5));
  assertThrows(() => inContext({ inputs: 1, outputs: 1, width: 6, heads: 4 }), RangeError, "multiple of heads");
  assertThrows(
    () => inContext({ inputs: 1, outputs: 3, loss: { kind: "gaussian", floor: 1 } }),
    RangeError,
    "gaussian",
  );
});

Deno.test("inContext() counts a row of weight 2 as two rows", async () => {
  const state = STATES.inContext;
  const support = numbers(2, 3);
  const { x } = numbers(3, 2);
  const twice = {
    rows: 4,
    x: Float32Array.of(...support.x, ...support.x.slice(4)),
    y: Float32Array.of(...support.y, support.y[2]),
  };
  assertNear(
    await answers(state, { ...support, weights: Float32Array.of(1, 1, 2) }, x),
    await answers(state, twice, x),
    1e-6,
  );
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
  assertThrows(
    () => ridge({ net, loss: { kind: "quantile", levels: [0.1, 0.9], smooth: 1 } }),
    RangeError,
    "one output a target",
  );
  const { adapt, predict } = own(1);
  assertThrows(() => defineMethod({ inputs: 2, learnables: { phi: [1] }, adapt, predict }), RangeError, "phi");
  assertThrows(() => metaInit({ method: own(1), inner: {} } as never), TypeError, "inner");
});
