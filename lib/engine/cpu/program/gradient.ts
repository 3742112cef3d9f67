/**
 * A resident training's gradient by programs: what is learned and nothing else is differentiated.
 * @module
 */
import type { TrainingPlan } from "../../engine.ts";
import { learnedStarts } from "../../layout.ts";
import type { Learner, LearnMask } from "../../problem.ts";
import { gradientBatch, learnedNames, learnerInputs, meanLoss } from "../../programmed.ts";
import type { Session } from "../session.ts";
import type { TakeGradient } from "../training.ts";
import { runBatch } from "./executor.ts";
import type { ResidentPrograms } from "./resident.ts";

/** Gradients of a plan by programs. */
export function programGradient(
  session: Session,
  programs: ResidentPrograms,
  plan: { readonly inner: TrainingPlan["inner"]; readonly learn: LearnMask; readonly like: Learner },
): TakeGradient {
  const starts = learnedStarts(plan.like);
  const by = learnedNames(plan.learn);
  // Their lengths are all that a batch is built from.
  const learned = learnerInputs(plan.like);
  return async ({ learner, spare }, tasks, { gradient, signal }) => {
    const resident = (memory: Float32Array): Record<string, Float32Array> => {
      const views: Record<string, Float32Array> = {};
      for (const [name, { start, length }] of starts) {
        views[name] = memory.subarray(learner / 4 + start, learner / 4 + start + length);
      }
      return views;
    };
    const batch = gradientBatch({ inner: plan.inner, gradient, learned }, tasks, { by });
    const { each, sum } = await runBatch(session, programs, batch, { shared: resident, signal });
    for (const [name, total] of Object.entries(sum)) {
      const at = spare + 4 * starts.get(name)!.start;
      session.heap.floats().set(total, at / 4);
      session.update.divide(at, total.length, tasks.length);
    }
    const taskLosses = Float32Array.from(each, ({ loss }) => loss[0]);
    return { address: spare, loss: meanLoss(taskLosses), taskLosses };
  };
}
