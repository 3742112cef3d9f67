/**
 * What every engine promises its callers, whatever it runs on: arguments are captured when a call is made, and nothing is
 * called after the engine was disposed. It computes nothing.
 * @module
 */
import type { Engine, Training } from "./engine.ts";
import type { Learner, OuterMoments, Samples, Task } from "./problem.ts";

/** A copy of samples, so that a caller may reuse its arrays at once. */
export function captureSamples(samples: Samples): Samples {
  const { x, y, weights } = samples;
  return { ...samples, x: x.slice(), y: y.slice(), ...(weights && { weights: weights.slice() }) };
}

/** A copy of tasks, likewise. */
export function captureTasks<T extends Task>(tasks: readonly T[]): T[] {
  return tasks.map((task) => ({
    ...task,
    support: captureSamples(task.support),
    query: captureSamples(task.query),
  }));
}

function captureLearner({ params, logLr, phi, weightDecay, others }: Learner): Learner {
  const copies = Object.entries(others ?? {}).map(([name, values]) => [name, values.slice()]);
  return {
    params: params.slice(),
    logLr: logLr.slice(),
    phi: phi.slice(),
    weightDecay,
    ...(others ? { others: Object.fromEntries(copies) } : {}),
  };
}

function captureMoments({ first, second, step }: OuterMoments): OuterMoments {
  return { first: first.slice(), second: second.slice(), step };
}

/** An engine that captures its arguments and refuses calls after its disposal; calls made before it are finished. */
export function guardEngine(engine: Engine): Engine {
  let disposed: PromiseLike<void> | undefined;
  const guarded = <T>(call: () => Promise<T>): Promise<T> =>
    disposed ? Promise.reject(new Error("Cannot use the engine: it was disposed; open another")) : call();
  const guardTraining = (training: Training): Training => ({
    // A batch is read before the step resolves: it need not be copied, and must stay as it is until then.
    step: (tasks, step) => guarded(() => training.step(tasks, step)),
    read: () => guarded(() => training.read()),
    [Symbol.asyncDispose]: () => training[Symbol.asyncDispose](),
  });
  return {
    info: engine.info,
    get heldBytes(): number {
      return engine.heldBytes;
    },
    forward: (net, params, x) => guarded(() => engine.forward(net, params.slice(), x.slice())),
    lossGradient: (net, loss, at, samples) =>
      guarded(() =>
        engine.lossGradient(net, loss, { params: at.params.slice(), phi: at.phi.slice() }, captureSamples(samples))
      ),
    hessianVectorProduct: (net, loss, at, samples, vector) =>
      guarded(() =>
        engine.hessianVectorProduct(
          net,
          loss,
          { params: at.params.slice(), phi: at.phi.slice() },
          captureSamples(samples),
          vector.slice(),
        )
      ),
    adapt: (inner, learner, supports) =>
      guarded(() => engine.adapt(inner, captureLearner(learner), supports.map(captureSamples))),
    adaptPredict: (inner, learner, pairs) =>
      guarded(() =>
        engine.adaptPredict(
          inner,
          captureLearner(learner),
          pairs.map(({ support, x }) => ({ support: captureSamples(support), x: x.slice() })),
        )
      ),
    metaGradient: (inner, gradient, learner, tasks) =>
      guarded(() => engine.metaGradient(inner, gradient, captureLearner(learner), captureTasks(tasks))),
    openTraining: (plan, learner, moments) =>
      guarded(async () =>
        guardTraining(await engine.openTraining(plan, captureLearner(learner), captureMoments(moments)))
      ),
    [Symbol.asyncDispose]: (): PromiseLike<void> => disposed ??= engine[Symbol.asyncDispose](),
  };
}
