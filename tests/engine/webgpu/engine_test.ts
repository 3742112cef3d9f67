/**
 * What only the WebGPU engine can get wrong: chunks of tasks, dispatches past one axis, training on the device, memory.
 */
import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { outerJudge } from "../../../kernels/wgsl/outer_judge.ts";
import { outerUpdate } from "../../../kernels/wgsl/outer_update.ts";
import { sumTree } from "../../../kernels/wgsl/sum_tree.ts";
import { type Engine, NoGpuError, type TrainingPlan } from "../../../lib/engine/engine.ts";
import type { ProgramExecutor } from "../../../lib/engine/executor.ts";
import { openHostTraining } from "../../../lib/engine/host_training.ts";
import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { findAdapter } from "../../../lib/engine/webgpu/adapter.ts";
import { type AnyKernel, Gpu } from "../../../lib/engine/webgpu/gpu.ts";
import { openGpu, openWebGpuEngine } from "../../../lib/engine/webgpu/open.ts";
import { selfTest, selfTestProgram } from "../../../lib/engine/webgpu/self_test.ts";
import type {
  InnerProblem,
  Learner,
  OuterGradient,
  OuterMoments,
  OuterRule,
  Task,
} from "../../../lib/engine/problem.ts";
import { TreeSum } from "../../../lib/engine/tree_sum.ts";
import { initParams } from "../../../lib/net/init.ts";
import { mlp } from "../../../lib/net/mlp.ts";
import { random } from "../../../lib/net/random.ts";
import { interpreter } from "../../../lib/program/interpret.ts";
import { gpuRuns } from "../../gpu.ts";
import { relativeError } from "../../goldens.ts";
import { someSamples, someTasks } from "../../meta/fixtures.ts";
import { sharedEngine } from "./shared_engine.ts";

const NET = mlp({ inputs: 3, hidden: [6], outputs: 2, activation: "tanh" });
const INNER: InnerProblem = {
  net: NET,
  loss: { kind: "learned", tau: 0.3 },
  steps: 2,
  rate: { per: "layer", perStep: true },
  headOnly: false,
  proximal: 0.3,
};
const EXACT: OuterGradient = { kind: "unrolled", backpropSteps: 2, stepWeights: [0, 0.5, 1] };
const LEARNER: Learner = {
  params: initParams(NET, 3),
  logLr: Float32Array.of(-2, -2.5, -3, -2),
  phi: Float32Array.of(0.4, 0.9, -0.3),
  weightDecay: Math.fround(0.05),
};
const ADAM: OuterRule = {
  optimizer: "adam",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  momentum: 0,
  weightDecay: 0.01,
  clipNorm: 0.5,
};
const PLAN: TrainingPlan = {
  inner: INNER,
  learn: { params: true, lr: true, loss: true, weightDecay: true },
  rule: ADAM,
};

function startMoments(): OuterMoments {
  const length = NET.parameterCount + LEARNER.logLr.length + 4;
  return { first: new Float32Array(length), second: new Float32Array(length), step: 0 };
}

function test(name: string, fn: () => Promise<void>, { smoke = true } = {}): void {
  Deno.test({ name, ignore: !gpuRuns({ smoke }), fn });
}

test("a meta-gradient is its tasks' gradients, summed along the fixed tree to the bit", async () => {
  const tasks = someTasks(NET, 37);
  await using engine = await sharedEngine();
  const { params, logLr } = await engine.metaGradient(INNER, EXACT, LEARNER, tasks);
  const sums = { params: new TreeSum<Float32Array>(), logLr: new TreeSum<Float32Array>() };
  for (const task of tasks) {
    const one = await engine.metaGradient(INNER, EXACT, LEARNER, [task]);
    sums.params.add(Float32Array.from(one.params));
    sums.logLr.add(Float32Array.from(one.logLr));
  }
  assertEquals(params, sums.params.total().map((value) => value / tasks.length));
  assertEquals(logLr, sums.logLr.total().map((value) => value / tasks.length));
});

