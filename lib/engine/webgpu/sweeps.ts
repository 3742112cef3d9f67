/**
 * Sweeps over a batch of networks, recorded kernel by kernel: forward, loss, backward, gradient and tangents.
 * Every task has its own parameters; this file decides which kernels run, never how.
 * @module
 */
import { blocksOf } from "../../../kernels/wgsl/contract.ts";
import { denseBackward } from "../../../kernels/wgsl/dense_backward.ts";
import { denseForward } from "../../../kernels/wgsl/dense_forward.ts";
import { denseGradient } from "../../../kernels/wgsl/dense_gradient.ts";
import { lossHead } from "../../../kernels/wgsl/loss_head.ts";
import { tangentBackward } from "../../../kernels/wgsl/tangent_backward.ts";
import { tangentForward } from "../../../kernels/wgsl/tangent_forward.ts";
import { tangentGradient } from "../../../kernels/wgsl/tangent_gradient.ts";
import { tangentHead } from "../../../kernels/wgsl/tangent_head.ts";
import { tileConstants } from "../../../kernels/wgsl/tile.ts";
import { ACTIVATIONS } from "../../net/activation.ts";
import type { Mlp } from "../../net/mlp.ts";
import type { FusedLoss } from "../problem.ts";
import type { Recording, Span } from "./recording.ts";
import type { RowSet, Tangents, Tape } from "./rows.ts";

/** Buffers that sweeps share. */
export interface SweepBuffers {
  /** 1, then the step weights. */
  readonly control: GPUBuffer;
  /** `[params | logLr | phi | weightDecay]`. */
  readonly learner: GPUBuffer;
  /** Inputs, labels and coefficients of this chunk. */
  readonly data: GPUBuffer;
  /** What sweeps keep. */
  readonly tape: GPUBuffer;
  /** Tangents of one sweep. */
  readonly tangent: GPUBuffer;
  /** Numbers per task. */
  readonly stats: GPUBuffer;
}

/** A chunk of tasks being recorded. */
export interface SweepContext {
  /** Where commands go. */
  readonly recording: Recording;
  /** The network. */
  readonly net: Mlp;
  /** Tasks in the chunk. */
  readonly tasks: number;
  /** What the sweeps work on. */
  readonly buffers: SweepBuffers;
  /** Index of φ in the learner; ω follows behind its three. */
  readonly phi: number;
}

/** Parameters (or a direction in their space) of every task. */
export interface PerTask extends Span {
  /** Elements from task to task; 0 when all share one. */
  readonly stride: number;
}

/** A sweep: which rows, where on the tape. */
export interface Sweep {
  /** The rows. */
  readonly set: RowSet;
  /** Their place on the tape. */
  readonly tape: Tape;
}

/** Where a gradient goes. */
export interface Target extends PerTask {
  /** Whether to add to what is there. */
  readonly keep: boolean;
}

const LOSSES: readonly FusedLoss["kind"][] = ["mse", "huber", "learned"];

/** A loss as kernels take it: its code, and δ or τ. */
export function lossNumbers(loss: FusedLoss): { readonly LOSS: number; readonly shape: number } {
  return {
    LOSS: LOSSES.indexOf(loss.kind),
    shape: loss.kind === "huber" ? loss.delta : loss.kind === "learned" ? loss.tau : 1,
  };
}

/** An activation as kernels take it. */
export function activationCode(net: Mlp): number {
  return ACTIVATIONS.indexOf(net.activation);
}

/** Forecasts of every task, activations kept on the tape. */
export function recordForward(context: SweepContext, sweep: Sweep, theta: PerTask): void {
  const { recording, net, tasks, buffers: { data, tape } } = context;
  net.layers.forEach((layer, l) => {
    const hidden = l < net.hidden.length;
    const size = { m: sweep.set.rows, n: layer.outputs, depth: layer.inputs + 1 };
    recording.run(denseForward, {
      constants: { FROM_DATA: l === 0, HIDDEN: hidden, ACTIVATION: activationCode(net), ...tileConstants(size) },
      buffers: { data, theta: theta.buffer, tape },
      sizes: {
        tasks,
        ...size,
        input: l === 0 ? sweep.set.x : sweep.tape.value[l - 1],
        theta: theta.at + layer.weights,
        theta_stride: theta.stride,
        z: hidden ? sweep.tape.z[l] : 0,
        value: sweep.tape.value[l],
      },
    });
  });
}

