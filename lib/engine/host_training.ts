/**
 * A training whose learner lives in host memory, over any engine's `metaGradient`: the outer update runs in JavaScript.
 * @module
 */
import type { Engine, Training, TrainingPlan, TrainingReading, TrainingStep } from "./engine.ts";
import type { OuterLayout } from "./layout.ts";
import { learnedNorm, type OuterBuffers, outerUpdate } from "./outer_update.ts";
import type { Learner, MetaGradient, OuterMoments, Task } from "./problem.ts";

/** Puts `[params | logLr | phi | weightDecay | others]` into one array. */
export function packLearnables(parts: Omit<MetaGradient, "loss" | "taskLosses">): Float32Array {
  const { params, logLr, phi, weightDecay, others = {} } = parts;
  const arrays = [params, logLr, phi, [weightDecay], ...Object.values(others)];
  const flat = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    flat.set(array, at);
    at += array.length;
  }
  return flat;
}

/** Takes {@linkcode packLearnables} apart again, copying; `like` has the lengths. */
export function unpackLearnables(flat: Float32Array, like: Learner): Learner {
  let end = 0;
  const next = ({ length }: Float32Array): Float32Array => flat.slice(end, end += length);
  const [params, logLr, phi] = [next(like.params), next(like.logLr), next(like.phi)];
  const weightDecay = flat[end++];
  const others = Object.entries(like.others ?? {}).map(([name, array]) => [name, next(array)]);
  return { params, logLr, phi, weightDecay, ...(like.others ? { others: Object.fromEntries(others) } : {}) };
}

/** Opens a training that asks `engine` for gradients and updates on the host. */
export function openHostTraining(
  engine: Pick<Engine, "metaGradient">,
  plan: TrainingPlan,
  start: { readonly learner: Learner; readonly moments: OuterMoments },
): Training {
  const { inner, learn, rule } = plan;
  const { params, logLr, phi, others = {} } = start.learner;
  const layout: OuterLayout = {
    parameterCount: params.length,
    rates: logLr.length,
    phi: phi.length,
    others: Object.values(others).reduce((sum, { length }) => sum + length, 0),
    learn,
  };
  const values = packLearnables(start.learner);
  const first = start.moments.first.slice();
  const second = start.moments.second.slice();
  let step = start.moments.step;
  let halted = false;
  let last: Pick<TrainingReading, "loss" | "taskLosses" | "gradNorm"> = {
    loss: NaN,
    taskLosses: new Float32Array(0),
    gradNorm: NaN,
  };
  let [lossSum, lossCount] = [0, 0];
  return {
    async step(tasks: readonly Task[], { lr, gradient }: TrainingStep): Promise<void> {
      if (halted) return;
      const mean = await engine.metaGradient(inner, gradient, unpackLearnables(values, start.learner), tasks);
      const buffers: OuterBuffers = { values, first, second, gradient: packLearnables(mean) };
      const gradNorm = learnedNorm(buffers.gradient, layout);
      last = { loss: mean.loss, taskLosses: Float32Array.from(mean.taskLosses), gradNorm };
      if (!Number.isFinite(mean.loss) || !Number.isFinite(gradNorm)) {
        halted = true;
        return;
      }
      step++;
      lossSum += mean.loss;
      lossCount++;
      outerUpdate(buffers, layout, { rule, lr, step, gradNorm });
    },
    read(): Promise<TrainingReading> {
      const meanLoss = lossCount > 0 ? lossSum / lossCount : NaN;
      [lossSum, lossCount] = [0, 0];
      return Promise.resolve({
        learner: unpackLearnables(values, start.learner),
        moments: { first: first.slice(), second: second.slice(), step },
        ...last,
        meanLoss,
        halted,
      });
    },
    [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve(),
  };
}
