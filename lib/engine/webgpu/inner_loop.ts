/**
 * Records the inner loop of a chunk of tasks: by the fused kernel, or kernel by kernel.
 * @module
 */
import { innerUpdate } from "../../../kernels/wgsl/inner_update.ts";
import { spreadParams } from "../../../kernels/wgsl/spread_params.ts";
import type { ChunkContext } from "./batch.ts";
import { recordFused } from "./fused.ts";
import { recordBackward, recordForward, recordGradient, recordLoss } from "./sweeps.ts";

/** Records θ_0 .. θ_K with the support losses before each step. */
export function recordInnerLoop(context: ChunkContext): void {
  const { recording, net, tasks, batch: { arena, slots, fused, options: { inner } } } = context;
  if (fused) return recordFused(context, fused, false);
  const { learner, rateMap, theta, gradient } = arena;
  const params = net.parameterCount;
  const count = tasks * params;
  const last = net.layers.length - 1;
  const first = inner.headOnly ? net.layers[last].weights : 0;
  recording.run(spreadParams, { buffers: { learner, theta }, sizes: { count, params, theta: context.theta(0).at } });
  for (let k = 0; k < inner.steps; k++) {
    const sweep = context.support(k);
    recordForward(context, sweep, context.theta(k));
    recordLoss(context, sweep, {
      loss: inner.loss,
      weight: 0,
      lossAt: context.stats.support + k * tasks,
      phiAt: context.stats.phiScratch,
      keep: false,
    });
    if (!inner.headOnly || k >= slots.curvedFrom) recordBackward(context, sweep, context.theta(k));
    recordGradient(context, sweep, { ...context.gradient(k), keep: false }, inner.headOnly ? last : 0);
    recording.run(innerUpdate, {
      buffers: { learner, rate_map: rateMap, theta, gradient },
      sizes: {
        count,
        params,
        first,
        before: context.theta(k).at,
        after: context.theta(k + 1).at,
        gradient: context.gradient(k).at,
        rates: context.rateAt(k),
        omega: context.phi + 3,
        rho: inner.proximal,
      },
    });
  }
}
