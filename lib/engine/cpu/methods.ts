/**
 * The engine's stateless calls: each marshals its arrays into one job, or into a few where the data is long.
 * @module
 */
import * as F from "../../../kernels/wasm/fields.ts";
import type { Mlp } from "../../net/mlp.ts";
import type { AdaptedBatch, AdaptPair, FusedEngine } from "../engine.ts";
import type { FusedLoss, FusedProblem, Learner, MetaGradient, OuterGradient, Samples, Task } from "../problem.ts";
import { type JobTask, plainLoss, taskFloats } from "./job.ts";
import { runJob, type Session } from "./session.ts";

/** Floats of data and results that one job takes at most, unless one task alone has more. */
const CHUNK_FLOATS = 1 << 21;
/** Rows that one item of a forward job takes. */
const FORWARD_ROWS = 256;

/** The calls of {@linkcode FusedEngine} that keep nothing. */
export type CpuMethods = Omit<FusedEngine, "info" | "heldBytes" | "openTraining" | typeof Symbol.asyncDispose>;

function plainLearner(params: Float32Array, phi: Float32Array): Learner {
  return { params, logLr: new Float32Array(1), phi, weightDecay: 0 };
}

/** Splits tasks into runs whose floats stay below the chunk's. */
function chunks(tasks: readonly JobTask[], outputs: number, extra: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  let [from, size] = [0, 0];
  for (let i = 0; i < tasks.length; i++) {
    const floats = taskFloats(tasks[i], outputs) + extra;
    if (size + floats > CHUNK_FLOATS && i > from) {
      found.push([from, i]);
      [from, size] = [i, 0];
    }
    size += floats;
  }
  if (from < tasks.length) found.push([from, tasks.length]);
  return found;
}

function forward(session: Session, net: Mlp, params: Float32Array, x: Float32Array): Promise<Float32Array> {
  const inner = plainLoss(net, { kind: "mse" });
  const learner = plainLearner(params, new Float32Array(3));
  const tasks: JobTask[] = [];
  for (let i = 0; i < x.length; i += FORWARD_ROWS * net.inputs) {
    const part = x.subarray(i, i + FORWARD_ROWS * net.inputs);
    tasks.push({ query: { rows: part.length / net.inputs, x: part } });
  }
  return session.exclusively(async () => {
    const outputs = new Float32Array(x.length / net.inputs * net.outputs);
    let next = 0;
    for (const [from, to] of chunks(tasks, net.outputs, 0)) {
      const part = tasks.slice(from, to);
      const { job } = await runJob(session, {
        shape: { kind: F.JOB_FORWARD, inner, rates: 1 },
        learner,
        tasks: part,
        resultFloats: 0,
        lossBytes: 0,
      });
      for (const predicted of predictions(session, job, part, net.outputs)) {
        outputs.set(predicted, next);
        next += predicted.length;
      }
    }
    return outputs;
  });
}

/** Views of what a forward or predict job left. */
function predictions(session: Session, job: number, tasks: readonly JobTask[], outputs: number): Float32Array[] {
  const words = session.heap.words();
  const floats = session.heap.floats();
  const table = words[job / 4 + F.TASK_TABLE] / 4;
  return tasks.map(({ query }, i) => {
    const at = words[table + i * F.TASK_WORDS + F.Q_Y] / 4;
    return floats.subarray(at, at + query!.rows * outputs);
  });
}

function lossGradient(
  session: Session,
  problem: { readonly net: Mlp; readonly loss: FusedLoss },
  at: Pick<Learner, "params" | "phi">,
  samples: Samples,
): Promise<{ loss: number; grad: Float32Array; gradPhi: Float32Array }> {
  const { net, loss } = problem;
  return session.exclusively(async () => {
    const { result, losses } = await runJob(session, {
      shape: { kind: F.JOB_LOSS_GRADIENT, inner: plainLoss(net, loss), rates: 1 },
      learner: plainLearner(at.params, at.phi),
      tasks: [{ support: samples }],
      resultFloats: net.parameterCount + 3,
      lossBytes: 8,
    });
    const floats = session.heap.floats();
    const end = result / 4 + net.parameterCount;
    return {
      loss: session.heap.doubles()[losses / 8],
      grad: floats.slice(result / 4, end),
      gradPhi: floats.slice(end, end + 3),
    };
  });
}