test("rows that fill a set up to the size of those beside it change no bit of what it gives", async () => {
  const stream = random(7);
  const net = mlp({ inputs: 2, hidden: [3], outputs: 3, activation: "tanh" });
  const tasks = [[24, 40], [33, 70]].map(([support, query]) => ({
    support: someSamples(net, support, stream),
    query: someSamples(net, query, stream),
  }));
  const rate = { per: "scalar", perStep: false } as const;
  const inner: InnerProblem = { ...INNER, net, loss: { kind: "huber", delta: 0.5 }, steps: 1, rate };
  const gradient: OuterGradient = { kind: "unrolled", backpropSteps: 1, stepWeights: [0, 1] };
  const learner = { ...LEARNER, params: initParams(net, 3), logLr: Float32Array.of(-2) };
  await using engine = await sharedEngine();
  const alone = await Promise.all(tasks.map((task) => engine.metaGradient(inner, gradient, learner, [task])));
  const both = await engine.metaGradient(inner, gradient, learner, tasks);
  assertEquals([...both.taskLosses], alone.map(({ loss }) => loss));
  assertEquals(both.params, Float32Array.from(alone[0].params, (value, i) => (value + alone[1].params[i]) / 2));
}, { smoke: false });

/** Runs with the number of submits that it made. */
async function submits<R>(run: () => Promise<R>): Promise<readonly [R, number]> {
  const submit = GPUQueue.prototype.submit;
  let count = 0;
  GPUQueue.prototype.submit = function (buffers): undefined {
    count++;
    submit.call(this, buffers);
  };
  try {
    return [await run(), count];
  } finally {
    GPUQueue.prototype.submit = submit;
  }
}

test("chunks of tasks give the same bits as all at once", async () => {
  const tasks = someTasks(NET, 19);
  await using whole = await sharedEngine();
  await using split = await sharedEngine({ budget: { buffer: Infinity, total: 8192 } });
  const supports = tasks.map(({ support }) => support);
  const pairs = tasks.map(({ support, query }) => ({ support, x: query.x }));
  const calls = [
    (engine: Engine): Promise<unknown> => engine.metaGradient(INNER, EXACT, LEARNER, tasks),
    (engine: Engine): Promise<unknown> => engine.adapt(INNER, LEARNER, supports),
    (engine: Engine): Promise<unknown> => engine.adaptPredict(INNER, LEARNER, pairs),
  ];
  for (const call of calls) {
    const [wanted, few] = await submits(() => call(whole));
    const [found, more] = await submits(() => call(split));
    assertEquals(found, wanted);
    assert(more > few, `${more} submits of chunks, ${few} of whole batches`);
  }
});

test("a task that no buffer holds is refused with the figures", async () => {
  const budget = { buffer: 4096, total: Infinity };
  await using engine = await sharedEngine({ budget });
  const big = someTasks(mlp({ inputs: 40, hidden: [], outputs: 1 }), 1);
  const inner = {
    ...INNER,
    net: mlp({ inputs: 40, hidden: [64], outputs: 1 }),
    rate: { per: "scalar", perStep: false },
  };
  const learner = { ...LEARNER, params: initParams(inner.net, 1), logLr: Float32Array.of(-2) };
  await assertRejects(
    () => engine.adapt(inner as InnerProblem, learner, big.map(({ support }) => support)),
    RangeError,
    "the limits are 4096",
  );
});

test("more workgroups than one axis of a dispatch holds change no bit", async () => {
  // What lies past the 65,535 that every adapter allows is tested on one kernel; here the limit is low and the tasks are few.
  const mostGroups = 9;
  const tasks = someTasks(NET, 67);
  const supports = tasks.map(({ support }) => support);
  await using whole = await sharedEngine();
  await using split = await openWebGpuEngine({ allowFallback: true, mostGroups });
  const dispatch = GPUComputePassEncoder.prototype.dispatchWorkgroups;
  const taken: (readonly [number, number])[] = [];
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y = 1, z): undefined {
    taken.push([x, y]);
    dispatch.call(this, x, y, z);
  };
  try {
    assertEquals(
      await split.metaGradient(INNER, EXACT, LEARNER, tasks),
      await whole.metaGradient(INNER, EXACT, LEARNER, tasks),
    );
    assertEquals(await split.adapt(INNER, LEARNER, supports), await whole.adapt(INNER, LEARNER, supports));
  } finally {
    GPUComputePassEncoder.prototype.dispatchWorkgroups = dispatch;
  }
  assert(taken.some(([x, y]) => x <= mostGroups && y > 1 && x * y > mostGroups), `no dispatch over two axes: ${taken}`);
});

test("forward() takes more rows than one block", async () => {
  const x = Float32Array.from({ length: 3 * 5001 }, (_, i) => Math.sin(i));
  await using engine = await sharedEngine();
  const found = await engine.forward(NET, LEARNER.params, x);
  assertEquals(found.length, 2 * 5001);
  assertLess(relativeError(found, await openNaiveEngine().forward(NET, LEARNER.params, x)), 1e-5);
});

