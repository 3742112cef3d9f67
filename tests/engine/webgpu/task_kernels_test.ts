/**
 * Each kernel that works per task or per element, alone against its formula in float64.
 */
import { assertEquals, assertLess } from "@std/assert";
import { adjointStep } from "../../../kernels/wgsl/adjoint_step.ts";
import { cgStart } from "../../../kernels/wgsl/cg_start.ts";
import { cgStep } from "../../../kernels/wgsl/cg_step.ts";
import { LANES, MAX_GROUPS } from "../../../kernels/wgsl/contract.ts";
import { decayTerm } from "../../../kernels/wgsl/decay_term.ts";
import { displacement } from "../../../kernels/wgsl/displacement.ts";
import { innerUpdate } from "../../../kernels/wgsl/inner_update.ts";
import { lossHead } from "../../../kernels/wgsl/loss_head.ts";
import { outerJudge } from "../../../kernels/wgsl/outer_judge.ts";
import { outerUpdate } from "../../../kernels/wgsl/outer_update.ts";
import { rateTerms } from "../../../kernels/wgsl/rate_terms.ts";
import { spreadParams } from "../../../kernels/wgsl/spread_params.ts";
import { sumTree } from "../../../kernels/wgsl/sum_tree.ts";
import { tangentHead } from "../../../kernels/wgsl/tangent_head.ts";
import { lossDerivatives } from "../../twin.ts";
import { outerUpdate as outerUpdateTwin } from "../../../lib/engine/outer_update.ts";
import type { FusedLoss, OuterRule } from "../../../lib/engine/problem.ts";
import { gpuRuns } from "../../gpu.ts";
import { relativeError } from "../../goldens.ts";
import { normals, runKernel } from "./run_kernel.ts";

const [TASKS, PARAMS, RATES] = [3, LANES + 7, 2];
const COUNT = TASKS * PARAMS;
/** Parameter to rate, then where each rate starts. */
const RATE_MAP = Uint32Array.from(
  { length: PARAMS + RATES + 1 },
  (_, i) => i < PARAMS ? (i < 40 ? 0 : 1) : [0, 40, PARAMS][i - PARAMS],
);
const FIRST = 5;
/** `[params | logLr | φ | ω]`. */
const LEARNER = Float32Array.of(...normals(PARAMS, 1), -1, -2, 0.4, 0.9, -0.3, 0.05);
const LOSSES: FusedLoss[] = [{ kind: "mse" }, { kind: "huber", delta: 0.5 }, { kind: "learned", tau: 0.3 }];

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !gpuRuns({ smoke: true }), fn });
}

function rateOf(i: number): number {
  return Math.exp(LEARNER[PARAMS + RATE_MAP[i % PARAMS]]);
}

function dotOfTask(a: ArrayLike<number>, b: ArrayLike<number>, t: number): number {
  let sum = 0;
  for (let p = 0; p < PARAMS; p++) sum += a[t * PARAMS + p] * b[t * PARAMS + p];
  return sum;
}

function shapeOf(loss: FusedLoss): number {
  return loss.kind === "huber" ? loss.delta : loss.kind === "learned" ? loss.tau : 1;
}

test("loss_head is the twin's losses, slopes and gradient by φ; rows of weight 0 add nothing", async () => {
  const [rows, outputs] = [37, 2];
  const each = rows * outputs;
  const data = normals(TASKS * each + TASKS * rows, 2);
  for (let i = TASKS * each; i < data.length; i++) data[i] = i % 4 === 0 ? 0 : Math.abs(data[i]);
  const tape = normals(2 * TASKS * each, 3);
  for (const [LOSS, loss] of LOSSES.entries()) {
    const found = await runKernel(lossHead, {
      constants: { LOSS, ACTIVATION: 0 },
      buffers: { control: Float32Array.of(1, 0.5), learner: LEARNER, data, tape, stats: new Float32Array(4 * TASKS) },
      sizes: {
        tasks: TASKS,
        rows,
        outputs,
        forecast: 0,
        label: 0,
        coefficient: TASKS * each,
        delta: TASKS * each,
        weight: 1,
        phi: PARAMS + RATES,
        loss: 0,
        loss_phi: TASKS,
        keep: 0,
        shape: shapeOf(loss),
      },
    });
    const phi = LEARNER.subarray(PARAMS + RATES, PARAMS + RATES + 3);
    const stats = new Float64Array(4 * TASKS);
    const derivatives = lossDerivatives(loss);
    const slopes = Array.from({ length: TASKS * each }, (_, i) => {
      const t = Math.floor(i / each);
      const c = 0.5 * data[TASKS * each + Math.floor(i / outputs)];
      const { value, slope, byPhi } = derivatives(phi, tape[i], data[i]);
      stats[t] += c * value;
      if (loss.kind === "learned") {
        byPhi.forEach((part, j) => stats[TASKS * (j + 1) + t] += c * part);
      }
      return c * slope;
    });
    assertLess(relativeError(found.stats, stats), 1e-6);
    assertLess(relativeError(found.tape.subarray(TASKS * each), slopes), 1e-6);
  }
});

