/**
 * Each dense kernel alone against its formula in float64, on sizes that are no multiple of any tile.
 */
import { assertLess } from "@std/assert";
import { MAX_GROUPS } from "../../../kernels/wgsl/contract.ts";
import { denseBackward } from "../../../kernels/wgsl/dense_backward.ts";
import { denseForward } from "../../../kernels/wgsl/dense_forward.ts";
import { denseGradient } from "../../../kernels/wgsl/dense_gradient.ts";
import { tangentBackward } from "../../../kernels/wgsl/tangent_backward.ts";
import { tangentForward } from "../../../kernels/wgsl/tangent_forward.ts";
import { tangentGradient } from "../../../kernels/wgsl/tangent_gradient.ts";
import { tileConstants } from "../../../kernels/wgsl/tile.ts";
import { activate, type Activation, ACTIVATIONS } from "../../../lib/net/activation.ts";
import { gpuRuns } from "../../gpu.ts";
import { relativeError } from "../../goldens.ts";
import { normals, runKernel } from "./run_kernel.ts";

const SHAPES = [
  { tasks: 1, rows: 1, inputs: 1, outputs: 1 },
  { tasks: 3, rows: 5, inputs: 7, outputs: 3 },
  { tasks: 2, rows: 19, inputs: 17, outputs: 33 },
  { tasks: 1, rows: 67, inputs: 37, outputs: 70 },
  { tasks: MAX_GROUPS + 4465, rows: 1, inputs: 1, outputs: 1 }, // more workgroups than one axis of a dispatch holds
];
/** The odd shape alone where all would take minutes. */
const RUN = SHAPES.filter((_, i) => gpuRuns({ smoke: i === 1 }));

type Shape = typeof SHAPES[number];

/** Σ_k left(k) right(k) for every task, row and column, in task order. */
function product(
  sizes: { tasks: number; m: number; n: number; depth: number },
  left: (t: number, m: number, k: number) => number,
  right: (t: number, k: number, n: number) => number,
): number[] {
  const out: number[] = [];
  for (let t = 0; t < sizes.tasks; t++) {
    for (let m = 0; m < sizes.m; m++) {
      for (let n = 0; n < sizes.n; n++) {
        let sum = 0;
        for (let k = 0; k < sizes.depth; k++) sum += left(t, m, k) * right(t, k, n);
        out.push(sum);
      }
    }
  }
  return out;
}

function eachShape(title: string, body: (shape: Shape, activation: Activation) => Promise<void>): void {
  Deno.test({
    name: title,
    ignore: RUN.length === 0,
    fn: async () => {
      for (const [i, shape] of RUN.entries()) await body(shape, ACTIVATIONS[(2 * i + 1) % ACTIVATIONS.length]);
    },
  });
}

eachShape("dense_forward is σ([A, 1] W)", async ({ tasks, rows, inputs, outputs }, activation) => {
  const size = { m: rows, n: outputs, depth: inputs + 1 };
  const stride = (inputs + 1) * outputs;
  const data = normals(tasks * rows * inputs, 1);
  const theta = normals(tasks * stride, 2);
  const count = tasks * rows * outputs;
  const { tape } = await runKernel(denseForward, {
    constants: { FROM_DATA: true, HIDDEN: true, ACTIVATION: ACTIVATIONS.indexOf(activation), ...tileConstants(size) },
    buffers: { data, theta, tape: new Float32Array(2 * count) },
    sizes: { tasks, ...size, input: 0, theta: 0, theta_stride: stride, z: 0, value: count },
  });
  const z = product(
    { tasks, ...size },
    (t, m, k) => k === inputs ? 1 : data[(t * rows + m) * inputs + k],
    (t, k, n) => theta[t * stride + k * outputs + n],
  );
  assertLess(relativeError(tape.subarray(0, count), z), 1e-6);
  assertLess(relativeError(tape.subarray(count), z.map((at) => activate(activation, at).value)), 1e-5);
});