test("lossGradient() and hessianVectorProduct() sum over many rows", async () => {
  await using engine = await sharedEngine();
  const twin = openNaiveEngine();
  const net = mlp({ inputs: 1, hidden: [2], outputs: 1, activation: "tanh" });
  const rows = 20_001;
  const x = Float32Array.from({ length: rows }, (_, i) => Math.sin(i));
  const samples = { rows, x, y: x.map((value) => 0.5 + 2 * value) };
  const at = { params: initParams(net, 2), phi: LEARNER.phi };
  const vector = Float32Array.of(1, -1, 0.5, 2, 0.25, -0.5, 1);
  const [found, wanted] = [
    await engine.lossGradient(net, { kind: "mse" }, at, samples),
    await twin.lossGradient(net, { kind: "mse" }, at, samples),
  ];
  assertLess(relativeError(found.grad, wanted.grad), 1e-4);
  assertLess(relativeError([found.loss], [wanted.loss]), 1e-5);
  const [product, reference] = [
    await engine.hessianVectorProduct(net, { kind: "mse" }, at, samples, vector),
    await twin.hessianVectorProduct(net, { kind: "mse" }, at, samples, vector),
  ];
  assertLess(relativeError(product, reference), 1e-4);
}, { smoke: false });

test("tanh stays finite where inputs are huge", async () => {
  await using engine = await sharedEngine();
  for (const activation of ["tanh", "gelu", "sigmoid", "softplus", "silu"] as const) {
    const net = mlp({ inputs: 1, hidden: [2], outputs: 1, activation });
    const params = Float32Array.of(1, -1, 0, 0, 1, 1, 0);
    const x = Float32Array.of(-1e4, -90, 90, 1e4);
    const found = await engine.forward(net, params, x);
    assertLess(relativeError(found, await openNaiveEngine().forward(net, params, x)), 1e-5, activation);
  }
});

test("openTraining() equals repeated metaGradient() and outer updates, whatever the batch's shape", async () => {
  await using engine = await sharedEngine();
  const batches = [3, 5, 3, 2, 4, 6, 3].map((count, i) => someTasks(NET, count, 20 + i));
  for (const optimizer of ["adam", "sgd"] as const) {
    const plan = { ...PLAN, rule: { ...ADAM, optimizer, momentum: 0.9 } };
    await using training = await engine.openTraining(plan, LEARNER, startMoments());
    const host = openHostTraining(engine, plan, { learner: LEARNER, moments: startMoments() });
    for (const batch of batches) {
      await training.step(batch, { lr: 0.01, gradient: EXACT });
      await host.step(batch, { lr: 0.01, gradient: EXACT });
    }
    const [found, wanted] = [await training.read(), await host.read()];
    assertLess(relativeError(found.learner.params, wanted.learner.params), 1e-5);
    assertLess(relativeError(found.learner.logLr, wanted.learner.logLr), 1e-5);
    assertLess(relativeError(found.learner.phi, wanted.learner.phi), 1e-5);
    assertLess(Math.abs(found.learner.weightDecay - wanted.learner.weightDecay), 1e-6);
    assertLess(relativeError(found.moments.first, wanted.moments.first), 1e-4);
    assertLess(relativeError(found.taskLosses, wanted.taskLosses), 1e-5);
    assertLess(relativeError([found.gradNorm, found.meanLoss], [wanted.gradNorm, wanted.meanLoss]), 1e-5);
    assertEquals([found.moments.step, found.halted], [batches.length, false]);
    const again = await training.read();
    assert(Number.isNaN(again.meanLoss));
    assertEquals(again.learner, found.learner);
  }
});