test("tangent_head is c ℓ″ Rŷ, and takes φ's part off its gradient", async () => {
  const [rows, outputs] = [37, 2];
  const each = rows * outputs;
  const data = normals(TASKS * each + TASKS * rows, 4).map(Math.abs);
  const tape = normals(TASKS * each, 5);
  const start = normals(2 * TASKS * each, 6);
  for (const [LOSS, loss] of LOSSES.entries()) {
    const found = await runKernel(tangentHead, {
      constants: { LOSS, ACTIVATION: 0 },
      buffers: { learner: LEARNER, data, tape, tangent: start, stats: new Float32Array(3 * TASKS) },
      sizes: {
        tasks: TASKS,
        rows,
        outputs,
        forecast: 0,
        label: 0,
        coefficient: TASKS * each,
        r_forecast: 0,
        r_delta: TASKS * each,
        phi: PARAMS + RATES,
        loss_phi: 0,
        shape: shapeOf(loss),
      },
    });
    const phi = LEARNER.subarray(PARAMS + RATES, PARAMS + RATES + 3);
    const stats = new Float64Array(3 * TASKS);
    const derivatives = lossDerivatives(loss);
    const deltas = Array.from({ length: TASKS * each }, (_, i) => {
      const moved = data[TASKS * each + Math.floor(i / outputs)] * start[i];
      const { curvature, slopeByPhi } = derivatives(phi, tape[i], data[i]);
      if (loss.kind === "learned") {
        slopeByPhi.forEach((part, j) => stats[TASKS * j + Math.floor(i / each)] -= moved * part);
      }
      return moved * curvature;
    });
    assertLess(relativeError(found.tangent.subarray(TASKS * each), deltas), 1e-6);
    assertLess(relativeError(found.stats, stats), 1e-5);
  }
});

test("spread_params gives every task the learner's parameters", async () => {
  const { theta } = await runKernel(spreadParams, {
    buffers: { learner: LEARNER, theta: new Float32Array(COUNT) },
    sizes: { count: COUNT, params: PARAMS, theta: 0 },
  });
  assertEquals(theta, Float32Array.from({ length: COUNT }, (_, i) => LEARNER[i % PARAMS]));
});

test("inner_update is θ − m α (∇L + ω θ + ρ (θ − θ₀))", async () => {
  const [theta, gradient] = [normals(2 * COUNT, 7), normals(COUNT, 8)];
  const found = await runKernel(innerUpdate, {
    buffers: { learner: LEARNER, rate_map: RATE_MAP, theta, gradient },
    sizes: {
      count: COUNT,
      params: PARAMS,
      first: FIRST,
      before: 0,
      after: COUNT,
      gradient: 0,
      rates: PARAMS,
      omega: PARAMS + RATES + 3,
      rho: 0.25,
    },
  });
  const g = Array.from(
    gradient,
    (value, i) =>
      i % PARAMS < FIRST ? 0 : value + Math.fround(0.05) * theta[i] + 0.25 * (theta[i] - LEARNER[i % PARAMS]),
  );
  assertLess(relativeError(found.gradient, g), 1e-6);
  assertLess(relativeError(found.theta.subarray(COUNT), g.map((value, i) => theta[i] - rateOf(i) * value)), 1e-6);
});

