/**
 * A training whose learner lives in host memory, over any engine's `metaGradient`: the outer update runs in JavaScript.
 * @module
 */
import type { Engine, Training, TrainingPlan, TrainingReading, TrainingStep } from "./engine.ts";
import { learnedNorm, type OuterBuffers, type OuterLayout, outerUpdate } from "./outer_update.ts";
import type { Learner, MetaGradient, OuterMoments, Task } from "./problem.ts";

/** Puts `[params | logLr | phi | weightDecay]` into one array of length P + R + 4. */
export function packLearnables(parts: Pick<MetaGradient, "params" | "logLr" | "phi" | "weightDecay">): Float32Array {
  const { params, logLr, phi, weightDecay } = parts;
  const flat = new Float32Array(params.length + logLr.length + 4);
  flat.set(params);
  flat.set(logLr, params.length);
  flat.set(phi, params.length + logLr.length);
  flat[flat.length - 1] = weightDecay;
  return flat;
}

/** Takes {@linkcode packLearnables} apart again, copying. */
export function unpackLearnables(flat: Float32Array, parameterCount: number): Learner {
  return {
    params: flat.slice(0, parameterCount),
    logLr: flat.slice(parameterCount, flat.length - 4),
    phi: flat.slice(flat.length - 4, flat.length - 1),
    weightDecay: flat[flat.length - 1],
  };
}

/** Opens a training that asks `engine` for gradients and updates on the host. */
export function openHostTraining(
  engine: Pick<Engine, "metaGradient">,
  plan: TrainingPlan,
  start: { readonly learner: Learner; readonly moments: OuterMoments },
): Training {
  const { inner, learn, rule } = plan;
  const parameterCount = inner.net.parameterCount;
  const layout: OuterLayout = { parameterCount, rates: start.learner.logLr.length, learn };
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
      const mean = await engine.metaGradient(inner, gradient, unpackLearnables(values, parameterCount), tasks);
      const buffers: OuterBuffers = { values, first, second, gradient: packLearnables(mean) };
      const gradNorm = learnedNorm(buffers.gradient, layout);
      last = { loss: mean.loss, taskLosses: mean.taskLosses, gradNorm };
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
        learner: unpackLearnables(values, parameterCount),
        moments: { first: first.slice(), second: second.slice(), step },
        ...last,
        meanLoss,
        halted,
      });
    },
    [Symbol.asyncDispose]: (): Promise<void> => Promise.resolve(),
  };
}
