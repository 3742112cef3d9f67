/**
 * Builds the job of each engine call: adapt, adaptPredict, metaGradient, forward, lossGradient, hessianVectorProduct.
 * @module
 */
import type { Mlp } from "../../net/mlp.ts";
import type { FusedLoss } from "../problem.ts";
import { type Batch, type BatchOptions, type ChunkContext, chunkContext, freeBatch, openBatch } from "./batch.ts";
import type { Gpu } from "./gpu.ts";
import { recordInnerLoop } from "./inner_loop.ts";
import type { Job } from "./jobs.ts";
import { metaLength, recordMetaGradient } from "./meta_gradient.ts";
import { Recording } from "./recording.ts";
import { tangentLayout } from "./rows.ts";
import { recordBackward, recordForward, recordGradient, recordLoss, recordProduct } from "./sweeps.ts";

/** A job over a batch of tasks. */
export interface BatchJob extends Job {
  /** The batch. */
  readonly batch: Batch;
}

/** Rows on one side only, no inner loop: what forward, lossGradient and hessianVectorProduct run on. */
export function plainProblem(net: Mlp, loss: FusedLoss): BatchOptions["inner"] {
  return { net, loss, steps: 0, rate: { per: "scalar", perStep: false }, headOnly: false, proximal: 0 };
}

function finish(
  gpu: Gpu,
  batch: Batch,
  parts: { recording: Recording; staging: GPUBuffer[]; own?: GPUBuffer[] },
): BatchJob {
  const { recording, staging, own = [] } = parts;
  recording.seal();
  return {
    batch,
    recording,
    staging,
    free: () => {
      recording.free();
      freeBatch(gpu, batch);
      for (const buffer of [...staging, ...own]) gpu.free(buffer);
    },
  };
}

/** Adapted parameters and support losses; staging `[tasks · P | (steps + 1) · tasks]` a chunk. */
export function adaptJob(gpu: Gpu, options: BatchOptions): BatchJob {
  const batch = openBatch(gpu, options);
  const recording = new Recording(gpu);
  const { inner: { net, loss, steps } } = options;
  const staging = batch.chunks.map((chunk) => {
    const context = chunkContext(recording, batch, chunk);
    recordInnerLoop(context);
    const sweep = context.support(steps);
    recordForward(context, sweep, context.theta(steps));
    const lossAt = context.stats.support + steps * chunk.tasks;
    recordLoss(context, sweep, { loss, weight: 0, lossAt, phiAt: context.stats.phiScratch, keep: false });
    const [params, losses] = [chunk.tasks * net.parameterCount, (steps + 1) * chunk.tasks];
    const buffer = gpu.staging("adapted", params + losses);
    recording.copy({ buffer: batch.arena.theta, at: context.theta(steps).at }, { buffer, at: 0 }, params);
    recording.copy({ buffer: batch.arena.stats, at: context.stats.support }, { buffer, at: params }, losses);
    return buffer;
  });
  return finish(gpu, batch, { recording, staging });
}

function recordForecasts(gpu: Gpu, context: ChunkContext): GPUBuffer {
  const { recording, net, tasks, query, batch: { arena } } = context;
  const count = tasks * query.set.rows * net.outputs;
  const buffer = gpu.staging("forecasts", count);
  recording.copy({ buffer: arena.tape, at: query.tape.value[net.layers.length - 1] }, { buffer, at: 0 }, count);
  return buffer;
}

/** Forecasts of the adapted parameters; staging `[tasks, rows, outputs]` a chunk. */
export function predictJob(gpu: Gpu, options: BatchOptions): BatchJob {
  const batch = openBatch(gpu, options);
  const recording = new Recording(gpu);
  const { steps } = options.inner;
  const staging = batch.chunks.map((chunk) => {
    const context = chunkContext(recording, batch, chunk);
    recordInnerLoop(context);
    recordForward(context, context.query, context.theta(steps));
    return recordForecasts(gpu, context);
  });
  return finish(gpu, batch, { recording, staging });
}

