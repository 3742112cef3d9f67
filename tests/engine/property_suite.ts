/**
 * One suite of properties for every engine: symmetries, limits and reproducibility that no golden shows.
 * Random problems come from fixed seeds; tolerances are those of float32 sums over a few hundred terms.
 */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import type { Engine } from "../../lib/engine/engine.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { InnerProblem, Learner, OuterGradient, Samples, Task } from "../../lib/engine/problem.ts";
import { rateCount } from "../../lib/method/rates.ts";
import { type Activation, ACTIVATIONS } from "../../lib/net/activation.ts";
import { initParams } from "../../lib/net/init.ts";
import { type Mlp, mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { DivergedError } from "../../lib/meta/errors.ts";
import { maml, mamlPlusPlus, metaSgd } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep, metaTrain } from "../../lib/meta/train.ts";
import { someSamples, someTasks } from "../meta/fixtures.ts";
import { relativeError } from "../goldens.ts";

const TOLERANCE = 1e-4;

type MlpProblem = InnerProblem & { readonly net: Mlp };

interface Problem {
  inner: MlpProblem;
  learner: Learner;
  tasks: Task[];
}

function problem(
  options: {
    widths?: number[];
    activation?: Activation;
    steps?: number;
    tasks?: number;
    inner?: Partial<MlpProblem>;
  } = {},
): Problem {
  const { widths = [3, 7, 5, 2], activation = "tanh", steps = 3, tasks = 3 } = options;
  const net = mlp({
    inputs: widths[0],
    hidden: widths.slice(1, -1),
    outputs: widths[widths.length - 1],
    activation,
  });
  const inner: MlpProblem = {
    net,
    loss: { kind: "mse" },
    steps,
    rate: { per: "scalar", perStep: false },
    headOnly: false,
    proximal: 0,
    ...options.inner,
  };
  const stream = random(4);
  return {
    inner,
    learner: {
      params: initParams(net, 2),
      logLr: Float32Array.from(
        { length: rateCount(net, inner.rate, steps) },
        () => Math.log(0.05) + 0.2 * stream.normal(),
      ),
      phi: Float32Array.of(0.4, 0.9, -0.3),
      weightDecay: Math.fround(0.03),
    },
    tasks: someTasks(net, tasks, 6),
  };
}

