/**
 * Who forecasts classes: methods that learn over markets, and what a support set alone allows. Each gives probabilities.
 * @module
 */
import {
  adaptPredict,
  type Engine,
  maml,
  metaInit,
  type MetaState,
  metaTrain,
  mlp,
  type Task,
} from "@adaptrade/adaptrade";
import { inContext, matching, memory, neuralProcess, prototypical } from "@adaptrade/adaptrade/methods";
import { type ClassForecast, softmax } from "./score.ts";
import type { ClassProblem, ClassTask } from "./tasks.ts";

const LOSS = { kind: "crossEntropy" } as const;
const embedding = (inputs: number) => mlp({ inputs, hidden: [32], outputs: 16, activation: "tanh" });

/** Methods that learn over markets, by name: a state before its first step. */
export const LEARNERS: Readonly<
  Record<string, (problem: ClassProblem, run: { seed: number; steps: number }) => MetaState>
> = {
  "prototypical": ({ inputs }, run) => start({ method: prototypical({ net: embedding(inputs) }) }, run),
  "matching": ({ inputs }, run) => start({ method: matching({ net: embedding(inputs) }) }, run),
  "in context": ({ inputs, classes: { length } }, run) =>
    start({ method: inContext({ inputs, outputs: length, loss: LOSS }) }, run),
  "memory": ({ inputs, classes: { length } }, run) =>
    start(
      { method: memory({ inputs, outputs: length, hidden: 24, decoder: [inputs + 24, 32, length], loss: LOSS }) },
      run,
    ),
  "neural process": ({ inputs, classes: { length } }, run) => {
    const widths = { encoder: [inputs + length, 32, 32], decoder: [inputs + 32, 32, length] };
    return start({ method: neuralProcess({ inputs, outputs: length, ...widths, loss: LOSS }) }, run);
  },
  "MAML": ({ inputs, classes: { length } }, { seed, steps }) => {
    const net = mlp({ inputs, hidden: [32], outputs: length, activation: "tanh" });
    return metaInit(maml({ net, loss: LOSS, inner: { steps: 3, lr: 0.1 }, outer: outerOf(steps) }), { seed });
  },
};

function outerOf(steps: number) {
  return { lr: 2e-3, clipNorm: 1, schedule: { kind: "cosine", steps, floor: 0.02 } } as const;
}

function start(
  { method }: { readonly method: ReturnType<typeof prototypical> },
  { seed, steps }: { readonly seed: number; readonly steps: number },
): MetaState {
  return metaInit({ method, outer: outerOf(steps) }, { seed });
}

/** Trains a learner over the markets of a problem. */
export async function learn(
  engine: Engine,
  state: MetaState,
  run: { readonly problem: ClassProblem; readonly steps: number; readonly seed: number; readonly signal?: AbortSignal },
): Promise<MetaState> {
  const { problem, steps, seed, signal } = run;
  function* batches() {
    let left = steps;
    for (const batch of problem.batches(seed)) {
      yield batch;
      if (--left === 0) return;
    }
  }
  const options = { every: steps, ...(signal && { signal }) };
  for await (const progress of metaTrain(engine, state, batches(), options)) state = progress.state;
  return state;
}

/** What rows of probabilities and a task's targets amount to. */
function forecastsOf(tasks: readonly Task[], rowOf: (task: number, row: number) => readonly number[]): ClassForecast[] {
  return tasks.flatMap(({ query: { rows, y } }, t) => {
    const width = y.length / rows;
    return Array.from({ length: rows }, (_, r) => ({
      probabilities: rowOf(t, r),
      came: y.subarray(r * width, (r + 1) * width).indexOf(1),
    }));
  });
}

/** Forecasts of a state on every query row. */
export async function forecastsBy(engine: Engine, state: MetaState, tasks: readonly Task[]): Promise<ClassForecast[]> {
  const outputs = await adaptPredict(engine, state, tasks.map(({ support, query: { x } }) => ({ support, x })));
  // Matching networks answer with probabilities, all others with logits.
  const isLogits = state.config.loss?.kind === "crossEntropy";
  return forecastsOf(tasks, (t, r) => {
    const width = outputs[t].length / tasks[t].query.rows;
    const row = [...outputs[t].subarray(r * width, (r + 1) * width)];
    return isLogits ? softmax(row) : row;
  });
}

/** Shares of the classes among the labels of some tasks. */
function sharesOf(tasks: readonly Task[], classes: number): number[] {
  const counts: number[] = new Array(classes).fill(1);
  for (const { support: { y } } of tasks) y.forEach((value, i) => counts[i % classes] += value);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/** Tasks of the first batches of a seed that no training has. */
function someLearned(problem: ClassProblem): Task[] {
  const tasks: Task[] = [];
  for (const batch of problem.batches(0)) {
    tasks.push(...batch);
    if (tasks.length >= 300) break;
  }
  return tasks;
}

/** Nearest centroid: prototypical networks with the identity, distances averaged over columns. */
function nearestCentroid(inputs: number): MetaState {
  const scale = 1 / Math.sqrt(inputs);
  const params = Float32Array.from(
    { length: inputs * inputs + inputs },
    (_, i) => i < inputs * inputs && i % (inputs + 1) === 0 ? scale : 0,
  );
  return metaInit(prototypical({ net: mlp({ inputs, hidden: [], outputs: inputs }) }), { params });
}

/** Multinomial regression on the support alone: 200 steps of gradient descent from 0, with a ridge of 0.1. */
function multinomial(inputs: number, outputs: number): MetaState {
  const net = mlp({ inputs, hidden: [], outputs });
  const inner = { steps: 200, lr: 0.3, weightDecay: 0.1 };
  return metaInit(maml({ net, loss: LOSS, inner }), { params: new Float32Array(net.parameterCount) });
}

/** What needs no learning over markets, and what is known of all markets without a support, by name. */
export async function baselines(engine: Engine, problem: ClassProblem): Promise<Record<string, ClassForecast[]>> {
  const { inputs, classes: { length }, tests } = problem;
  const pool = sharesOf(someLearned(problem), length);
  const own = tests.map((task) => sharesOf([task], length));
  return {
    "shares of all markets (majority)": forecastsOf(tests, () => pool),
    "shares of the support": forecastsOf(tests, (t) => own[t]),
    "as it is now": forecastsOf(tests, (t, r) => stays(tests[t], r, pool)),
    "nearest centroid": await forecastsBy(engine, nearestCentroid(inputs), tests),
    "multinomial regression": await forecastsBy(engine, multinomial(inputs, length), tests),
  };
}

/** Half on the class of the row's own bar, the rest on all by their shares. */
function stays({ now }: ClassTask, row: number, pool: readonly number[]): number[] {
  return pool.map((share, k) => 0.5 * share + (k === now[row] ? 0.5 : 0));
}
