/**
 * What is the CPU engine's own: threads, builds, odd and ragged shapes, memory, overlapping calls.
 */
import { assertEquals, assertLess, assertRejects } from "@std/assert";
import fc from "fast-check";
import { type CpuEngineOptions, openCpuEngine } from "../../../lib/engine/cpu/open.ts";
import type { Engine } from "../../../lib/engine/engine.ts";
import { rateCount } from "../../../lib/method/rates.ts";
import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import type { InnerProblem, Learner, OuterGradient, OuterRule, Samples, Task } from "../../../lib/engine/problem.ts";
import { ACTIVATIONS } from "../../../lib/net/activation.ts";
import { initParams } from "../../../lib/net/init.ts";
import { mlp, type MlpOptions } from "../../../lib/net/mlp.ts";
import { random } from "../../../lib/net/random.ts";
import { relativeError } from "../../goldens.ts";

const RULE: OuterRule = {
  optimizer: "adam",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  momentum: 0,
  weightDecay: 0.01,
  clipNorm: 1,
};

interface Problem {
  inner: InnerProblem;
  learner: Learner;
  gradient: OuterGradient;
  samples(rows: number): Samples;
}

function problem(shape: MlpOptions, changes: Partial<InnerProblem> = {}): Problem {
  const net = mlp(shape);
  const inner: InnerProblem = {
    net,
    loss: { kind: "mse" },
    steps: 3,
    rate: { per: "scalar", perStep: false },
    headOnly: false,
    proximal: 0,
    ...changes,
  };
  const stream = random(9);
  const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => stream.normal());
  const rates = rateCount(net, inner.rate, inner.steps);
  const weights = Array.from({ length: inner.steps + 1 }, (_, k) => k === inner.steps ? 1 : 0);
  return {
    inner,
    learner: {
      params: initParams(net, 3),
      logLr: new Float32Array(rates).fill(Math.log(0.05)),
      phi: Float32Array.of(-3, 0.5413, 0),
      weightDecay: 0,
    },
    gradient: { kind: "unrolled", backpropSteps: inner.steps, stepWeights: weights },
    samples: (rows) => ({ rows, x: draw(rows * net.inputs), y: draw(rows * net.outputs) }),
  };
}

function ragged({ samples }: Problem, count: number): Task[] {
  // Few pairs of sizes: each is a program to compile.
  return Array.from({ length: count }, (_, t) => ({
    support: samples([1, 6, 13, 3][t % 4]),
    query: samples([1, 4, 7, 2][t % 4]),
  }));
}

/** Everything an engine returns for a problem, as plain arrays. */
async function everything(engine: Engine, p: Problem, tasks: readonly Task[]): Promise<number[][]> {
  const { inner, learner, gradient } = p;
  const meta = await engine.metaGradient(inner, gradient, learner, tasks);
  const adapted = await engine.adapt(inner, learner, tasks.map(({ support }) => support));
  const pairs = tasks.map(({ support, query: { x } }) => ({ support, x }));
  const predicted = await engine.adaptPredict(inner, learner, pairs);
  const size = inner.net.parameterCount + learner.logLr.length + 4;
  const moments = { first: new Float32Array(size), second: new Float32Array(size), step: 0 };
  const learn = { params: true, lr: true, loss: false, weightDecay: true };
  await using training = await engine.openTraining({ inner, learn, rule: RULE }, learner, moments);
  for (let i = 0; i < 3; i++) await training.step(tasks, { lr: 1e-3, gradient });
  const reading = await training.read();
  return [
    [meta.loss, meta.weightDecay, reading.loss, reading.gradNorm],
    ...[meta.params, meta.logLr, meta.phi, meta.taskLosses, adapted.params, adapted.losses, ...predicted],
    ...[reading.learner.params, reading.learner.logLr, reading.moments.first, reading.moments.second],
  ].map((values) => [...values]);
}

async function opened<T>(options: CpuEngineOptions, body: (engine: Engine) => Promise<T>): Promise<T> {
  await using engine = await openCpuEngine(options);
  return await body(engine);
}

for (const per of ["scalar", "parameter"] as const) {
  Deno.test(`openCpuEngine() gives the same bits on 1, 2 and 3 threads (a rate a ${per})`, async () => {
    const p = problem({ inputs: 5, hidden: [37, 18], outputs: 1 }, { rate: { per, perStep: true } });
    const tasks = ragged(p, 131);
    const alone = await opened({ threads: 1 }, (engine) => everything(engine, p, tasks));
    for (const threads of [2, 3]) {
      assertEquals(await opened({ threads }, (engine) => everything(engine, p, tasks)), alone);
    }
  });
}

