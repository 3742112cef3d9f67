/**
 * Records a meta-gradient: the inner loop, the adjoint back through it (or Reptile's, or iMAML's), and the sums over tasks.
 * Formulas: design section 4; twin: lib/method/meta_gradient.ts.
 * @module
 */
import { adjointStep } from "../../../kernels/wgsl/adjoint_step.ts";
import { cgStart } from "../../../kernels/wgsl/cg_start.ts";
import { cgStep } from "../../../kernels/wgsl/cg_step.ts";
import { decayTerm } from "../../../kernels/wgsl/decay_term.ts";
import { displacement } from "../../../kernels/wgsl/displacement.ts";
import { rateTerms } from "../../../kernels/wgsl/rate_terms.ts";
import { rateRow, ratesPerRow } from "../../method/rates.ts";
import { fusedOuterLoss } from "../route.ts";
import type { OuterGradient } from "../problem.ts";
import { type Batch, batchTree, type ChunkContext, chunkContext, summedLength } from "./batch.ts";
import { recordFused } from "./fused.ts";
import { recordInnerLoop } from "./inner_loop.ts";
import type { Recording } from "./recording.ts";
import { tangentLayout } from "./rows.ts";
import { recordBackward, recordForward, recordGradient, recordLoss, recordProduct } from "./sweeps.ts";
import { recordLeaves, recordRoot, type Shares } from "./tree.ts";

/** Query loss at θ_k times its step weight, and its gradient into λ. */
function recordQuery(
  context: ChunkContext,
  k: number,
  options: { weight: number; keep: boolean; gradient: boolean },
): void {
  const { batch: { arena, options: { inner } }, net, query, stats } = context;
  recordForward(context, query, context.theta(k));
  recordLoss(context, query, {
    loss: fusedOuterLoss(inner.loss),
    weight: options.weight,
    lossAt: stats.query,
    phiAt: stats.phiScratch,
    keep: options.keep,
  });
  if (!options.gradient) return;
  recordBackward(context, query, context.theta(k));
  const lambda = { buffer: arena.adjoint, at: 0, stride: net.parameterCount };
  recordGradient(context, query, { ...lambda, keep: options.keep });
}

function recordUnrolled(context: ChunkContext, gradient: OuterGradient & { kind: "unrolled" }): void {
  const { recording, net, tasks, stats, batch: { arena, slots, options: { inner } } } = context;
  const { learner, rateMap, adjoint, direction } = arena;
  const params = net.parameterCount;
  const lambda = { buffer: adjoint, at: 0, stride: params };
  const judged = (k: number): boolean => gradient.stepWeights[k] !== 0;
  if (judged(inner.steps)) {
    recordQuery(context, inner.steps, { weight: 1 + inner.steps, keep: false, gradient: true });
  } else {
    recording.clear(lambda, tasks * params);
    recording.clear({ buffer: arena.stats, at: stats.query }, tasks);
  }
  for (let k = inner.steps - 1; k >= 0; k--) {
    const curved = k >= slots.curvedFrom;
    recording.run(adjointStep, {
      buffers: { learner, rate_map: rateMap, adjoint, direction, gradient: arena.gradient },
      sizes: {
        count: tasks * params,
        params,
        first: inner.headOnly ? net.layers[net.layers.length - 1].weights : 0,
        lambda: 0,
        anchor: tasks * params,
        gradient: context.gradient(k).at,
        rates: context.rateAt(k),
        keep: k < inner.steps - 1 ? 1 : 0,
        rho: curved ? inner.proximal : 0,
      },
    });
    if (curved) {
      const at = {
        theta: context.theta(k),
        direction: { buffer: direction, at: 0, stride: params },
        target: { ...lambda, keep: true },
      };
      recordProduct(context, context.support(k), at, {
        loss: inner.loss,
        scale: -1,
        shift: -inner.proximal,
        decay: -1,
        headOnly: inner.headOnly,
        phiAt: stats.phi,
        tangents: tangentLayout(net, tasks * context.chunk.support.rows),
      });
      recording.run(decayTerm, {
        buffers: { direction, theta: arena.theta, stats: arena.stats },
        sizes: { tasks, params, theta: context.theta(k).at, out: stats.omega },
      });
    }
    if (judged(k)) recordQuery(context, k, { weight: 1 + k, keep: true, gradient: true });
  }
}

function recordImplicit(context: ChunkContext, gradient: OuterGradient & { kind: "implicit" }): void {
  const { recording, net, tasks, stats, batch: { arena, options: { inner } } } = context;
  const { adjoint, direction } = arena;
  const params = net.parameterCount;
  const theta = context.theta(inner.steps);
  const sweep = context.support(inner.steps);
  recordQuery(context, inner.steps, { weight: 0, keep: false, gradient: true });
  recordForward(context, sweep, theta);
  recordLoss(context, sweep, {
    loss: inner.loss,
    weight: 0,
    lossAt: stats.support + inner.steps * tasks,
    phiAt: stats.phiScratch,
    keep: false,
  });
  recordBackward(context, sweep, theta);
  const [solution, product] = [tasks * params, 2 * tasks * params];
  recording.run(cgStart, {
    buffers: { adjoint, direction, stats: arena.stats },
    sizes: { tasks, params, solution, norm: stats.solver, tolerance: gradient.tolerance },
  });
  for (let i = 0; i < gradient.cgSteps; i++) {
    const at = {
      theta,
      direction: { buffer: direction, at: 0, stride: params },
      target: { buffer: adjoint, at: product, stride: params, keep: false },
    };
    recordProduct(context, sweep, at, {
      loss: inner.loss,
      scale: 1 / inner.proximal,
      shift: 1,
      decay: 0,
      headOnly: false,
      phiAt: stats.phiScratch,
      tangents: tangentLayout(net, tasks * sweep.set.rows),
    });
    recording.run(cgStep, {
      buffers: { adjoint, direction, stats: arena.stats },
      sizes: { tasks, params, solution, product, norm: stats.solver, first: i === 0 ? 1 : 0 },
    });
  }
}