/** The meta-gradient; staging as {@linkcode metaLength} says. */
export function metaJob(gpu: Gpu, options: BatchOptions): BatchJob {
  const batch = openBatch(gpu, options);
  const recording = new Recording(gpu);
  const meta = gpu.storage("meta-gradient", metaLength(batch));
  recordMetaGradient(recording, batch, meta);
  const buffer = gpu.staging("meta-gradient", metaLength(batch));
  recording.copy({ buffer: meta, at: 0 }, { buffer, at: 0 }, metaLength(batch));
  return finish(gpu, batch, { recording, staging: [buffer], own: [meta] });
}

/** Outputs of the learner for blocks of rows, each block a task's query; staging `[tasks, rows, outputs]` a chunk. */
export function forwardJob(gpu: Gpu, options: BatchOptions): BatchJob {
  const batch = openBatch(gpu, options);
  const recording = new Recording(gpu);
  const staging = batch.chunks.map((chunk) => {
    const context = chunkContext(recording, batch, chunk);
    recordForward(context, context.query, { buffer: batch.arena.learner, at: 0, stride: 0 });
    return recordForecasts(gpu, context);
  });
  return finish(gpu, batch, { recording, staging });
}

/** Loss and gradients at the learner; staging `[P | loss | 3]`. */
export function gradientJob(gpu: Gpu, options: BatchOptions): BatchJob {
  const batch = openBatch(gpu, options);
  const recording = new Recording(gpu);
  const { inner: { net, loss } } = options;
  const context = chunkContext(recording, batch, batch.chunks[0]);
  const { stats, gradient, learner } = batch.arena;
  const theta = { buffer: learner, at: 0, stride: 0 };
  const sweep = context.support(0);
  recordForward(context, sweep, theta);
  recordLoss(context, sweep, { loss, weight: 0, lossAt: 0, phiAt: context.stats.phiScratch, keep: false });
  recordBackward(context, sweep, theta);
  recordGradient(context, sweep, { ...context.gradient(0), keep: false });
  const params = net.parameterCount;
  const buffer = gpu.staging("gradient", params + 4);
  recording.copy({ buffer: gradient, at: 0 }, { buffer, at: 0 }, params);
  recording.copy({ buffer: stats, at: 0 }, { buffer, at: params }, 1);
  recording.copy({ buffer: stats, at: context.stats.phiScratch }, { buffer, at: params + 1 }, 3);
  return finish(gpu, batch, { recording, staging: [buffer] });
}

/** Hessian-vector product at the learner with the vector in the arena's direction; staging `[P]`. */
export function productJob(gpu: Gpu, options: BatchOptions): BatchJob {
  const batch = openBatch(gpu, options);
  const recording = new Recording(gpu);
  const { inner: { net, loss }, rows } = options;
  const context = chunkContext(recording, batch, batch.chunks[0]);
  const { gradient, learner, direction } = batch.arena;
  const theta = { buffer: learner, at: 0, stride: 0 };
  const sweep = context.support(0);
  recordForward(context, sweep, theta);
  recordLoss(context, sweep, { loss, weight: 0, lossAt: 0, phiAt: context.stats.phiScratch, keep: false });
  recordBackward(context, sweep, theta);
  recordProduct(
    context,
    sweep,
    {
      theta,
      direction: { buffer: direction, at: 0, stride: 0 },
      target: { ...context.gradient(0), keep: false },
    },
    {
      loss,
      scale: 1,
      shift: 0,
      decay: 0,
      headOnly: false,
      phiAt: context.stats.phi,
      tangents: tangentLayout(net, rows.support),
    },
  );
  const buffer = gpu.staging("product", net.parameterCount);
  recording.copy({ buffer: gradient, at: 0 }, { buffer, at: 0 }, net.parameterCount);
  return finish(gpu, batch, { recording, staging: [buffer] });
}