test("adjoint_step is u = m α λ, −u g, and θ₀'s share ρ u", async () => {
  const [adjoint, gradient] = [normals(2 * COUNT, 9), normals(COUNT, 10)];
  const found = await runKernel(adjointStep, {
    buffers: { learner: LEARNER, rate_map: RATE_MAP, adjoint, direction: new Float32Array(COUNT), gradient },
    sizes: {
      count: COUNT,
      params: PARAMS,
      first: FIRST,
      lambda: 0,
      anchor: COUNT,
      gradient: 0,
      rates: PARAMS,
      keep: 1,
      rho: 0.25,
    },
  });
  const along = Array.from({ length: COUNT }, (_, i) => i % PARAMS < FIRST ? 0 : rateOf(i) * adjoint[i]);
  assertLess(relativeError(found.direction, along), 1e-6);
  assertLess(relativeError(found.gradient, along.map((value, i) => -value * gradient[i])), 1e-6);
  assertLess(
    relativeError(found.adjoint.subarray(COUNT), along.map((value, i) => adjoint[COUNT + i] + value / 4)),
    1e-6,
  );
});

test("decay_term is −⟨u, θ⟩", async () => {
  const [direction, theta] = [normals(COUNT, 11), normals(COUNT, 12)];
  const { stats } = await runKernel(decayTerm, {
    buffers: { direction, theta, stats: Float32Array.of(1, 2, 3) },
    sizes: { tasks: TASKS, params: PARAMS, theta: 0, out: 0 },
  });
  assertLess(relativeError(stats, [0, 1, 2].map((t) => t + 1 - dotOfTask(direction, theta, t))), 1e-6);
});

test("kernels of a workgroup a task and of a thread an element go past one axis of a dispatch", async () => {
  const tasks = MAX_GROUPS + 4465;
  const [direction, theta] = [normals(tasks, 22), normals(tasks, 23)];
  const { stats } = await runKernel(decayTerm, {
    buffers: { direction, theta, stats: new Float32Array(tasks) },
    sizes: { tasks, params: 1, theta: 0, out: 0 },
  });
  assertLess(relativeError(stats, direction.map((value, t) => -value * theta[t])), 1e-6);
  const count = LANES * MAX_GROUPS + 4465;
  const learner = Float32Array.of(3, 1, 4, 1, 5);
  const spread = await runKernel(spreadParams, {
    buffers: { learner, theta: new Float32Array(count) },
    sizes: { count, params: 5, theta: 0 },
  });
  assertEquals(spread.theta.findIndex((value, i) => value !== learner[i % 5]), -1);
});

test("rate_terms sums over the parameters that share a rate", async () => {
  const gradient = normals(COUNT, 13);
  const { out } = await runKernel(rateTerms, {
    buffers: { rate_map: RATE_MAP, gradient, out: new Float32Array(TASKS * RATES) },
    sizes: { slices: TASKS, params: PARAMS, rates: RATES },
  });
  const wanted = new Float64Array(TASKS * RATES);
  gradient.forEach((value, i) => wanted[Math.floor(i / PARAMS) * RATES + RATE_MAP[i % PARAMS]] += value);
  assertLess(relativeError(out, wanted), 1e-6);
});

test("sum_tree sums each node's members and their slices in order, and goes on from what is there", async () => {
  const source = normals(2 * COUNT, 14);
  const sizes = {
    elements: PARAMS,
    radix: 2,
    members: TASKS,
    slices: 2,
    source: 0,
    member_stride: PARAMS,
    slice_stride: COUNT,
    out: 0,
    node_stride: PARAMS,
    scale: 0.5,
  };
  const task = (t: number, e: number): number => source[t * PARAMS + e] + source[COUNT + t * PARAMS + e];
  const run = async (skip: number): Promise<Float32Array> => {
    const out = new Float32Array(2 * PARAMS).fill(1);
    return (await runKernel(sumTree, { buffers: { source, out }, sizes: { ...sizes, count: 2 * PARAMS, skip } })).out;
  };
  const nodes = (of: (e: number) => readonly [number, number]): Float64Array =>
    Float64Array.from({ length: 2 * PARAMS }, (_, i) => 0.5 * of(i % PARAMS)[Math.floor(i / PARAMS)]);
  assertLess(relativeError(await run(0), nodes((e) => [task(0, e) + task(1, e), task(2, e)])), 1e-6);
  assertLess(relativeError(await run(1), nodes((e) => [1 + task(0, e), task(1, e) + task(2, e)])), 1e-6);
});

test("displacement is θ₀ − θ_K", async () => {
  const theta = normals(COUNT, 15);
  const { adjoint } = await runKernel(displacement, {
    buffers: { learner: LEARNER, theta, adjoint: new Float32Array(COUNT) },
    sizes: { count: COUNT, params: PARAMS, theta: 0 },
  });
  assertEquals(adjoint, theta.map((value, i) => Math.fround(LEARNER[i % PARAMS] - value)));
});

