/**
 * A resident training's gradient by the fused kernels.
 * @module
 */
import * as F from "../../../kernels/wasm/fields.ts";
import type { TrainingPlan } from "../engine.ts";
import type { FusedProblem } from "../problem.ts";
import { readTaskLosses } from "./methods.ts";
import { runJob, type Session } from "./session.ts";
import type { TakeGradient } from "./training.ts";

/** Gradients of a plan by the fused kernels; `rates` is the length of logLr. */
export function fusedGradient(session: Session, plan: TrainingPlan<FusedProblem>, rates: number): TakeGradient {
  const { inner, learn } = plan;
  const wants = (learn.lr ? F.WANT_RATES : 0) + (learn.loss ? F.WANT_PHI : 0) + (learn.weightDecay ? F.WANT_DECAY : 0);
  return async ({ learner }, tasks, { gradient, signal }) => {
    const { result, losses } = await runJob(session, {
      shape: { kind: F.JOB_META, inner, gradient, rates, wants },
      learner,
      tasks,
      resultFloats: inner.net.parameterCount + rates + 4,
      lossBytes: tasks.length * 8,
      ...(signal && { signal }),
    });
    return { address: result, count: 1, ...readTaskLosses(session, losses, tasks.length) };
  };
}
