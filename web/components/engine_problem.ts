/**
 * The fixed problem on which the server and a visitor's browser are compared: exact meta-gradients of seeded sine waves, then
 * a few meta-steps. Both sides make it from the same seed, so only figures travel. Imports the whole library: in islands
 * load it with `import()`.
 * @module
 */
import {
  type Engine,
  maml,
  metaGradient,
  metaGradientOf,
  metaInit,
  type MetaState,
  metaStep,
  mlp,
  random,
  type Samples,
  type Task,
} from "@adaptrade/adaptrade";

/** What an engine made of the problem; plain JSON. */
export interface ProblemAnswer {
  /** Meta-loss at the start. */
  readonly loss: number;
  /** Gradient by the start θ, `[parameterCount]`. */
  readonly params: readonly number[];
  /** Gradient by the log learning rates. */
  readonly logLr: readonly number[];
  /** Gradient by the learned loss's φ. */
  readonly phi: readonly number[];
  /** Meta-loss of each meta-step. */
  readonly losses: readonly number[];
}

/** How far one answer is from another. */
export interface Comparison {
  /** Relative error of the gradients by θ, log α and φ, the largest of the three. */
  readonly gradient: number;
  /** Relative error of the meta-loss at the start. */
  readonly loss: number;
  /** Largest relative error of the losses along the meta-steps. */
  readonly steps: number;
}

/** The gradient's largest relative error with which two engines agree. */
export const AGREEMENT = 1e-4;

/** Meta-steps of the comparison. */
export const PROBLEM_STEPS = 20;

const TASKS = 16;
const INPUTS = 12;

/** `tasks` sine waves of seeded frequency and phase over 12 inputs: 20 rows to adapt on, 10 to be judged on. */
export function sineTasks(tasks: number, seed: number): Task[] {
  const stream = random(seed);
  return Array.from({ length: tasks }, () => {
    const direction = Array.from({ length: INPUTS }, () => stream.normal() / Math.sqrt(INPUTS));
    const phase = stream.normal();
    const samples = (rows: number): Samples => {
      const x = Float32Array.from({ length: rows * INPUTS }, () => stream.normal());
      const wave = (row: number) =>
        Math.sin(2 * direction.reduce((sum, weight, i) => sum + weight * x[row * INPUTS + i], phase));
      return { rows, x, y: Float32Array.from({ length: rows }, (_, row) => wave(row)) };
    };
    return { support: samples(20), query: samples(10) };
  });
}

/** The state that is compared: learned loss, rates and weight decay, so that every kernel of the exact path runs. */
function problemState(): MetaState {
  const net = mlp({ inputs: INPUTS, hidden: [32, 32], outputs: 1, activation: "tanh" });
  return metaInit(metaGradient({ net, inner: { steps: 3, lr: 0.05 }, outer: { lr: 0.003, clipNorm: 10 } }), {
    seed: 7,
  });
}

/** The state that the benchmark steps: the dashboard's default network, five inner steps, exact gradient. */
export function benchmarkState(): MetaState {
  const net = mlp({ inputs: INPUTS, hidden: [64, 64], outputs: 1 });
  return metaInit(maml({ net, inner: { steps: 5, lr: 0.01 } }), { seed: 7 });
}

/**
 * Takes the gradient at the start, then the meta-steps.
 *
 * @param engine where to run it
 * @param onStep told after each step how many are done, and its meta-loss
 */
export async function solveProblem(
  engine: Engine,
  onStep: (done: number, loss: number) => void = () => {},
): Promise<ProblemAnswer> {
  let state = problemState();
  const tasks = sineTasks(TASKS, 11);
  const at = await metaGradientOf(engine, state, tasks);
  const losses: number[] = [];
  for (let step = 1; step <= PROBLEM_STEPS; step++) {
    const moved = await metaStep(engine, state, tasks);
    state = moved.state;
    losses.push(moved.loss);
    onStep(step, moved.loss);
  }
  return {
    loss: at.loss,
    params: Array.from(at.params),
    logLr: Array.from(at.logLr),
    phi: Array.from(at.phi ?? []),
    losses,
  };
}

/** How far `answer` is from `reference`. */
export function compareAnswers(answer: ProblemAnswer, reference: ProblemAnswer): Comparison {
  const gradients = (["params", "logLr", "phi"] as const).map((name) => distance(answer[name], reference[name]));
  return {
    gradient: Math.max(...gradients),
    loss: distance([answer.loss], [reference.loss]),
    steps: Math.max(...reference.losses.map((loss, step) => distance([answer.losses[step]], [loss]))),
  };
}

/** ‖a − b‖ / ‖b‖. */
function distance(a: readonly number[], b: readonly number[]): number {
  const squares = (values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
  if (a.length !== b.length) return Infinity;
  const size = Math.sqrt(squares(b));
  const off = Math.sqrt(squares(a.map((value, i) => value - b[i])));
  return size === 0 ? off : off / size;
}
