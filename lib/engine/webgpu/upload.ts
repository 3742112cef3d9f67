/**
 * What a call uploads besides its rows: the learner, the control, and the keys that say which recording can serve it.
 * @module
 */
import { packLearnables } from "../host_training.ts";
import type { FusedProblem, Learner, OuterGradient } from "../problem.ts";
import type { Batch, BatchOptions } from "./batch.ts";
import type { Gpu } from "./gpu.ts";
import { problemKey } from "./plan.ts";

/** Writes `[params | logLr | phi | weightDecay]`. */
export function uploadLearner(gpu: Gpu, batch: Batch, learner: Learner): void {
  gpu.device.queue.writeBuffer(batch.arena.learner, 0, packLearnables(learner) as Float32Array<ArrayBuffer>);
}

/** Writes 1 and the step weights. */
export function uploadControl(gpu: Gpu, batch: Batch, gradient?: OuterGradient): void {
  const { steps } = batch.options.inner;
  const numbers = new Float32Array(steps + 2);
  numbers[0] = 1;
  if (gradient?.kind === "unrolled") numbers.set(gradient.stepWeights.slice(0, steps + 1), 1);
  gpu.device.queue.writeBuffer(batch.arena.control, 0, numbers);
}

function gradientKey(gradient?: OuterGradient): string {
  if (gradient?.kind !== "unrolled") return JSON.stringify(gradient ?? null);
  return `${gradient.backpropSteps} ${gradient.stepWeights.map((weight) => weight === 0 ? 0 : 1).join("")}`;
}

/** A key that is equal for batches that the same recording serves. */
export function batchKey(
  call: string,
  inner: FusedProblem,
  options: Pick<BatchOptions, "gradient" | "tasks" | "rows" | "rates">,
): string {
  const { gradient, tasks, rows, rates } = options;
  return [call, problemKey(inner), gradientKey(gradient), tasks, rows.support, rows.query, rates].join(" | ");
}