/** Adds a chunk's numbers to the batch's leaves, at their place in the meta-gradient. */
function recordShares({ recording, tasks, chunk, batch }: ChunkContext, shares: Shares): void {
  recordLeaves(recording, batchTree(batch), { ...shares, start: chunk.start, tasks });
}

function recordTaskLosses({ recording, tasks, chunk, stats, batch }: ChunkContext, meta: GPUBuffer): void {
  const at = metaLength(batch) - batch.options.tasks + chunk.start;
  recording.copy({ buffer: batch.arena.stats, at: stats.query }, { buffer: meta, at }, tasks);
}

/** The same where each task's share lies in one piece, in the meta-gradient's own order. */
function recordTotal(context: ChunkContext, meta: GPUBuffer): void {
  const elements = summedLength(context.batch);
  const source = { buffer: context.batch.arena.adjoint, at: 0 };
  recordShares(context, { source, at: 0, elements, taskStride: elements });
  recordTaskLosses(context, meta);
}

/** Sums of one chunk into the leaves `[P | rates | 3 | 1 | loss]`, going on from earlier chunks. */
function recordSums(context: ChunkContext, gradient: OuterGradient, meta: GPUBuffer): void {
  const { recording, net, tasks, stats, batch } = context;
  const { arena, options } = batch;
  const { inner, rates } = options;
  const params = net.parameterCount;
  const hasAnchor = gradient.kind === "unrolled" && inner.proximal > 0 && batch.slots.curvedFrom < inner.steps;
  recordShares(context, {
    source: { buffer: arena.adjoint, at: gradient.kind === "implicit" ? tasks * params : 0 },
    at: 0,
    elements: params,
    taskStride: params,
    slices: hasAnchor ? 2 : 1,
    sliceStride: tasks * params,
  });
  const end = params + rates;
  const recordNumber = (from: number, at: number): void =>
    recordShares(context, { source: { buffer: arena.stats, at: from }, at, elements: 1, taskStride: 1 });
  if (gradient.kind === "unrolled") {
    const perRow = ratesPerRow(net, inner.rate);
    const [buffer, width] = inner.rate.per === "parameter" ? [arena.gradient, params] : [arena.rateSums, perRow];
    if (buffer === arena.rateSums) {
      recording.run(rateTerms, {
        buffers: { rate_map: arena.rateMap, gradient: arena.gradient, out: arena.rateSums },
        sizes: { slices: inner.steps * tasks, params, rates: perRow },
      });
    }
    for (let row = 0; row < rates / perRow; row++) {
      const users = Array.from({ length: inner.steps }, (_, k) => k)
        .filter((k) => rateRow(net, inner.rate, k, rates) === row);
      recordShares(context, {
        source: { buffer, at: (users[0] ?? 0) * tasks * width },
        at: params + row * perRow,
        elements: perRow,
        taskStride: width,
        slices: users.length,
        sliceStride: tasks * width,
      });
    }
    for (let j = 0; j < 3; j++) recordNumber(stats.phi + j * tasks, end + j);
    recordNumber(stats.omega, end + 3);
  }
  recordNumber(stats.query, end + 4);
  recordTaskLosses(context, meta);
}

/** Elements of a meta-gradient: `[P | rates | 3 | 1 | loss | task losses]`. */
export function metaLength(batch: Batch): number {
  return summedLength(batch) + batch.options.tasks;
}

/** Records a batch's meta-gradient into `meta`. The control holds 1, then the step weights. */
export function recordMetaGradient(recording: Recording, batch: Batch, meta: GPUBuffer): void {
  const { gradient, inner } = batch.options;
  if (gradient === undefined) throw new TypeError("Cannot record a meta-gradient: the batch has no outer gradient");
  const { parameterCount } = inner.net;
  for (const chunk of batch.chunks) {
    const context = chunkContext(recording, batch, chunk);
    if (batch.fused) {
      recordFused(context, batch.fused, true);
      recordTotal(context, meta);
      continue;
    }
    recordInnerLoop(context);
    recording.clear({ buffer: batch.arena.stats, at: context.stats.phi }, 3 * chunk.tasks);
    recording.clear({ buffer: batch.arena.stats, at: context.stats.omega }, chunk.tasks);
    if (gradient.kind === "unrolled") recordUnrolled(context, gradient);
    else if (gradient.kind === "implicit") recordImplicit(context, gradient);
    else {
      recordQuery(context, inner.steps, { weight: 0, keep: false, gradient: false });
      const { learner, theta, adjoint } = batch.arena;
      recording.run(displacement, {
        buffers: { learner, theta, adjoint },
        sizes: { count: chunk.tasks * parameterCount, params: parameterCount, theta: context.theta(inner.steps).at },
      });
    }
    recordSums(context, gradient, meta);
  }
  recordRoot(recording, batchTree(batch), { buffer: meta, at: 0 }, 1 / batch.options.tasks);
}
