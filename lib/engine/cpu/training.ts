/**
 * A training whose learner and optimiser moments reside in the engine's memory: a step copies only its tasks in.
 * A step whose loss or gradient is not finite halts it: that step and those after it change nothing.
 * @module
 */
import type { Training, TrainingPlan, TrainingReading, TrainingStep } from "../engine.ts";
import { packLearnables, unpackLearnables } from "../host_training.ts";
import type { OuterLayout } from "../layout.ts";
import { holdDecay } from "../outer_update.ts";
import type { Learner, OuterMoments, Task } from "../problem.ts";
import type { Session } from "./session.ts";

/** A step's gradient where the update finds it. */
export interface ResidentGradient {
  /** Address of the gradient by everything learnable; what is not learned may hold anything. */
  readonly address: number;
  /** Meta-loss. */
  readonly loss: number;
  /** Task losses, `[tasks]`. */
  readonly taskLosses: Float32Array;
}

/** Where a training's learner resides, and room of the same length for a gradient. */
export interface ResidentLearner {
  /** Address of `[params | logLr | phi | weightDecay | others]`. */
  readonly learner: number;
  /** Address of the room. */
  readonly spare: number;
}

/** Takes a step's gradient. Runs inside `exclusively`. */
export type TakeGradient = (
  at: ResidentLearner,
  tasks: readonly Task[],
  step: Omit<TrainingStep, "lr">,
) => Promise<ResidentGradient>;

/** Opens a training in the session's memory. */
export function openResidentTraining(
  session: Session,
  plan: Pick<TrainingPlan, "learn" | "rule">,
  start: { readonly learner: Learner; readonly moments: OuterMoments },
  takeGradient: TakeGradient,
): Training {
  const { heap, update } = session;
  const { learn, rule } = plan;
  const { params, logLr, phi, others = {} } = start.learner;
  const layout: OuterLayout = {
    parameterCount: params.length,
    rates: logLr.length,
    phi: phi.length,
    others: Object.values(others).reduce((sum, { length }) => sum + length, 0),
    learn,
  };
  const values = packLearnables(start.learner);
  const { length } = values;
  const bytes = Math.ceil(length / 16) * 64;
  const at = heap.take(4 * bytes);
  const view = (index: number): Float32Array => {
    const from = (at + index * bytes) / 4;
    return heap.floats().subarray(from, from + length);
  };
  view(0).set(values);
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
    const resident = { learner: at, spare: at + 3 * bytes };
    const { address, loss, taskLosses } = await takeGradient(resident, tasks, {
      gradient,
      ...(signal && { signal }),
    });
    const gradNorm = update.norm(address, layout);
    last = { loss, taskLosses, gradNorm };
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
      halted = true;
      return;
    }
    step++;
    lossSum += loss;
    lossCount++;
    const buffers = { values: at, first: at + bytes, second: at + 2 * bytes, gradient: address };
    update.apply(buffers, layout, { rule, lr, step, gradNorm });
    holdDecay(view(0), layout);
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