/** Losses into the stats, their slopes onto the tape. `weight` is an index in the control. */
export function recordLoss(
  context: SweepContext,
  sweep: Sweep,
  options: { loss: FusedLoss; weight: number; lossAt: number; phiAt: number; keep: boolean },
): void {
  const { recording, net, tasks, buffers: { control, learner, data, tape, stats } } = context;
  const { LOSS, shape } = lossNumbers(options.loss);
  const last = net.layers.length - 1;
  recording.run(lossHead, {
    constants: { LOSS, ACTIVATION: activationCode(net) },
    buffers: { control, learner, data, tape, stats },
    sizes: {
      tasks,
      rows: sweep.set.rows,
      outputs: net.outputs,
      forecast: sweep.tape.value[last],
      label: sweep.set.y,
      coefficient: sweep.set.c,
      delta: sweep.tape.delta[last],
      weight: options.weight,
      phi: context.phi,
      loss: options.lossAt,
      loss_phi: options.phiAt,
      keep: options.keep ? 1 : 0,
      shape,
    },
  });
}

/** Slopes sent back through the hidden layers. */
export function recordBackward(context: SweepContext, sweep: Sweep, theta: PerTask): void {
  const { recording, net, tasks, buffers: { tape } } = context;
  for (let l = net.layers.length - 1; l > 0; l--) {
    const layer = net.layers[l];
    const size = { m: sweep.set.rows, n: layer.inputs, depth: layer.outputs };
    recording.run(denseBackward, {
      constants: { ACTIVATION: activationCode(net), ...tileConstants(size) },
      buffers: { theta: theta.buffer, tape },
      sizes: {
        tasks,
        ...size,
        delta: sweep.tape.delta[l],
        theta: theta.at + layer.weights,
        theta_stride: theta.stride,
        z: sweep.tape.z[l - 1],
        delta_before: sweep.tape.delta[l - 1],
        bend: sweep.tape.bend[l - 1],
      },
    });
  }
}

/** Gradients by the parameters of the layers from `fromLayer` on. */
export function recordGradient(context: SweepContext, sweep: Sweep, target: Target, fromLayer = 0): void {
  const { recording, net, tasks, buffers: { data, tape } } = context;
  for (let l = fromLayer; l < net.layers.length; l++) {
    const layer = net.layers[l];
    for (const [row, block] of blocksOf(sweep.set.rows)) {
      const size = { m: layer.inputs + 1, n: layer.outputs, depth: block };
      recording.run(denseGradient, {
        constants: { FROM_DATA: l === 0, ...tileConstants(size) },
        buffers: { data, tape, out: target.buffer },
        sizes: {
          tasks,
          ...size,
          rows: sweep.set.rows,
          row,
          input: l === 0 ? sweep.set.x : sweep.tape.value[l - 1],
          delta: sweep.tape.delta[l],
          out: target.at + layer.weights,
          out_stride: target.stride,
          keep: target.keep || row > 0 ? 1 : 0,
        },
      });
    }
  }
}

/** How a Hessian-vector product is stored: out = keep · out + scale · Hv + (shift + decay · ω) v. */
export interface ProductOptions {
  /** The loss whose Hessian it is. */
  readonly loss: FusedLoss;
  /** Factor of Hv. */
  readonly scale: number;
  /** Factor of v. */
  readonly shift: number;
  /** Factor of ω v. */
  readonly decay: number;
  /** True when v is zero outside the last layer. */
  readonly headOnly: boolean;
  /** Where φ's gradient is kept in the stats, `[3, tasks]`. */
  readonly phiAt: number;
  /** Tangents' layout. */
  readonly tangents: Tangents;
}