eachShape("dense_backward is δ Wᵀ ⊙ σ′ and δ Wᵀ ⊙ σ″", async ({ tasks, rows, inputs, outputs }, activation) => {
  const size = { m: rows, n: inputs, depth: outputs };
  const stride = inputs * outputs;
  const [deltas, hidden] = [tasks * rows * outputs, tasks * rows * inputs];
  const theta = normals(tasks * stride, 3);
  const start = normals(deltas + 3 * hidden, 4);
  const { tape } = await runKernel(denseBackward, {
    constants: { ACTIVATION: ACTIVATIONS.indexOf(activation), ...tileConstants(size) },
    buffers: { theta, tape: start },
    sizes: {
      tasks,
      ...size,
      delta: 0,
      theta: 0,
      theta_stride: stride,
      z: deltas,
      delta_before: deltas + hidden,
      bend: deltas + 2 * hidden,
    },
  });
  const sent = product(
    { tasks, ...size },
    (t, m, k) => start[(t * rows + m) * outputs + k],
    (t, k, n) => theta[t * stride + n * outputs + k],
  );
  const points = sent.map((_, i) => activate(activation, start[deltas + i]));
  const [slopes, bends] = [sent.map((e, i) => e * points[i].slope), sent.map((e, i) => e * points[i].curvature)];
  assertLess(relativeError(tape.subarray(deltas + hidden, deltas + 2 * hidden), slopes), 1e-5);
  assertLess(relativeError(tape.subarray(deltas + 2 * hidden), bends), 1e-5);
});

eachShape("dense_gradient is [A, 1]ᵀ δ, added where asked", async ({ tasks, rows, inputs, outputs }) => {
  const size = { m: inputs + 1, n: outputs, depth: rows };
  const stride = (inputs + 1) * outputs;
  const data = normals(tasks * rows * inputs, 5);
  const tape = normals(tasks * rows * outputs, 6);
  const before = normals(tasks * stride, 7);
  const wanted = product(
    { tasks, ...size },
    (t, m, k) => m === inputs ? 1 : data[(t * rows + k) * inputs + m],
    (t, k, n) => tape[(t * rows + k) * outputs + n],
  );
  for (const keep of [0, 1]) {
    const { out } = await runKernel(denseGradient, {
      constants: { FROM_DATA: true, ...tileConstants(size) },
      buffers: { data, tape, out: before },
      sizes: { tasks, ...size, rows, row: 0, input: 0, delta: 0, out: 0, out_stride: stride, keep },
    });
    assertLess(relativeError(out, wanted.map((value, i) => value + keep * before[i])), 1e-6);
  }
});

eachShape("tangent_forward is [a, 1] V + Ra W", async ({ tasks, rows, inputs, outputs }, activation) => {
  const depth = 2 * inputs + 1;
  const size = { m: rows, n: outputs, depth };
  const stride = (inputs + 1) * outputs;
  const [count, before] = [tasks * rows * outputs, tasks * rows * inputs];
  const [theta, direction] = [normals(tasks * stride, 8), normals(tasks * stride, 9)];
  const tape = normals(before + count, 10);
  const start = normals(before + 2 * count, 11);
  const { tangent } = await runKernel(tangentForward, {
    constants: { FROM_DATA: false, HIDDEN: true, ACTIVATION: ACTIVATIONS.indexOf(activation), ...tileConstants(size) },
    buffers: { data: new Float32Array(1), theta, direction, tape, tangent: start },
    sizes: {
      tasks,
      ...size,
      inputs,
      input: 0,
      r_input: 0,
      theta: 0,
      theta_stride: stride,
      direction: 0,
      direction_stride: stride,
      z: before,
      r_z: before,
      r_value: before + count,
    },
  });
  const moved = product(
    { tasks, ...size },
    (t, m, k) =>
      k === inputs
        ? 1
        : k < inputs
        ? tape[(t * rows + m) * inputs + k]
        : start[(t * rows + m) * inputs + k - inputs - 1],
    (t, k, n) =>
      k <= inputs ? direction[t * stride + k * outputs + n] : theta[t * stride + (k - inputs - 1) * outputs + n],
  );
  assertLess(relativeError(tangent.subarray(before, before + count), moved), 1e-6);
  const values = moved.map((value, i) => value * activate(activation, tape[before + i]).slope);
  assertLess(relativeError(tangent.subarray(before + count), values), 1e-5);
});