test("cg_start is r = p = b, x = 0; cg_step is one iteration, and a frozen task stays", async () => {
  const b = normals(COUNT, 16);
  const product = Float32Array.from(b, (value, i) => (1 + i % 3) * value);
  const adjoint = Float32Array.of(...b, ...normals(COUNT, 17), ...product);
  const begun = await runKernel(cgStart, {
    buffers: { adjoint, direction: new Float32Array(COUNT), stats: new Float32Array(2 * TASKS) },
    sizes: { tasks: TASKS, params: PARAMS, solution: COUNT, norm: 0, tolerance: 0.01 },
  });
  const squares = [0, 1, 2].map((t) => dotOfTask(b, b, t));
  assertEquals(begun.direction, b);
  assertEquals(begun.adjoint.subarray(COUNT, 2 * COUNT), new Float32Array(COUNT));
  assertLess(relativeError(begun.stats, [...squares, ...squares.map((value) => 1e-4 * value)]), 1e-6);
  const stats = Float32Array.from(begun.stats);
  stats[TASKS + 1] = -1; // task 1 is frozen
  const stepped = await runKernel(cgStep, {
    buffers: { adjoint: Float32Array.from(begun.adjoint), direction: Float32Array.from(begun.direction), stats },
    sizes: { tasks: TASKS, params: PARAMS, solution: COUNT, product: 2 * COUNT, norm: 0, first: 1 },
  });
  for (let t = 0; t < TASKS; t++) {
    const at = (array: ArrayLike<number>, from = 0): number[] =>
      Array.from({ length: PARAMS }, (_, p) => array[from + t * PARAMS + p]);
    if (t === 1) {
      assertEquals(at(stepped.adjoint, COUNT), at(begun.adjoint, COUNT));
      assertEquals(at(stepped.direction), at(b));
      continue;
    }
    const a = squares[t] / dotOfTask(b, product, t);
    const r = at(b).map((value, p) => value - a * at(product)[p]);
    const turn = r.reduce((sum, value) => sum + value * value, 0) / squares[t];
    assertLess(relativeError(at(stepped.adjoint, COUNT), at(b).map((value) => a * value)), 1e-5);
    assertLess(relativeError(at(stepped.adjoint), r), 1e-5);
    assertLess(relativeError(at(stepped.direction), r.map((value, p) => value + turn * at(b)[p])), 1e-5);
  }
});

test("cg_step ends at negative curvature: in the first iteration with x = b, later with the x it has", async () => {
  const b = normals(COUNT, 16);
  const adjoint = Float32Array.of(...b, ...normals(COUNT, 17), ...b.map((value) => -value));
  const stats = Float32Array.of(1, 1, 1, 0.1, 0.1, -1); // task 2 is frozen
  for (const first of [1, 0]) {
    const stepped = await runKernel(cgStep, {
      buffers: { adjoint: adjoint.slice(), direction: b.slice(), stats: stats.slice() },
      sizes: { tasks: TASKS, params: PARAMS, solution: COUNT, product: 2 * COUNT, norm: 0, first },
    });
    const before = adjoint.subarray(COUNT, 2 * COUNT);
    const wanted = before.map((value, i) => first === 1 && i < 2 * PARAMS ? b[i] : value);
    assertEquals(stepped.adjoint.subarray(COUNT, 2 * COUNT), wanted);
    assertEquals(stepped.stats.slice(TASKS), Float32Array.of(-1, -1, -1));
  }
});

test("outer_judge is the norm of the learned part, without overflow, and halts for good at what is not finite", async () => {
  const length = PARAMS + RATES + 4;
  const sizes = { count: length, params: PARAMS, rates: RATES, phi: 3, tasks: 2, learned: 1 };
  const meta = Float32Array.of(...normals(length, 18).map((value) => 1e25 * value), 3, 1, 5);
  const judged = await runKernel(outerJudge, {
    buffers: { meta_gradient: meta, report: new Float32Array(10) },
    sizes,
  });
  const norm = Math.hypot(...meta.subarray(0, PARAMS));
  assertLess(relativeError(judged.report, [norm, 0, 3, 3, 1, 1, 2, 0, 1, 5]), 1e-6);
  for (const [place, value, learned, halted] of [[4, NaN, 1, 1], [PARAMS, Infinity, 1, 0], [length, NaN, 0, 1]]) {
    const broken = meta.slice();
    broken[place] = value;
    const { report } = await runKernel(outerJudge, {
      buffers: { meta_gradient: broken, report: new Float32Array(10) },
      sizes: { ...sizes, learned },
    });
    assertEquals([report[1], report[5]], [halted, 1 - halted]);
  }
  const stopped = Float32Array.of(7, 1, 8, 9, 2, 2, 2, 0, 4, 4);
  const { report } = await runKernel(outerJudge, { buffers: { meta_gradient: meta, report: stopped }, sizes });
  assertEquals(report, stopped);
});

