// Methods that learn in one pass, through the public functions: against PyTorch, and by what each must hold.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { adapt, adaptMany } from "../../lib/meta/adapt.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { adaptPredict, predict } from "../../lib/meta/predict.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep, metaTrain } from "../../lib/meta/train.ts";
import { prototypical } from "../../lib/method/prototypical.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { sharedEngine } from "../engine/webgpu/shared_engine.ts";
import { relativeError } from "../goldens.ts";
import { gpuRuns } from "../gpu.ts";
import { readOnePassGoldens } from "./one_pass_goldens.ts";

const GOLDENS = readOnePassGoldens();
const ENGINES = [
  { name: "float64", open: () => Promise.resolve(openNaiveEngine()), tolerance: 1e-9, rounded: 1e-6 },
  { name: "cpu", open: () => openCpuEngine({ threads: 2 }), tolerance: 1e-4, rounded: 1e-4 },
  { name: "WebGPU", open: () => sharedEngine(), tolerance: 1e-4, rounded: 1e-4 },
];

if (GOLDENS.length === 0) {
  Deno.test({ name: "methods match the goldens (skipped: no shared data)", ignore: true, fn: () => {} });
}
for (const { name: where, open, tolerance, rounded } of ENGINES) {
  for (const { name, method, values, tasks, expected } of GOLDENS) {
    const ignore = where === "WebGPU" && !gpuRuns({ smoke: name === "prototypical" });
    Deno.test(`${name} matches its golden on the ${where} engine`, { ignore }, async () => {
      await using engine = await open();
      const state = metaInit(method, { values });
      const found = await metaGradientOf(engine, state, tasks);
      assertLess(relativeError([found.loss], [expected.loss]), tolerance);
      assertLess(relativeError(found.taskLosses, expected.taskLosses), rounded);
      assertEquals(Object.keys(found.by), Object.keys(expected.grad));
      for (const [learned, wanted] of Object.entries(expected.grad)) {
        assertLess(relativeError(found.by[learned], wanted), tolerance, learned);
      }
      const [{ support, query: { x } }] = tasks;
      const [predictions] = await adaptPredict(engine, state, [{ support, x }]);
      assertLess(relativeError(predictions, expected.predictions), rounded);
      const adapted = await adapt(engine, state, support);
      assertLess(relativeError(await predict(engine, adapted, x), expected.predictions), rounded);
    });
    Deno.test(`${name} is trained and saved as every method is, on the ${where} engine`, { ignore }, async () => {
      await using engine = await open();
      const start = metaInit({ method, outer: { lr: 1e-3 } }, { seed: 3 });
      const { state: one, loss } = await metaStep(engine, start, tasks);
      assert(Number.isFinite(loss) && one.step === 1);
      for (const learned of Object.keys(start.values)) {
        assert(one.values[learned].some((value, i) => value !== start.values[learned][i]), learned);
      }
      let last = start;
      for await (const { state } of metaTrain(engine, start, [tasks, tasks], { every: 2 })) last = state;
      const { state: read } = await decodeState(await encodeState(one));
      assertEquals(read.values, one.values);
      assertEquals((await metaStep(engine, read, tasks)).state.values, last.values);
    });
  }
}

const set = (x: number[], classes: number[], count: number) => ({
  rows: classes.length,
  x: Float32Array.from(x),
  y: Float32Array.from(classes.flatMap((one) => Array.from({ length: count }, (_, k) => k === one ? 1 : 0))),
});
const identity = (width: number) => ({
  net: mlp({ inputs: width, hidden: [], outputs: width }),
  params: Float32Array.from(
    { length: width * width + width },
    (_, i) => i < width * width && i % (width + 1) === 0 ? 1 : 0,
  ),
});

Deno.test("prototypical() with the identity is the nearest centroid, and its logits are linear up to the query's own length", async () => {
  await using engine = openNaiveEngine();
  const { net, params } = identity(2);
  const state = metaInit(prototypical({ net }), { params });
  const stream = random(5);
  const normals = (length: number) => Array.from({ length }, () => stream.normal());
  const support = set(normals(12), [0, 1, 2, 0, 1, 0], 3);
  const x = Float32Array.from(normals(8));
  const [logits] = await adaptPredict(engine, state, [{ support, x }]);
  const centroids = [[0, 3, 5], [1, 4], [2]].map((rows) =>
    [0, 1].map((axis) => rows.reduce((sum, row) => sum + support.x[2 * row + axis] / rows.length, 0))
  );
  for (let row = 0; row < 4; row++) {
    const [a, b] = [x[2 * row], x[2 * row + 1]];
    centroids.forEach(([c, d], k) => {
      const linear = 2 * (a * c + b * d) - (c * c + d * d) - (a * a + b * b);
      assertAlmostEquals(logits[3 * row + k], linear, 1e-5);
    });
  }
});

Deno.test("prototypical() never forecasts a class that the support set does not hold, and learns from it all the same", async () => {
  await using engine = openNaiveEngine();
  const { net, params } = identity(2);
  const state = metaInit(prototypical({ net }), { params });
  const support = set([0, 0, 1, 1], [0, 2], 3);
  const [logits] = await adaptPredict(engine, state, [{ support, x: Float32Array.of(0.2, 0.1) }]);
  assert(logits[1] < -1e8 && logits[0] > logits[2]);
  const { loss, params: slope } = await metaGradientOf(engine, state, [{ support, query: set([0.2, 0.1], [0], 3) }]);
  assert(Number.isFinite(loss) && slope.every(Number.isFinite) && slope.some((value) => value !== 0));
});

Deno.test("adaptMany() takes support sets of different rows and classes by a method", async () => {
  await using engine = openNaiveEngine();
  const { net, params } = identity(1);
  const state = metaInit(prototypical({ net }), { params });
  const supports = [set([-1, 1], [0, 1], 2), set([-1, 0, 1, 1], [0, 1, 2, 2], 3)];
  const adapted = await adaptMany(engine, state, supports);
  const x = Float32Array.of(0.9);
  const together = await Promise.all(adapted.map((one) => predict(engine, one, x)));
  assertEquals(together, await adaptPredict(engine, state, supports.map((support) => ({ support, x }))));
  await assertRejects(() => predict(engine, state, x), TypeError, "prototypical reads a support set first");
  await assertRejects(() => adapt(engine, state, supports[0], { steps: 2 }), RangeError, "steps");
});