test("openTraining() trains with a rule of its own, and moves what is learned alone", async () => {
  const inner: InnerProblem = { ...INNER, steps: 1, loss: { kind: "mse" }, rule: { kind: "momentum", mu: 0.5 } };
  const learner = { ...LEARNER, logLr: LEARNER.logLr.subarray(0, 2) };
  const length = NET.parameterCount + 2 + 4;
  const moments = { first: new Float32Array(length), second: new Float32Array(length), step: 0 };
  const gradient: OuterGradient = { kind: "unrolled", backpropSteps: 1, stepWeights: [0, 1] };
  const plan: TrainingPlan = { inner, learn: { params: true, lr: false, loss: false, weightDecay: false }, rule: ADAM };
  const [one, other] = someTasks(NET, 2);
  const reuse = ({ support }: Task, { query }: Task, scale: number): Task => ({
    support: { ...support, x: support.x.map((value) => scale * value) },
    query,
  });
  // Of two shapes, in turns.
  const tasks = [one, other, reuse(one, one, 0.5), reuse(one, one, 2), reuse(other, other, 0.7)];
  await using engine = await sharedEngine();
  const before = engine.heldBytes;
  const readings = await Promise.all([engine, openNaiveEngine()].map(async (engine) => {
    await using training = await engine.openTraining(plan, learner, moments);
    for (let step = 0; step < 3; step++) await training.step(tasks, { lr: 0.01, gradient });
    return await training.read();
  }));
  const [found, wanted] = readings;
  assertLess(relativeError(found.learner.params, wanted.learner.params), 1e-4);
  assertLess(relativeError(found.moments.second, wanted.moments.second), 1e-4);
  assertLess(relativeError(found.taskLosses, wanted.taskLosses), 1e-4);
  const numbers = readings.map(({ loss, gradNorm, meanLoss }) => [loss, gradNorm, meanLoss]);
  assertLess(relativeError(numbers[0], numbers[1]), 1e-4);
  assertEquals([found.moments.step, found.halted], [3, false]);
  assert(relativeError(found.learner.params, learner.params) > 1e-3, "nothing was learned");
  assertEquals([found.learner.logLr, found.learner.weightDecay], [learner.logLr, learner.weightDecay]);
  assertEquals(engine.heldBytes, before);
});

test("openTraining() gives the same bits twice, and its memory is flat over many steps", async () => {
  await using engine = await sharedEngine();
  const tasks = someTasks(NET, 4);
  const readings = [];
  for (let run = 0; run < 2; run++) {
    const before = engine.heldBytes;
    const training = await engine.openTraining(PLAN, LEARNER, startMoments());
    await training.step(tasks, { lr: 0.01, gradient: EXACT });
    const held = engine.heldBytes;
    for (let i = 0; i < 30; i++) await training.step(tasks, { lr: 0.01, gradient: EXACT });
    assertEquals(engine.heldBytes, held);
    readings.push(await training.read());
    await training[Symbol.asyncDispose]();
    assertEquals(engine.heldBytes, before);
  }
  assertEquals(readings[1], readings[0]);
});

test("a shape is compiled once: other rates and a second openTraining() compile nothing", async () => {
  await using engine = await sharedEngine();
  const create = GPUDevice.prototype.createComputePipeline;
  let compiled = 0;
  GPUDevice.prototype.createComputePipeline = function (descriptor): GPUComputePipeline {
    compiled++;
    return create.call(this, descriptor);
  };
  try {
    const net = mlp({ inputs: 3, hidden: [7], outputs: 1, activation: "tanh" });
    const learner = { ...LEARNER, params: initParams(net, 3) };
    const length = net.parameterCount + LEARNER.logLr.length + 4;
    const tasks = someTasks(net, 3);
    const trained: number[] = [];
    const train = async (gradient: OuterGradient, lr: number): Promise<void> => {
      const moments = { first: new Float32Array(length), second: new Float32Array(length), step: 0 };
      await using training = await engine.openTraining({ ...PLAN, inner: { ...INNER, net } }, learner, moments);
      for (let step = 0; step < 2; step++) await training.step(tasks, { lr, gradient });
      trained.push((await training.read()).loss);
    };
    await train(EXACT, 0.01);
    assert(compiled > 0);
    compiled = 0;
    await train(EXACT, 0.01);
    assertEquals(trained[1], trained[0]);
    await train(EXACT, 0.02);
    await train({ kind: "unrolled", backpropSteps: 2, stepWeights: [0, 0.25, 1] }, 0.01);
    assertEquals(compiled, 0);
    assert(trained.every(Number.isFinite) && new Set(trained).size === 3, `${trained}`);
  } finally {
    GPUDevice.prototype.createComputePipeline = create;
  }
});

test("openTraining() lets steps wait on the device, but not without end", async () => {
  await using engine = await sharedEngine();
  const fence = GPUQueue.prototype.onSubmittedWorkDone;
  const release: (() => void)[] = [];
  GPUQueue.prototype.onSubmittedWorkDone = () => new Promise((resolve) => release.push(() => resolve(undefined)));
  try {
    await using training = await engine.openTraining(PLAN, LEARNER, startMoments());
    const tasks = someTasks(NET, 2);
    let done = 0;
    const all = (async () => {
      for (; done < 600; done++) await training.step(tasks, { lr: 0.01, gradient: EXACT });
    })();
    while (release.length < 2) await new Promise((resolve) => setTimeout(resolve));
    const waiting = done;
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
    assertEquals([done, release.length], [waiting, 2]); // the second fence waits for the first
    GPUQueue.prototype.onSubmittedWorkDone = fence;
    for (const one of release) one();
    await all;
    assertEquals([done, (await training.read()).moments.step], [600, 600]);
  } finally {
    GPUQueue.prototype.onSubmittedWorkDone = fence;
  }
});