/** The Hessian of a swept loss times a direction (R-operator, Pearlmutter 1994). */
export function recordProduct(
  context: SweepContext,
  sweep: Sweep,
  at: { theta: PerTask; direction: PerTask; target: Target },
  options: ProductOptions,
): void {
  const { recording, net, tasks, phi, buffers: { learner, data, tape, tangent, stats } } = context;
  const { theta, direction, target } = at;
  const { tangents, headOnly } = options;
  const { set } = sweep;
  const last = net.layers.length - 1;
  const ACTIVATION = activationCode(net);
  for (let l = headOnly ? last : 0; l <= last; l++) {
    const layer = net.layers[l];
    const moves = l > 0 && !headOnly;
    const size = { m: set.rows, n: layer.outputs, depth: layer.inputs + 1 + (moves ? layer.inputs : 0) };
    recording.run(tangentForward, {
      constants: { FROM_DATA: l === 0, HIDDEN: l < last, ACTIVATION, ...tileConstants(size) },
      buffers: { data, theta: theta.buffer, direction: direction.buffer, tape, tangent },
      sizes: {
        tasks,
        ...size,
        inputs: layer.inputs,
        input: l === 0 ? set.x : sweep.tape.value[l - 1],
        r_input: moves ? tangents.value[l - 1] : 0,
        theta: theta.at + layer.weights,
        theta_stride: theta.stride,
        direction: direction.at + layer.weights,
        direction_stride: direction.stride,
        z: l < last ? sweep.tape.z[l] : 0,
        r_z: tangents.z[l],
        r_value: l < last ? tangents.value[l] : 0,
      },
    });
  }
  const { LOSS, shape } = lossNumbers(options.loss);
  recording.run(tangentHead, {
    constants: { LOSS, ACTIVATION },
    buffers: { learner, data, tape, tangent, stats },
    sizes: {
      tasks,
      rows: set.rows,
      outputs: net.outputs,
      forecast: sweep.tape.value[last],
      label: set.y,
      coefficient: set.c,
      r_forecast: tangents.z[last],
      r_delta: tangents.delta[last],
      phi,
      loss_phi: options.phiAt,
      shape,
    },
  });
  for (let l = last; l > 0; l--) {
    const layer = net.layers[l];
    const turns = !headOnly || l === last;
    const size = { m: set.rows, n: layer.inputs, depth: layer.outputs * (turns ? 2 : 1) };
    recording.run(tangentBackward, {
      constants: { ACTIVATION, ...tileConstants(size) },
      buffers: { theta: theta.buffer, direction: direction.buffer, tape, tangent },
      sizes: {
        tasks,
        ...size,
        outputs: layer.outputs,
        delta: sweep.tape.delta[l],
        r_delta: tangents.delta[l],
        theta: theta.at + layer.weights,
        theta_stride: theta.stride,
        direction: direction.at + layer.weights,
        direction_stride: direction.stride,
        z: sweep.tape.z[l - 1],
        bend: sweep.tape.bend[l - 1],
        r_z: tangents.z[l - 1],
        r_delta_before: tangents.delta[l - 1],
      },
    });
  }
  for (let l = 0; l <= last; l++) {
    const layer = net.layers[l];
    const moves = l > 0 && !headOnly;
    for (const [row, block] of blocksOf(set.rows)) {
      const size = { m: layer.inputs + 1, n: layer.outputs, depth: block * (moves ? 2 : 1) };
      recording.run(tangentGradient, {
        constants: { FROM_DATA: l === 0, ...tileConstants(size) },
        buffers: { data, learner, direction: direction.buffer, tape, tangent, out: target.buffer },
        sizes: {
          tasks,
          ...size,
          rows: set.rows,
          row,
          block,
          input: l === 0 ? set.x : sweep.tape.value[l - 1],
          r_input: moves ? tangents.value[l - 1] : 0,
          delta: sweep.tape.delta[l],
          r_delta: tangents.delta[l],
          direction: direction.at + layer.weights,
          direction_stride: direction.stride,
          out: target.at + layer.weights,
          out_stride: target.stride,
          keep: target.keep || row > 0 ? 1 : 0,
          omega: phi + 3,
          scale: options.scale,
          shift: row > 0 ? 0 : options.shift,
          decay: row > 0 ? 0 : options.decay,
        },
      });
    }
  }
}
