/**
 * Writes jobs: the header and layers that the kernels read (`kernels/wasm/fields.ts`) and the tasks' data.
 * @module
 */
import * as F from "../../../kernels/wasm/fields.ts";
import { ACTIVATIONS } from "../../net/activation.ts";
import type { Mlp } from "../../net/mlp.ts";
import { ratesPerRow } from "../../method/rates.ts";
import type { FusedLoss, FusedProblem, Learner, OuterGradient, Samples } from "../problem.ts";
import type { Heap } from "./heap.ts";

/** What a job computes. */
export interface JobShape {
  /** One of the `JOB_` codes. */
  readonly kind: number;
  /** The inner loop; for plain losses one of 0 steps. */
  readonly inner: FusedProblem;
  /** The outer gradient of a meta job. */
  readonly gradient?: OuterGradient;
  /** Length of logLr. */
  readonly rates: number;
  /** Sum of the `WANT_` codes of what a meta job returns; everything by default. */
  readonly wants?: number;
}

/** One task's arrays: what adapts, and what is judged or predicted. */
export interface JobTask {
  /** The support set. */
  readonly support?: Samples;
  /** The query set, or inputs alone. */
  readonly query?: { readonly rows: number; readonly x: Float32Array } & Partial<Samples>;
}

/** An inner loop of no steps around a plain loss. */
export function plainLoss(net: Mlp, loss: FusedLoss): FusedProblem {
  return { net, loss, steps: 0, rate: { per: "scalar", perStep: false }, headOnly: false, proximal: 0 };
}

/** Words that the job of a network needs. */
export function jobWords(net: Mlp): number {
  return F.HEADER + F.LAYER_WORDS * net.layers.length;
}

const LOSSES: readonly FusedLoss["kind"][] = ["mse", "huber", "learned"];
const SHARING: readonly FusedProblem["rate"]["per"][] = ["scalar", "layer", "parameter"];
const GRADIENTS: readonly OuterGradient["kind"][] = ["unrolled", "reptile", "implicit"];

function lossScale(loss: FusedLoss): number {
  return loss.kind === "huber" ? loss.delta : loss.kind === "learned" ? loss.tau : 0;
}

/** Writes a job's header and widths, without addresses. */
export function writeJob(heap: Heap, job: number, shape: JobShape): void {
  const words = heap.words().subarray(job / 4);
  const floats = heap.floats().subarray(job / 4);
  const { kind, inner, gradient, rates } = shape;
  const { net } = inner;
  words.fill(0, 0, jobWords(net));
  words[F.KIND] = kind;
  words[F.LAYERS] = net.layers.length;
  words[F.ACTIVATION] = ACTIVATIONS.indexOf(net.activation);
  words[F.LOSS] = LOSSES.indexOf(inner.loss.kind);
  floats[F.LOSS_SCALE] = lossScale(inner.loss);
  words[F.STEPS] = inner.steps;
  words[F.RATE_PER] = SHARING.indexOf(inner.rate.per);
  words[F.RATE_ROWS] = rates / ratesPerRow(net, inner.rate);
  words[F.HEAD_ONLY] = inner.headOnly ? 1 : 0;
  floats[F.PROXIMAL] = inner.proximal;
  words[F.WANTS] = shape.wants ?? F.WANT_RATES + F.WANT_PHI + F.WANT_DECAY;
  if (gradient) words[F.GRADIENT] = GRADIENTS.indexOf(gradient.kind);
  if (gradient?.kind === "unrolled") words[F.BACKPROP_STEPS] = gradient.backpropSteps;
  if (gradient?.kind === "implicit") {
    words[F.CG_STEPS] = gradient.cgSteps;
    floats[F.TOLERANCE] = gradient.tolerance;
  }
  net.layers.forEach((layer, l) => {
    words[F.HEADER + l * F.LAYER_WORDS + F.INPUTS] = layer.inputs;
    words[F.HEADER + l * F.LAYER_WORDS + F.OUTPUTS] = layer.outputs;
  });
}

/** Writes `[params | logLr | phi | weightDecay]`. */
export function writeLearner(floats: Float32Array, address: number, learner: Learner): void {
  const { params, logLr, phi, weightDecay } = learner;
  let next = address / 4;
  for (const part of [params, logLr, phi]) {
    floats.set(part, next);
    next += part.length;
  }
  floats[next] = weightDecay;
}

function padded(floats: number): number {
  return (floats + 3) & ~3;
}

/** Floats that a task's data takes, each array padded to a vector; `outputs` a row are kept for predictions. */
export function taskFloats(task: JobTask, outputs: number): number {
  const { support, query } = task;
  let total = 0;
  if (support) total += padded(support.x.length) + padded(support.y.length) + padded(support.weights?.length ?? 0);
  if (query) total += padded(query.x.length) + padded(query.rows * outputs) + padded(query.weights?.length ?? 0);
  return total;
}

/** Writes a task table at `table` and the tasks' data at `data`. */
export function writeTasks(
  heap: Heap,
  tasks: readonly JobTask[],
  to: { readonly table: number; readonly data: number; readonly outputs: number },
): void {
  const words = heap.words();
  const floats = heap.floats();
  let entry = to.table / 4;
  let next = to.data / 4;
  const place = (values: Float32Array): number => {
    const at = next;
    floats.set(values, at);
    next += padded(values.length);
    return at * 4;
  };
  for (const { support, query } of tasks) {
    if (support) {
      words[entry + F.S_ROWS] = support.rows;
      words[entry + F.S_X] = place(support.x);
      words[entry + F.S_Y] = place(support.y);
      words[entry + F.S_W] = support.weights ? place(support.weights) : 0;
    }
    if (query) {
      words[entry + F.Q_ROWS] = query.rows;
      words[entry + F.Q_X] = place(query.x);
      if (query.y) words[entry + F.Q_Y] = place(query.y);
      else {
        words[entry + F.Q_Y] = next * 4;
        next += padded(query.rows * to.outputs);
      }
      words[entry + F.Q_W] = query.weights ? place(query.weights) : 0;
    }
    entry += F.TASK_WORDS;
  }
}