const ONE_TASK: Record<string, [MlpOptions, Partial<InnerProblem>]> = {
  "tanh, several outputs": [{ inputs: 7, hidden: [3, 130, 66], outputs: 5, activation: "tanh" }, {}],
  "the head alone": [{ inputs: 9, hidden: [70, 50], outputs: 9 }, { headOnly: true }],
  "rates a parameter, proximal": [{ inputs: 5, hidden: [90], outputs: 2 }, {
    rate: { per: "parameter", perStep: true },
    proximal: 0.5,
  }],
};

for (const [what, [shape, changes]] of Object.entries(ONE_TASK)) {
  Deno.test(`openCpuEngine() gives one task's bits on any number of threads: ${what}`, async () => {
    const p = problem(shape, changes);
    const task = { support: p.samples(47), query: p.samples(13) };
    const alone = await opened({ threads: 1 }, (engine) => everything(engine, p, [task]));
    for (const threads of [2, 3]) {
      assertEquals(await opened({ threads }, (engine) => everything(engine, p, [task])), alone);
    }
  });
}

Deno.test("a worker runs what lies in memory that the caller has just grown", async () => {
  const p = problem({ inputs: 4, hidden: [8], outputs: 1 }, { steps: 1 });
  const tasks = Array.from({ length: 256 }, () => ({ support: p.samples(4), query: p.samples(4) }));
  const gradientOf = (engine: Engine, count: number) =>
    engine.metaGradient(p.inner, p.gradient, p.learner, tasks.slice(0, count));
  await using alone = await openCpuEngine({ threads: 1 });
  await using engine = await openCpuEngine({ threads: 3 });
  for (let count = 2; count <= 256; count *= 2) {
    const before = engine.heldBytes;
    assertEquals(await gradientOf(engine, count), await gradientOf(alone, count));
    assertLess(before - 1, engine.heldBytes);
  }
});

Deno.test("openCpuEngine() gives the same bits with and without shared memory", async () => {
  const p = problem({ inputs: 3, hidden: [20], outputs: 2, activation: "gelu" });
  const tasks = ragged(p, 9);
  for (const build of ["relaxed", "simd"] as const) {
    const plain = await opened({ build }, (engine) => everything(engine, p, tasks));
    const shared = await opened({ build: `${build}Shared`, threads: 2 }, (engine) => everything(engine, p, tasks));
    assertEquals(shared, plain);
  }
});

Deno.test("openCpuEngine() agrees with the float64 twin on any shape, any rows", async () => {
  const width = fc.integer({ min: 1, max: 70 });
  const shapes = fc.record({
    inputs: fc.integer({ min: 1, max: 20 }),
    hidden: fc.array(width, { maxLength: 3 }),
    outputs: fc.integer({ min: 1, max: 9 }),
    activation: fc.constantFrom(...ACTIVATIONS),
  });
  const twin = openNaiveEngine();
  await using engine = await openCpuEngine({ threads: 1 });
  await fc.assert(
    fc.asyncProperty(shapes, fc.integer({ min: 1, max: 4 }), fc.boolean(), async (shape, count, headOnly) => {
      const p = problem(shape, { headOnly, steps: 2 });
      const tasks = ragged(p, count);
      const rates = { ...p.learner, logLr: p.learner.logLr.map(() => Math.log(0.01)) };
      const [found, wanted] = [
        await engine.metaGradient(p.inner, p.gradient, rates, tasks),
        await twin.metaGradient(p.inner, p.gradient, rates, tasks),
      ];
      assertLess(relativeError(found.taskLosses, wanted.taskLosses), 1e-4);
      assertLess(relativeError(found.params, wanted.params), 1e-4);
    }),
    { numRuns: 60, seed: 12 },
  );
});

const GRADIENTS: Record<string, OuterGradient> = {
  "second order": { kind: "unrolled", backpropSteps: 3, stepWeights: [0, 0, 0, 1] },
  "truncated, multi-step": { kind: "unrolled", backpropSteps: 2, stepWeights: [0.2, 0, 0.3, 0.5] },
  "first order": { kind: "unrolled", backpropSteps: 0, stepWeights: [0, 0, 0, 1] },
  "implicit": { kind: "implicit", cgSteps: 30, tolerance: 1e-6 },
};
const CHANGES: Record<string, Partial<InnerProblem>> = {
  "all layers": {},
  "the head alone": { headOnly: true },
  "the learned loss": { loss: { kind: "learned", tau: 0.3 } },
  "rates a layer and step": { rate: { per: "layer", perStep: true } },
};