test("outer_update is the host's update, and moves nothing once halted", async () => {
  const length = PARAMS + RATES + 4;
  const rule: OuterRule = {
    optimizer: "adam",
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    momentum: 0.9,
    weightDecay: 0.1,
    clipNorm: 0.5,
    ratesFactor: 10,
  };
  const gradient = normals(length, 19);
  const moments = Float32Array.of(...normals(length, 20), ...normals(length, 21).map(Math.abs));
  const [lr, step, gradNorm] = [0.01, 3, 2];
  for (const optimizer of ["adam", "sgd"] as const) {
    const buffers = {
      control: Float32Array.of(lr, 1 - rule.beta1 ** step, 1 - rule.beta2 ** step),
      meta_gradient: gradient,
      report: Float32Array.of(gradNorm, 0),
      learner: LEARNER,
      moments,
    };
    const sizes = {
      count: length,
      params: PARAMS,
      rates: RATES,
      phi: 3,
      learned: 1 | 2 | 8,
      rule: 0,
      adam: optimizer === "adam" ? 1 : 0,
      beta1: rule.beta1,
      beta2: rule.beta2,
      epsilon: rule.epsilon,
      momentum: rule.momentum,
      decay: rule.weightDecay,
      clip: rule.clipNorm,
      rest1: 1 - rule.beta1,
      rest2: 1 - rule.beta2,
      pace: rule.ratesFactor!,
    };
    const found = await runKernel(outerUpdate, { buffers, sizes });
    const twin = {
      values: LEARNER.slice(),
      first: moments.slice(0, length),
      second: moments.slice(length),
      gradient,
    };
    const learn = { params: true, lr: true, loss: false, weightDecay: true };
    outerUpdateTwin(twin, { parameterCount: PARAMS, rates: RATES, learn }, {
      rule: { ...rule, optimizer },
      lr,
      step,
      gradNorm,
    });
    assertLess(relativeError(found.learner, twin.values), 1e-6);
    assertLess(relativeError(found.moments, [...twin.first, ...twin.second]), 1e-6);
    const halted = await runKernel(outerUpdate, { buffers: { ...buffers, report: Float32Array.of(1, 1) }, sizes });
    assertEquals([halted.learner, halted.moments], [LEARNER, moments]);
  }
});

test("outer_judge and outer_update find φ of any length, ω behind it and what else is learned", async () => {
  const [params, rates, phi, others] = [3, 2, 1, 2];
  const count = params + rates + phi + 1 + others;
  const meta = Float32Array.of(...Array.from({ length: count }, (_, i) => i + 1), 0.5, 0.5);
  const layout = { count, params, rates, phi };
  const parts = [[0, 3], [3, 5], [5, 6], [6, 7], [7, 9]] as const;
  for (const [part, [start, end]] of parts.entries()) {
    const learned = 2 ** part;
    const report = new Float32Array(9);
    const judged = await runKernel(outerJudge, {
      buffers: { meta_gradient: meta, report },
      sizes: { ...layout, tasks: 1, learned },
    });
    const own = meta.subarray(start, end);
    assertLess(relativeError([judged.report[0]], [Math.hypot(...own)]), 1e-6);
    const { learner } = await runKernel(outerUpdate, {
      buffers: {
        control: Float32Array.of(0.1, 1, 1),
        meta_gradient: meta,
        report,
        learner: new Float32Array(count),
        moments: new Float32Array(2 * count),
      },
      sizes: {
        ...layout,
        learned,
        rule: 0,
        adam: 0,
        beta1: 0,
        beta2: 0,
        epsilon: 0,
        momentum: 0,
        decay: 0,
        clip: -1,
        rest1: 1,
        rest2: 1,
        pace: 2,
      },
    });
    const factor = part === 1 ? 0.2 : part === 3 ? 0 : 0.1; // rates move at their pace, ω not below 0
    const wanted = Array.from({ length: count }, (_, i) => i >= start && i < end ? -factor * meta[i] : 0);
    assertLess(relativeError(learner, wanted), 1e-6);
  }
});