test("openTraining() halts for good at a loss that is not finite and keeps the last good learner", async () => {
  await using engine = await sharedEngine();
  const good = someTasks(NET, 2);
  const bad = good.map(({ support, query }) => ({ support, query: { ...query, y: query.y.map(() => 3e38) } }));
  await using training = await engine.openTraining(PLAN, LEARNER, startMoments());
  await training.step(good, { lr: 0.01, gradient: EXACT });
  const before = await training.read();
  await training.step(bad, { lr: 0.01, gradient: EXACT });
  await training.step(good, { lr: 0.01, gradient: EXACT });
  const after = await training.read();
  assert(after.halted && !before.halted);
  assertEquals(after.learner, before.learner);
  assertEquals(after.moments, before.moments);
  assert(!Number.isFinite(after.loss));
  assert(Number.isNaN(after.meanLoss));
});

test("heldBytes returns to nothing when the engine is disposed", async () => {
  const engine = await openWebGpuEngine({ allowFallback: true });
  assert(engine.heldBytes > 0);
  await engine[Symbol.asyncDispose]();
  assertEquals(engine.heldBytes, 0);
});

test("openWebGpuEngine() refuses a software adapter unless it is allowed", async () => {
  await using engine = await sharedEngine();
  if (engine.info.isFallback) {
    await assertRejects(() => openWebGpuEngine({ allowFallback: false }), NoGpuError, "software adapter");
  } else {
    await using other = await openWebGpuEngine({ allowFallback: false });
    assertEquals(other.info, engine.info);
  }
});

test("pipelines are kept while they are asked for, and not without end", async () => {
  const gpu = new Gpu(await (await findAdapter(true)).requestDevice(), { mostKernels: 2 });
  const [a, b, c] = [outerJudge, outerUpdate, sumTree].map((kernel) => () => gpu.kernel(kernel as AnyKernel));
  const first = a();
  const second = b();
  assertStrictEquals(a(), first);
  c(); // in place of the second
  assertStrictEquals(a(), first);
  assertNotStrictEquals(b(), second);
  await gpu.settle();
  gpu.destroy();
});

test("a shader that does not compile is reported with line, column and its numbered text", async () => {
  const gpu = await openGpu(await findAdapter(true));
  gpu.kernel({ ...outerUpdate, modules: ["learnable", "flat", "flat"] });
  const error = await assertRejects(() => gpu.settle(), Error, "Cannot compile outer_update.wgsl");
  assertMatch(error.message, /error \d+:\d+ /);
  assertMatch(error.message, /\n +1 const LANES: u32 = 64u;\n/);
  gpu.destroy();
});

test("a lost device is an error, not a hang", async () => {
  const engine = await openWebGpuEngine({ allowFallback: true });
  await engine[Symbol.asyncDispose]();
  await assertRejects(
    () => engine.forward(NET, LEARNER.params, new Float32Array(3)),
    Error,
    "the device was lost (the engine was disposed)",
  );
});

test("selfTest() fails with the figures", async () => {
  const { program, inputs } = selfTestProgram();
  const { loss, byW, byB } = interpreter(program)(inputs);
  const twice = (values: ArrayLike<number>, factor = 2): Float32Array =>
    Float32Array.from(values, (value) => factor * value);
  const answer = (factor: number): ProgramExecutor => ({
    run: () => Promise.resolve({ each: [{ loss }, { loss }], sum: { byW: twice(byW, factor), byB: twice(byB) } }),
  });
  await selfTest(answer(2), "an adapter");
  await assertRejects(
    () => selfTest(answer(2.02), "an adapter"),
    Error,
    "an adapter fails the self-test against float64 (byW is off by 1.00e-2",
  );
});

test("inputs are left unchanged", async () => {
  await using engine = await sharedEngine();
  const tasks = someTasks(NET, 2);
  const copy = structuredClone({ learner: LEARNER, tasks });
  await engine.metaGradient(INNER, EXACT, LEARNER, tasks);
  await engine.adapt(INNER, LEARNER, tasks.map(({ support }) => support));
  assertEquals({ learner: LEARNER, tasks }, copy);
});