eachShape(
  "tangent_backward is (Rδ Wᵀ + δ Vᵀ) ⊙ σ′ + bend ⊙ Rz",
  async ({ tasks, rows, inputs, outputs }, activation) => {
    const size = { m: rows, n: inputs, depth: 2 * outputs };
    const stride = inputs * outputs;
    const [deltas, hidden] = [tasks * rows * outputs, tasks * rows * inputs];
    const [theta, direction] = [normals(tasks * stride, 12), normals(tasks * stride, 13)];
    const tape = normals(deltas + 2 * hidden, 14);
    const start = normals(deltas + 2 * hidden, 15);
    const { tangent } = await runKernel(tangentBackward, {
      constants: { ACTIVATION: ACTIVATIONS.indexOf(activation), ...tileConstants(size) },
      buffers: { theta, direction, tape, tangent: start },
      sizes: {
        tasks,
        ...size,
        outputs,
        delta: 0,
        r_delta: 0,
        theta: 0,
        theta_stride: stride,
        direction: 0,
        direction_stride: stride,
        z: deltas,
        bend: deltas + hidden,
        r_z: deltas,
        r_delta_before: deltas + hidden,
      },
    });
    const sent = product(
      { tasks, ...size },
      (t, m, k) => (k < outputs ? start : tape)[(t * rows + m) * outputs + k % outputs],
      (t, k, n) => (k < outputs ? theta : direction)[t * stride + n * outputs + k % outputs],
    );
    const wanted = sent.map((value, i) =>
      value * activate(activation, tape[deltas + i]).slope + tape[deltas + hidden + i] * start[deltas + i]
    );
    assertLess(relativeError(tangent.subarray(deltas + hidden), wanted), 1e-5);
  },
);

eachShape("tangent_gradient is keep·out + scale·Hv + (shift + decay·ω) v", async ({ tasks, rows, inputs, outputs }) => {
  const size = { m: inputs + 1, n: outputs, depth: 2 * rows };
  const stride = (inputs + 1) * outputs;
  const [deltas, hidden] = [tasks * rows * outputs, tasks * rows * inputs];
  const [direction, before] = [normals(tasks * stride, 16), normals(tasks * stride, 17)];
  const [tape, tangent] = [normals(hidden + deltas, 18), normals(hidden + deltas, 19)];
  const { out } = await runKernel(tangentGradient, {
    constants: { FROM_DATA: false, ...tileConstants(size) },
    buffers: {
      data: new Float32Array(1),
      learner: Float32Array.of(0, 0.25),
      direction,
      tape,
      tangent,
      out: before,
    },
    sizes: {
      tasks,
      ...size,
      rows,
      row: 0,
      block: rows,
      input: 0,
      r_input: 0,
      delta: hidden,
      r_delta: hidden,
      direction: 0,
      direction_stride: stride,
      out: 0,
      out_stride: stride,
      keep: 1,
      omega: 1,
      scale: -0.5,
      shift: 0.75,
      decay: 2,
    },
  });
  const curved = product(
    { tasks, ...size },
    (t, m, k) => m === inputs ? (k < rows ? 1 : 0) : (k < rows ? tape : tangent)[(t * rows + k % rows) * inputs + m],
    (t, k, n) => (k < rows ? tangent : tape)[hidden + (t * rows + k % rows) * outputs + n],
  );
  const wanted = curved.map((value, i) => before[i] - 0.5 * value + 1.25 * direction[i]);
  assertLess(relativeError(out, wanted), 1e-6);
});
