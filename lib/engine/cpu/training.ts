/**
 * A training whose learner and optimiser moments reside in the kernels' memory: a step copies only its tasks in.
 * A step whose loss or gradient is not finite halts it: that step and those after it change nothing.
 * @module
 */
import * as F from "../../../kernels/wasm/fields.ts";
import type { Training, TrainingPlan, TrainingReading, TrainingStep } from "../engine.ts";
import { unpackLearnables } from "../host_training.ts";
import type { OuterLayout } from "../layout.ts";
import type { FusedProblem, Learner, OuterMoments, Task } from "../problem.ts";
import { writeLearner } from "./job.ts";
import { readTaskLosses } from "./methods.ts";
import { runJob, type Session } from "./session.ts";
import { residentNorm, residentUpdate } from "./update.ts";

/** Opens a training in the session's memory. */
export function openCpuTraining(
  session: Session,
  plan: TrainingPlan<FusedProblem>,
  start: { readonly learner: Learner; readonly moments: OuterMoments },
): Training {
  const { heap, kernels } = session;
  const { inner, learn, rule } = plan;
  const { parameterCount } = inner.net;
  const rates = start.learner.logLr.length;
  const layout: OuterLayout = { parameterCount, rates, learn };
  const wants = (learn.lr ? F.WANT_RATES : 0) + (learn.loss ? F.WANT_PHI : 0) + (learn.weightDecay ? F.WANT_DECAY : 0);
  const length = parameterCount + rates + 4;
  const bytes = Math.ceil(length / 16) * 64;
  const at = heap.take(3 * bytes);
  const view = (index: number): Float32Array => {
    const from = (at + index * bytes) / 4;
    return heap.floats().subarray(from, from + length);
  };
  writeLearner(heap.floats(), at, start.learner);
  view(1).set(start.moments.first);
  view(2).set(start.moments.second);
  let step = start.moments.step;
  let halted = false;
  let closed = false;
  let last: Pick<TrainingReading, "loss" | "taskLosses" | "gradNorm"> = {
    loss: NaN,
    taskLosses: new Float32Array(0),
    gradNorm: NaN,
  };
  let [lossSum, lossCount] = [0, 0];

  async function advance(tasks: readonly Task[], { lr, gradient, signal }: TrainingStep): Promise<void> {
    if (halted || closed) return;
    const { result, losses } = await runJob(session, {
      shape: { kind: F.JOB_META, inner, gradient, rates, wants },
      learner: at,
      tasks,
      resultFloats: length,
      lossBytes: tasks.length * 8,
      ...(signal && { signal }),
    });
    const { loss, taskLosses } = readTaskLosses(session, losses, tasks.length);
    const gradNorm = residentNorm(kernels, result, layout);
    last = { loss, taskLosses, gradNorm };
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
      halted = true;
      return;
    }
    step++;
    lossSum += loss;
    lossCount++;
    const buffers = { values: at, first: at + bytes, second: at + 2 * bytes, gradient: result };
    residentUpdate(kernels, buffers, { ...layout, rule, lr, step, gradNorm });
    const omega = at / 4 + length - 1;
    if (learn.weightDecay && heap.floats()[omega] < 0) heap.floats()[omega] = 0;
  }

  return {
    step: (tasks, options) => session.exclusively(() => advance(tasks, options)),
    read: () =>
      session.exclusively(() => {
        const meanLoss = lossCount > 0 ? lossSum / lossCount : NaN;
        [lossSum, lossCount] = [0, 0];
        return Promise.resolve({
          learner: unpackLearnables(view(0), start.learner),
          moments: { first: view(1).slice(), second: view(2).slice(), step },
          ...last,
          meanLoss,
          halted,
        });
      }),
    async [Symbol.asyncDispose](): Promise<void> {
      await session.exclusively(() => {
        if (!closed) heap.give(at);
        closed = true;
        return Promise.resolve();
      });
    },
  };
}