function exact({ inner: { steps } }: Problem): OuterGradient & { kind: "unrolled" } {
  const stepWeights = Array.from({ length: steps + 1 }, (_, k) => k === steps ? 1 : 0);
  return { kind: "unrolled", backpropSteps: steps, stepWeights };
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

async function assertMatchesTwin(engine: Engine, p: Problem, gradient: OuterGradient): Promise<void> {
  const twin = openNaiveEngine();
  const [found, wanted] = [
    await engine.metaGradient(p.inner, gradient, p.learner, p.tasks),
    await twin.metaGradient(p.inner, gradient, p.learner, p.tasks),
  ];
  for (const name of ["taskLosses", "params", "logLr", "phi"] as const) {
    assertLess(relativeError(found[name], wanted[name]), TOLERANCE, name);
  }
  assertLess(relativeError([found.weightDecay], [wanted.weightDecay]), TOLERANCE, "weightDecay");
  const supports = p.tasks.map(({ support }) => support);
  const [adapted, reference] = [
    await engine.adapt(p.inner, p.learner, supports),
    await twin.adapt(p.inner, p.learner, supports),
  ];
  assertLess(relativeError(adapted.params, reference.params), TOLERANCE, "adapted parameters");
  assertLess(relativeError(adapted.losses, reference.losses), TOLERANCE, "support losses");
}

const SHAPES: [string, Parameters<typeof problem>[0]][] = [
  ["one task of a linear model", { widths: [4, 1], tasks: 1 }],
  ["no inner steps", { steps: 0 }],
  ["odd widths", { widths: [7, 31, 1], tasks: 7, activation: "relu" }],
  ["wide layers", { widths: [10, 129, 65, 3], tasks: 2, steps: 2, activation: "relu" }],
  ["four hidden layers", { widths: [2, 9, 3, 17, 6, 1], activation: "silu" }],
  ["67 tasks", { widths: [4, 16, 1], tasks: 67, steps: 2 }],
  ["rates by parameter and step", { inner: { rate: { per: "parameter", perStep: true } } }],
  ["rates by layer and step", { inner: { rate: { per: "layer", perStep: true } } }],
  ["the head alone", { inner: { headOnly: true } }],
  ["a proximal term", { inner: { proximal: 0.7 } }],
  ["the learned loss", { inner: { loss: { kind: "learned", tau: 0.25 } } }],
  ["the Huber loss", { inner: { loss: { kind: "huber", delta: 0.5 } } }],
  ["the learned loss on the head, rates by layer, proximal", {
    activation: "gelu",
    inner: {
      loss: { kind: "learned", tau: 0.5 },
      headOnly: true,
      proximal: 0.4,
      rate: { per: "layer", perStep: false },
    },
  }],
];

/** Registers the suite; `ignore` says which titles not to run. `open` is called once a test. */
export function propertySuite(
  name: string,
  open: () => Promise<Engine>,
  ignore: (title: string) => boolean = () => false,
): void {
  const test = (title: string, body: (engine: Engine) => Promise<void>): void => {
    Deno.test({
      name: `${name}: ${title}`,
      ignore: ignore(title),
      fn: async () => {
        await using engine = await open();
        await body(engine);
      },
    });
  };

  for (const [what, shape] of SHAPES) {
    test(`the meta-gradient is the twin's for ${what}`, async (engine) => {
      const p = problem(shape);
      await assertMatchesTwin(engine, p, exact(p));
    });
  }
  for (const activation of ACTIVATIONS) {
    test(`the meta-gradient is the twin's for ${activation}`, async (engine) => {
      const p = problem({ activation, widths: [3, 6, 5, 1] });
      await assertMatchesTwin(engine, p, exact(p));
    });
  }
  const gradients: [string, OuterGradient][] = [
    ["truncated", { kind: "unrolled", backpropSteps: 1, stepWeights: [0, 0, 0, 1] }],
    ["multi-step losses, truncated", { kind: "unrolled", backpropSteps: 2, stepWeights: [0.1, 0, 0.5, 0.4] }],
    ["Reptile", { kind: "reptile" }],
    ["implicit", { kind: "implicit", cgSteps: 40, tolerance: 1e-6 }],
  ];
  for (const [what, gradient] of gradients) {
    test(`the meta-gradient is the twin's when ${what}`, async (engine) => {
      await assertMatchesTwin(engine, problem({ inner: { proximal: 2 } }), gradient);
    });
  }

  test("an inner loop that comes to rest is the twin's, and says how near", async (engine) => {
    const p = problem({ inner: { proximal: 2, tolerance: 0.3, rule: { kind: "barzilaiBorwein" } }, steps: 8 });
    await assertMatchesTwin(engine, p, { kind: "implicit", cgSteps: 40, tolerance: 1e-6 });
    const supports = p.tasks.map(({ support }) => support);
    const [found, again, wanted] = [
      await engine.adapt(p.inner, p.learner, supports),
      await engine.adapt(p.inner, p.learner, supports),
      await openNaiveEngine().adapt(p.inner, p.learner, supports),
    ];
    assertEquals(again, found);
    assertLess(relativeError(found.stationarity!, wanted.stationarity!), TOLERANCE);
    assert(wanted.stationarity!.every((value) => value <= 0.3));
    // Some rest before their last step: from there on nothing moves.
    const points = p.inner.steps + 1;
    const still = supports.filter((_, t) =>
      found.losses[t * points + points - 1] === found.losses[t * points + points - 2]
    );
    assert(still.length > 0);
  });

  test("u·Hv equals v·Hu", async (engine) => {
    for (const loss of [{ kind: "mse" }, { kind: "learned", tau: 0.3 }] as const) {
      const { inner: { net }, learner, tasks: [{ support }] } = problem({ activation: "gelu" });
      const stream = random(8);
      const [u, v] = [0, 1].map(() => Float32Array.from({ length: net.parameterCount }, () => stream.normal()));
      const uhv = dot(u, await engine.hessianVectorProduct(net, loss, learner, support, v));
      const vhu = dot(v, await engine.hessianVectorProduct(net, loss, learner, support, u));
      assertLess(Math.abs(uhv - vhu), 1e-4 * (Math.abs(uhv) + Math.sqrt(dot(u, u) * dot(v, v)) * 1e-2));
    }
  });

  test("permuting tasks or samples leaves the meta-gradient within rounding", async (engine) => {
    const p = problem({ tasks: 5 });
    const straight = await engine.metaGradient(p.inner, exact(p), p.learner, p.tasks);
    const flip = ({ rows, x, y }: Samples): Samples => {
      const [inputs, outputs] = [p.inner.net.inputs, p.inner.net.outputs];
      const order = Array.from({ length: rows }, (_, r) => rows - 1 - r);
      return {
        rows,
        x: Float32Array.from(order.flatMap((r) => [...x.subarray(r * inputs, (r + 1) * inputs)])),
        y: Float32Array.from(order.flatMap((r) => [...y.subarray(r * outputs, (r + 1) * outputs)])),
      };
    };
    const tasks = p.tasks.map(({ support, query }) => ({ support: flip(support), query: flip(query) })).reverse();
    const turned = await engine.metaGradient(p.inner, exact(p), p.learner, tasks);
    assertLess(relativeError(turned.params, straight.params), 1e-5);
    assertLess(relativeError(turned.taskLosses.slice().reverse(), straight.taskLosses), 1e-5);
  });

  test("rows of weight zero change nothing", async (engine) => {
    const p = problem();
    const pad = ({ rows, x, y }: Samples): Samples => {
      const stream = random(11);
      const more = someSamples(p.inner.net, 3, stream);
      return {
        rows: rows + 3,
        x: Float32Array.of(...x, ...more.x),
        y: Float32Array.of(...y, ...more.y),
        weights: Float32Array.from({ length: rows + 3 }, (_, r) => r < rows ? 1 : 0),
      };
    };
    const tasks = p.tasks.map(({ support, query }) => ({ support: pad(support), query: pad(query) }));
    const [plain, padded] = [
      await engine.metaGradient(p.inner, exact(p), p.learner, p.tasks),
      await engine.metaGradient(p.inner, exact(p), p.learner, tasks),
    ];
    assertLess(relativeError(padded.params, plain.params), 1e-5);
    assertLess(relativeError(padded.taskLosses, plain.taskLosses), 1e-5);
  });

  test("a batch is the mean of its tasks alone", async (engine) => {
    const p = problem({ tasks: 4 });
    const batch = await engine.metaGradient(p.inner, exact(p), p.learner, p.tasks);
    const mean = new Float64Array(p.inner.net.parameterCount);
    for (const [t, task] of p.tasks.entries()) {
      const alone = await engine.metaGradient(p.inner, exact(p), p.learner, [task]);
      assertLess(Math.abs(alone.loss - batch.taskLosses[t]), 1e-6 * Math.abs(alone.loss) + 1e-7);
      alone.params.forEach((value, j) => mean[j] += value / 4);
    }
    assertLess(relativeError(batch.params, mean), 1e-5);
  });

  test("backpropSteps = steps is exact, and fewer is not", async (engine) => {
    const p = problem();
    const gradient = exact(p);
    const whole = await engine.metaGradient(p.inner, gradient, p.learner, p.tasks);
    const more = await engine.metaGradient(p.inner, { ...gradient, backpropSteps: 99 }, p.learner, p.tasks);
    assertEquals(more.params, whole.params);
    const first = await engine.metaGradient(p.inner, { ...gradient, backpropSteps: 0 }, p.learner, p.tasks);
    assert(relativeError(first.params, whole.params) > 1e-3);
  });

  test("backpropSteps = 0 is the query gradient at the adapted parameters", async (engine) => {
    const p = problem();
    const { inner, learner, tasks } = p;
    const { params } = await engine.adapt(inner, learner, tasks.map(({ support }) => support));
    const mean = new Float64Array(inner.net.parameterCount);
    for (const [t, { query }] of tasks.entries()) {
      const theta = params.slice(t * mean.length, (t + 1) * mean.length);
      const { grad } = await engine.lossGradient(inner.net, inner.loss, { ...learner, params: theta }, query);
      grad.forEach((value, j) => mean[j] += value / tasks.length);
    }
    const first = await engine.metaGradient(inner, { ...exact(p), backpropSteps: 0 }, learner, tasks);
    assertLess(relativeError(first.params, mean), 1e-5);
  });

  test("an implicit gradient ends at negative curvature: there it is the query gradient itself", async (engine) => {
    // f = w₁ tanh(w₀ x + b₀) + b₁; the query's errors of ±1 at x = ±1 leave a gradient along w₀ and w₁ alone, along which the
    // support's curvature has the sign of its error at x = 1.
    const net = mlp({ inputs: 1, hidden: [1], outputs: 1, activation: "tanh" });
    const inner: MlpProblem = { ...problem().inner, net, steps: 0, proximal: 0.5 };
    const learner: Learner = { ...problem().learner, params: Float32Array.of(0.5, 0, 0.5, 0), weightDecay: 0 };
    const x = Float32Array.of(1, -1);
    const outputs = await engine.forward(net, Float32Array.from(learner.params), x);
    const query = { rows: 2, x, y: Float32Array.of(outputs[0] - 1, outputs[1] + 1) };
    const solve = async (error: number, cgSteps: number): Promise<number[]> => {
      const support = { rows: 1, x: Float32Array.of(1), y: Float32Array.of(outputs[0] - error) };
      const gradient = { kind: "implicit", cgSteps, tolerance: 1e-6 } as const;
      return [...(await engine.metaGradient(inner, gradient, learner, [{ support, query }])).params];
    };
    const { grad } = await engine.lossGradient(net, inner.loss, learner, query);
    for (const cgSteps of [1, 30]) assertLess(relativeError(await solve(-10, cgSteps), grad), 1e-5);
    assert(relativeError(await solve(10, 30), grad) > 0.5, "positive curvature is divided by");
  });

  test("the same call gives the same bits twice", async (engine) => {
    const p = problem({ tasks: 9, activation: "gelu" });
    const once = await engine.metaGradient(p.inner, exact(p), p.learner, p.tasks);
    const twice = await engine.metaGradient(p.inner, exact(p), p.learner, p.tasks);
    assertEquals(twice, once);
  });

  test("adaptPredict is adapt, then forward", async (engine) => {
    const { inner, learner } = problem();
    const stream = random(3);
    const pairs = [4, 1, 6].map((rows) => ({
      support: someSamples(inner.net, rows + 2, stream),
      x: someSamples(inner.net, rows, stream).x,
    }));
    const predicted = await engine.adaptPredict(inner, learner, pairs);
    const { params } = await engine.adapt(inner, learner, pairs.map(({ support }) => support));
    const size = inner.net.parameterCount;
    for (const [t, { x }] of pairs.entries()) {
      const wanted = await engine.forward(inner.net, params.slice(t * size, (t + 1) * size), x);
      assertLess(relativeError(predicted[t], wanted), 1e-5);
      assertEquals(predicted[t].length, wanted.length);
    }
  });

  test("training on the device is the twin's training", async (engine) => {
    const net = mlp({ inputs: 2, hidden: [9], outputs: 1, activation: "tanh" });
    const configs = [
      maml({ net, outer: { optimizer: "sgd", momentum: 0.9, lr: 0.05, weightDecay: 0.1 } }),
      maml({ net, learn: { params: true, lr: true, weightDecay: true }, outer: { clipNorm: 0.1 } }),
      maml({ net, learn: { params: true, lr: true }, outer: { lr: 0.01, ratesLr: 0.1 } }),
      mamlPlusPlus({ net, gradient: { kind: "unrolled", firstOrderSteps: 2, stepWeightsAnneal: 3 } }),
      metaSgd({ net, loss: { kind: "learned", tau: 0.2 }, learn: { params: true, lr: true, loss: true } }),
    ];
    for (const config of configs) {
      const batches = Array.from({ length: 5 }, (_, i) => someTasks(net, 3, 50 + i));
      const [found, wanted] = await Promise.all([engine, openNaiveEngine()].map(async (on) => {
        let last;
        for await (const progress of metaTrain(on, metaInit(config, { seed: 1 }), batches, { every: 5 })) {
          last = progress;
        }
        return last!;
      }));
      assertLess(relativeError(found.state.params, wanted.state.params), 2e-4);
      assertLess(relativeError(found.state.logLr, wanted.state.logLr), 2e-4);
      assertLess(relativeError(found.state.phi, wanted.state.phi), 2e-4);
      assertLess(Math.abs(found.state.weightDecay - wanted.state.weightDecay), 1e-5);
      assertLess(relativeError([found.meanLoss, found.gradNorm], [wanted.meanLoss, wanted.gradNorm]), 1e-3);
      assertEquals(found.state.step, 5);
    }
  });

  test("a step that diverges leaves the last good state", async (engine) => {
    const net = mlp({ inputs: 2, hidden: [], outputs: 1 });
    const good = metaInit(maml({ net, inner: { steps: 60, lr: 1e6 } }));
    const error = await assertRejects(() => metaStep(engine, good, someTasks(net, 2)), DivergedError);
    assertEquals(error.state, good);
  });

  test("memory is flat over many steps", async (engine) => {
    const net = mlp({ inputs: 2, hidden: [4], outputs: 1 });
    let state = metaInit(maml({ net, inner: { steps: 1 } }));
    const tasks = someTasks(net, 2);
    ({ state } = await metaStep(engine, state, tasks));
    const held = engine.heldBytes;
    for (let i = 0; i < 20; i++) ({ state } = await metaStep(engine, state, tasks));
    assertEquals(engine.heldBytes, held);
  });
}