function hessianVectorProduct(
  session: Session,
  problem: { readonly net: Mlp; readonly loss: FusedLoss; readonly vector: Float32Array },
  at: Pick<Learner, "params" | "phi">,
  samples: Samples,
): Promise<Float32Array> {
  const { net, loss, vector } = problem;
  return session.exclusively(async () => {
    const { result } = await runJob(session, {
      shape: { kind: F.JOB_HESSIAN_VECTOR, inner: plainLoss(net, loss), rates: 1 },
      learner: plainLearner(at.params, at.phi),
      tasks: [{ support: samples }],
      vector,
      resultFloats: net.parameterCount,
      lossBytes: 0,
    });
    return session.heap.floats().slice(result / 4, result / 4 + net.parameterCount);
  });
}

function adapt(
  session: Session,
  inner: FusedProblem,
  learner: Learner,
  supports: readonly Samples[],
): Promise<AdaptedBatch> {
  const { net, steps } = inner;
  const size = net.parameterCount;
  const tasks = supports.map((support) => ({ support }));
  return session.exclusively(async () => {
    const params = new Float32Array(supports.length * size);
    const losses = new Float32Array(supports.length * (steps + 1));
    for (const [from, to] of chunks(tasks, 0, size)) {
      const count = to - from;
      const done = await runJob(session, {
        shape: { kind: F.JOB_ADAPT, inner, rates: learner.logLr.length },
        learner,
        tasks: tasks.slice(from, to),
        resultFloats: count * size,
        lossBytes: count * (steps + 1) * 4,
      });
      const floats = session.heap.floats();
      params.set(floats.subarray(done.result / 4, done.result / 4 + count * size), from * size);
      losses.set(floats.subarray(done.losses / 4, done.losses / 4 + count * (steps + 1)), from * (steps + 1));
    }
    return { params, losses };
  });
}

function adaptPredict(
  session: Session,
  inner: FusedProblem,
  learner: Learner,
  pairs: readonly AdaptPair[],
): Promise<Float32Array[]> {
  const { inputs, outputs } = inner.net;
  const tasks = pairs.map(({ support, x }) => ({ support, query: { rows: x.length / inputs, x } }));
  return session.exclusively(async () => {
    const predicted: Float32Array[] = [];
    for (const [from, to] of chunks(tasks, outputs, 0)) {
      const part = tasks.slice(from, to);
      const { job } = await runJob(session, {
        shape: { kind: F.JOB_PREDICT, inner, rates: learner.logLr.length },
        learner,
        tasks: part,
        resultFloats: 0,
        lossBytes: 0,
      });
      for (const view of predictions(session, job, part, outputs)) predicted.push(view.slice());
    }
    return predicted;
  });
}

function metaGradient(
  session: Session,
  problem: { readonly inner: FusedProblem; readonly gradient: OuterGradient },
  learner: Learner,
  tasks: readonly Task[],
): Promise<MetaGradient> {
  const { inner, gradient } = problem;
  const { parameterCount } = inner.net;
  const rates = learner.logLr.length;
  return session.exclusively(async () => {
    const { result, losses } = await runJob(session, {
      shape: { kind: F.JOB_META, inner, gradient, rates },
      learner,
      tasks,
      resultFloats: parameterCount + rates + 4,
      lossBytes: tasks.length * 8,
    });
    const floats = session.heap.floats();
    const end = result / 4 + parameterCount + rates;
    return {
      ...readTaskLosses(session, losses, tasks.length),
      params: floats.slice(result / 4, result / 4 + parameterCount),
      logLr: floats.slice(result / 4 + parameterCount, end),
      phi: floats.slice(end, end + 3),
      weightDecay: floats[end + 3],
    };
  });
}

/** The tasks' losses and their mean. */
export function readTaskLosses(
  session: Session,
  losses: number,
  tasks: number,
): { loss: number; taskLosses: Float32Array } {
  const values = session.heap.doubles().subarray(losses / 8, losses / 8 + tasks);
  let sum = 0;
  for (let t = 0; t < tasks; t++) sum += values[t];
  return { loss: sum / tasks, taskLosses: Float32Array.from(values) };
}

/** The stateless calls of a CPU engine. */
export function cpuMethods(session: Session): CpuMethods {
  return {
    forward: (net, params, x) => forward(session, net, params, x),
    lossGradient: (net, loss, at, samples) => lossGradient(session, { net, loss }, at, samples),
    hessianVectorProduct: (net, loss, at, samples, vector) =>
      hessianVectorProduct(session, { net, loss, vector }, at, samples),
    adapt: (inner, learner, supports) => adapt(session, inner, learner, supports),
    adaptPredict: (inner, learner, pairs) => adaptPredict(session, inner, learner, pairs),
    metaGradient: (inner, gradient, learner, tasks) => metaGradient(session, { inner, gradient }, learner, tasks),
  };
}