for (const [kind, gradient] of Object.entries(GRADIENTS)) {
  for (const [what, changes] of Object.entries(CHANGES)) {
    Deno.test(`metaGradient() of wide relu layers is the twin's: ${kind}, ${what}`, async () => {
      // ρ is strong enough that I + H/ρ is positive definite, which conjugate gradients need.
      const p = problem({ inputs: 6, hidden: [40, 67, 33], outputs: 5 }, { ...changes, proximal: 30 });
      const learner = { ...p.learner, logLr: p.learner.logLr.map(() => Math.log(0.02)), weightDecay: 0.125 };
      const tasks = [{ support: p.samples(21), query: p.samples(10) }, { support: p.samples(9), query: p.samples(13) }];
      await using engine = await openCpuEngine({ threads: 1 });
      const found = await engine.metaGradient(p.inner, gradient, learner, tasks);
      const wanted = await openNaiveEngine().metaGradient(p.inner, gradient, learner, tasks);
      for (const name of ["taskLosses", "params", "logLr", "phi"] as const) {
        assertLess(relativeError(found[name], wanted[name]), 1e-4, name);
      }
      assertLess(relativeError([found.weightDecay], [wanted.weightDecay]), 1e-4);
    });
  }
}

Deno.test("forward() of a thousand rows is the twin's", async () => {
  const { inner: { net }, learner: { params }, samples } = problem({ inputs: 6, hidden: [33], outputs: 3 });
  const { x } = samples(1003);
  await using engine = await openCpuEngine({ threads: 2 });
  assertLess(
    relativeError(await engine.forward(net, params, x), await openNaiveEngine().forward(net, params, x)),
    1e-6,
  );
});

for (const rows of [1, 8, 9, 30]) {
  Deno.test(`adaptPredict() of ${rows} rows is the twin's`, async () => {
    await using engine = await openCpuEngine({ threads: 1 });
    for (const activation of ["relu", "softplus"] as const) {
      for (const changes of [{}, { headOnly: true }, { proximal: 0.3 }, { steps: 1 }]) {
        const p = problem({ inputs: 5, hidden: [33, 3, 40], outputs: 2, activation }, changes);
        const pairs = [{ support: p.samples(11), x: p.samples(rows).x }];
        const found = await engine.adaptPredict(p.inner, p.learner, pairs);
        const wanted = await openNaiveEngine().adaptPredict(p.inner, p.learner, pairs);
        assertLess(relativeError(found[0], wanted[0]), 1e-5);
      }
    }
  });
}

Deno.test("adaptPredict() of more pairs than one job takes keeps their order", async () => {
  const p = problem({ inputs: 40, hidden: [8], outputs: 1 }, { steps: 1 });
  const pairs = Array.from({ length: 3000 }, () => ({ support: p.samples(20), x: p.samples(1).x }));
  await using engine = await openCpuEngine({ threads: 2 });
  const all = await engine.adaptPredict(p.inner, p.learner, pairs);
  assertEquals(all.length, 3000);
  for (const i of [0, 1700, 2621, 2999]) {
    assertEquals(all[i], (await engine.adaptPredict(p.inner, p.learner, [pairs[i]]))[0]);
  }
});

Deno.test("Calls that overlap do not disturb each other", async () => {
  const p = problem({ inputs: 4, hidden: [16], outputs: 1 });
  const batches = [1, 7, 30, 2].map((count) => ragged(p, count));
  await using engine = await openCpuEngine({ threads: 2 });
  const run = (tasks: Task[]) => engine.metaGradient(p.inner, p.gradient, p.learner, tasks);
  const together = await Promise.all(batches.map(run));
  for (const [i, tasks] of batches.entries()) assertEquals(together[i], await run(tasks));
});

Deno.test("Where the caller may not sleep, as a page's main thread, the result is the same", async () => {
  const p = problem({ inputs: 4, hidden: [40, 40], outputs: 1 });
  const tasks = ragged(p, 64);
  const alone = await opened({ threads: 1 }, (engine) => everything(engine, p, tasks));
  const sleep = Atomics.wait;
  Atomics.wait = (): never => {
    throw new TypeError("Atomics.wait cannot be called in this context");
  };
  try {
    assertEquals(await opened({ threads: 3 }, (engine) => everything(engine, p, tasks)), alone);
  } finally {
    Atomics.wait = sleep;
  }
});

Deno.test("heldBytes stays where the largest call has brought it, once every program is compiled", async () => {
  const p = problem({ inputs: 4, hidden: [16], outputs: 1 });
  await using engine = await openCpuEngine({ threads: 2 });
  const rounds: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const count of [40, 1, 2, 3, 7, 16, 33]) await everything(engine, p, ragged(p, count));
    rounds.push(engine.heldBytes);
  }
  assertEquals(rounds, [rounds[0], rounds[0], rounds[0]]);
});

Deno.test("The CPU engine leaves its inputs unchanged", async () => {
  const p = problem({ inputs: 4, hidden: [16], outputs: 1 });
  const tasks = ragged(p, 5);
  const before = structuredClone({ learner: p.learner, tasks });
  await opened({ threads: 2 }, (engine) => everything(engine, p, tasks));
  assertEquals({ learner: p.learner, tasks }, before);
});

Deno.test("openCpuEngine() throws on threads that are no positive integer", async () => {
  for (const threads of [0, -1, 1.5, NaN]) {
    await assertRejects(() => openCpuEngine({ threads }), RangeError, "threads must be an integer of at least 1");
  }
});
