/**
 * Records the fused kernel: whole tasks in one dispatch. It lays a task's sweeps, tangents and adjoint out on its own tape and
 * leaves theta, gradients and stats where the batched kernels would.
 * @module
 */
import type { Constants } from "../../../kernels/wgsl/contract.ts";
import { fusedTask } from "../../../kernels/wgsl/fused_task.ts";
import { firstAdapted, ratesPerRow } from "../layout.ts";
import { outerLoss } from "../naive/loss.ts";
import type { Batch, ChunkContext } from "./batch.ts";
import { fusedLanes, holdsParams } from "./plan.ts";
import type { Span } from "./program.ts";
import { hiddenUnits, tangentWidth, tapeWidth } from "./rows.ts";
import { activationCode, lossNumbers } from "./sweeps.ts";

/** Places within a task's tape, and its length. */
interface TaskTape {
  readonly slot: number;
  readonly query: number;
  readonly lambda: number;
  readonly tangent: number;
  readonly stride: number;
}

function taskTape({ options: { inner: { net }, rows }, slots }: Batch, reverse: boolean): TaskTape {
  const slot = tapeWidth(net, rows.support);
  const query = slots.tapeSlots * slot;
  if (!reverse) return { slot, query, lambda: query, tangent: query, stride: query };
  const lambda = query + tapeWidth(net, rows.query);
  const tangent = lambda + 3 * net.parameterCount;
  return { slot, query, lambda, tangent, stride: tangent + tangentWidth(net, rows.support) };
}

/** Where a reversed batch's λ lies, from task to task, with θ_0's own share a slice behind it. */
export function fusedAdjoint(batch: Batch): Span & { readonly stride: number; readonly sliceStride: number } {
  const { lambda, stride } = taskTape(batch, true);
  return { buffer: batch.arena.tape, at: lambda, stride, sliceStride: batch.options.inner.net.parameterCount };
}

function fusedConstants({ options: { inner, rows, limits } }: Batch): Constants {
  const { net } = inner;
  const held = holdsParams(net, rows, limits);
  let units = 0;
  const before = net.layers.map(({ outputs }) => (units += outputs) - outputs);
  return {
    LANES: fusedLanes(net, rows),
    LAYERS: net.layers.length,
    WIDTHS: net.widths,
    WEIGHTS: net.layers.map(({ weights }) => weights),
    BEFORE: before,
    INPUTS: net.inputs,
    OUTPUTS: net.outputs,
    HIDDEN: hiddenUnits(net),
    PARAMS: net.parameterCount,
    CACHED: held,
    CACHE: held ? net.parameterCount : 1,
    FIRST: firstAdapted(net, inner.headOnly),
    HEAD_ONLY: inner.headOnly,
    ACTIVATION: activationCode(net),
    RATES: ratesPerRow(net, inner.rate),
    LOSS: lossNumbers(inner.loss).LOSS,
    OUTER_LOSS: lossNumbers(outerLoss(inner.loss)).LOSS,
  };
}

/** Records a chunk's inner loops and, if `reverse`, their unrolled adjoint. */
export function recordFused(context: ChunkContext, reverse: boolean): void {
  const { program, tasks, batch, chunk, stats } = context;
  const { arena, slots, options } = batch;
  const { inner } = options;
  const tape = taskTape(batch, reverse);
  program.run(fusedTask, {
    constants: fusedConstants(batch),
    buffers: {
      control: arena.control,
      learner: arena.learner,
      rate_map: arena.rateMap,
      data: chunk.data,
      theta: arena.theta,
      gradient: arena.gradient,
      tape: arena.tape,
      stats: arena.stats,
    },
    sizes: {
      tasks,
      support_rows: chunk.support.rows,
      support_x: chunk.support.x,
      support_y: chunk.support.y,
      support_c: chunk.support.c,
      query_rows: chunk.query.rows,
      query_x: chunk.query.x,
      query_y: chunk.query.y,
      query_c: chunk.query.c,
      tape_stride: tape.stride,
      tape_slot: tape.slot,
      query: tape.query,
      lambda: tape.lambda,
      tangent: tape.tangent,
      loss: stats.support,
      query_loss: stats.query,
      phi: stats.phi,
      omega: stats.omega,
      reverse: reverse ? 1 : 0,
      steps: inner.steps,
      kept_from: slots.keptFrom,
      curved_from: slots.curvedFrom,
      rate_rows: options.rates / ratesPerRow(inner.net, inner.rate),
      gradient_slots: slots.gradientSlots,
      rho: inner.proximal,
      loss_shape: lossNumbers(inner.loss).shape,
      outer_shape: lossNumbers(outerLoss(inner.loss)).shape,
    },
  });
}
