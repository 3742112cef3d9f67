/**
 * The kernels that are files, each alone against its formula in float64.
 */
import { assertEquals, assertLess } from "@std/assert";
import { LANES, MAX_GROUPS } from "../../../kernels/wgsl/contract.ts";
import { outerJudge } from "../../../kernels/wgsl/outer_judge.ts";
import { outerUpdate } from "../../../kernels/wgsl/outer_update.ts";
import { sumTree } from "../../../kernels/wgsl/sum_tree.ts";
import { outerUpdate as outerUpdateTwin } from "../../../lib/engine/outer_update.ts";
import type { OuterRule } from "../../../lib/engine/problem.ts";
import { gpuRuns } from "../../gpu.ts";
import { relativeError } from "../../goldens.ts";
import { normals, runKernel } from "./run_kernel.ts";

const [TASKS, PARAMS, RATES] = [3, LANES + 7, 2];
/** `[params | logLr | φ | ω]`. */
const LEARNER = Float32Array.of(...normals(PARAMS, 1), -1, -2, 0.4, 0.9, -0.3, 0.05);

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !gpuRuns({ smoke: true }), fn });
}

test("sum_tree sums each node's members in order, and goes on from what is there", async () => {
  const source = normals(TASKS * PARAMS, 14);
  const sizes = {
    elements: PARAMS,
    radix: 2,
    members: TASKS,
    source: 0,
    member_stride: PARAMS,
    out: 0,
    node_stride: PARAMS,
    scale: 0.5,
  };
  const task = (t: number, e: number): number => source[t * PARAMS + e];
  const run = async (skip: number): Promise<Float32Array> => {
    const out = new Float32Array(2 * PARAMS).fill(1);
    return (await runKernel(sumTree, { buffers: { source, out }, sizes: { ...sizes, count: 2 * PARAMS, skip } })).out;
  };
  const nodes = (of: (e: number) => readonly [number, number]): Float64Array =>
    Float64Array.from({ length: 2 * PARAMS }, (_, i) => 0.5 * of(i % PARAMS)[Math.floor(i / PARAMS)]);
  assertLess(relativeError(await run(0), nodes((e) => [task(0, e) + task(1, e), task(2, e)])), 1e-6);
  assertLess(relativeError(await run(1), nodes((e) => [1 + task(0, e), task(1, e) + task(2, e)])), 1e-6);
});

test("a kernel of a thread an element goes past one axis of a dispatch", async () => {
  const members = LANES * MAX_GROUPS + 4465;
  const source = Float32Array.from({ length: members }, (_, i) => i % 251);
  const { out } = await runKernel(sumTree, {
    buffers: { source, out: new Float32Array(members) },
    sizes: {
      count: members,
      elements: 1,
      radix: 1,
      members,
      source: 0,
      member_stride: 1,
      out: 0,
      node_stride: 1,
      skip: 0,
      scale: 2,
    },
  });
  assertEquals(out.findIndex((value, i) => value !== 2 * source[i]), -1);
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
