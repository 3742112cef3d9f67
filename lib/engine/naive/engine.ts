/**
 * The float64 twin behind the Engine interface: the reference that tests and {@linkcode checkMetaGradient} stand on.
 * It runs on the caller's thread and refuses to be fast.
 * @module
 */
import type { Mlp } from "../../net/mlp.ts";
import type { AdaptedBatch, AdaptPair, Engine, EngineInfo, Training, TrainingPlan } from "../engine.ts";
import { openHostTraining } from "../host_training.ts";
import type {
  InnerProblem,
  Learner,
  LossShape,
  MetaGradient,
  OuterGradient,
  OuterMoments,
  Samples,
  Task,
} from "../problem.ts";
import { innerPath, type NaiveLearner, taskGradient } from "./bilevel.ts";
import { curvatureSweep, forwardTrace, lossSweep } from "./network.ts";

const INFO: EngineInfo = Object.freeze({
  backend: "naive",
  adapter: "float64 reference",
  isFallback: false,
  threads: 1,
  limits: Object.freeze({}),
});

/** A learner's float64 copy. */
export function naiveLearner(learner: Learner): NaiveLearner {
  return {
    params: Float64Array.from(learner.params),
    logLr: Float64Array.from(learner.logLr),
    phi: Float64Array.from(learner.phi),
    weightDecay: learner.weightDecay,
  };
}

/** A meta-gradient in float64: means over tasks, in task order. */
export function naiveMetaGradient(
  inner: InnerProblem,
  learner: NaiveLearner,
  options: { readonly gradient: OuterGradient; readonly tasks: readonly Task[] },
): {
  loss: number;
  taskLosses: Float64Array;
  params: Float64Array;
  logLr: Float64Array;
  phi: Float64Array;
  weightDecay: number;
} {
  const { gradient, tasks } = options;
  const params = new Float64Array(learner.params.length);
  const logLr = new Float64Array(learner.logLr.length);
  const phi = new Float64Array(3);
  const taskLosses = new Float64Array(tasks.length);
  let [loss, weightDecay] = [0, 0];
  tasks.forEach((task, t) => {
    const one = taskGradient(inner, learner, { gradient, task });
    taskLosses[t] = one.loss;
    loss += one.loss / tasks.length;
    weightDecay += one.weightDecay / tasks.length;
    one.params.forEach((value, j) => params[j] += value / tasks.length);
    one.logLr.forEach((value, j) => logLr[j] += value / tasks.length);
    one.phi.forEach((value, j) => phi[j] += value / tasks.length);
  });
  return { loss, taskLosses, params, logLr, phi, weightDecay };
}

class NaiveEngine implements Engine {
  readonly info = INFO;
  readonly heldBytes = 0;

  forward(net: Mlp, params: Float32Array, x: Float32Array): Promise<Float32Array> {
    const { affine } = forwardTrace(net, Float64Array.from(params), x);
    return Promise.resolve(Float32Array.from(affine[affine.length - 1]));
  }

  lossGradient(
    net: Mlp,
    loss: LossShape,
    at: Pick<Learner, "params" | "phi">,
    samples: Samples,
  ): Promise<{ loss: number; grad: Float32Array; gradPhi: Float32Array }> {
    const sweep = lossSweep(net, Float64Array.from(at.params), { shape: loss, phi: at.phi, samples });
    return Promise.resolve({
      loss: sweep.loss,
      grad: Float32Array.from(sweep.grad),
      gradPhi: Float32Array.from(sweep.gradPhi),
    });
  }

  hessianVectorProduct(
    net: Mlp,
    loss: LossShape,
    at: Pick<Learner, "params" | "phi">,
    samples: Samples,
    vector: Float32Array,
  ): Promise<Float32Array> {
    const params = Float64Array.from(at.params);
    const over = { shape: loss, phi: at.phi, samples };
    const sweep = lossSweep(net, params, over);
    const { product } = curvatureSweep(net, { params, over, sweep }, Float64Array.from(vector));
    return Promise.resolve(Float32Array.from(product));
  }

  adapt(inner: InnerProblem, learner: Learner, supports: readonly Samples[]): Promise<AdaptedBatch> {
    const start = naiveLearner(learner);
    const size = inner.net.parameterCount;
    const params = new Float32Array(supports.length * size);
    const losses = new Float32Array(supports.length * (inner.steps + 1));
    supports.forEach((support, t) => {
      const { thetas, sweeps } = innerPath(inner, start, support);
      params.set(thetas[inner.steps], t * size);
      losses.set(sweeps.map(({ loss }) => loss), t * (inner.steps + 1));
    });
    return Promise.resolve({ params, losses });
  }

  adaptPredict(inner: InnerProblem, learner: Learner, pairs: readonly AdaptPair[]): Promise<Float32Array[]> {
    const start = naiveLearner(learner);
    return Promise.resolve(pairs.map(({ support, x }) => {
      const { thetas } = innerPath(inner, start, support);
      const { affine } = forwardTrace(inner.net, thetas[inner.steps], x);
      return Float32Array.from(affine[affine.length - 1]);
    }));
  }

  metaGradient(
    inner: InnerProblem,
    gradient: OuterGradient,
    learner: Learner,
    tasks: readonly Task[],
  ): Promise<MetaGradient> {
    const mean = naiveMetaGradient(inner, naiveLearner(learner), { gradient, tasks });
    return Promise.resolve({
      loss: mean.loss,
      taskLosses: Float32Array.from(mean.taskLosses),
      params: Float32Array.from(mean.params),
      logLr: Float32Array.from(mean.logLr),
      phi: Float32Array.from(mean.phi),
      weightDecay: mean.weightDecay,
    });
  }

  openTraining(plan: TrainingPlan, learner: Learner, moments: OuterMoments): Promise<Training> {
    return Promise.resolve(openHostTraining(this, plan, { learner, moments }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Opens the float64 reference engine. */
export function openNaiveEngine(): Engine {
  return new NaiveEngine();
}
