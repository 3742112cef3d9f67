/**
 * Learners of distributions beside the exact answer: tasks are draws of a Gaussian process whose kernel is known, so its posterior is
 * what no forecast can beat on average. `deno run --allow-read --allow-write bench/gaussian_process.ts [--seeds N] [--batches N] [--write]`.
 * @module
 */
import { parseArgs } from "node:util";
import {
  adaptPredict,
  type Engine,
  metaInit,
  type MetaState,
  metaTrain,
  mlp,
  neuralProcess,
  type Random,
  random,
  ridge,
  type Task,
} from "@adaptrade/adaptrade";
import { inContext, type Method } from "@adaptrade/adaptrade/methods";
import { openCpuEngine } from "../lib/engine/cpu/open.ts";
import { writeTable } from "./sections.ts";
import { spreadOf } from "./statistics.ts";

/** k(a, b) = e^(−(a − b)²/(2·0.5²)) and noise of deviation 0.1, on [−2, 2]. */
const [LENGTH, NOISE, REACH] = [0.5, 0.01, 2];
/** Rows of support sets, each as likely. */
const SUPPORT_ROWS = [2, 5, 10, 20];
const QUERY_ROWS = 20;
const GAUSSIAN = { kind: "gaussian", floor: 1e-3 } as const;

const kernel = (a: number, b: number): number => Math.exp(-((a - b) ** 2) / (2 * LENGTH ** 2));

/** The lower triangular root of the covariance of noisy values at some places, by rows. */
function covarianceRoot(x: ArrayLike<number>): number[][] {
  const root: number[][] = [];
  for (let i = 0; i < x.length; i++) {
    root.push([]);
    for (let j = 0; j <= i; j++) {
      let rest = kernel(x[i], x[j]) + (i === j ? NOISE : 0);
      for (let k = 0; k < j; k++) rest -= root[i][k] * root[j][k];
      root[i].push(i === j ? Math.sqrt(rest) : rest / root[j][j]);
    }
  }
  return root;
}

/** L⁻¹ b. */
function forwardSolve(root: readonly (readonly number[])[], b: ArrayLike<number>): number[] {
  const found: number[] = [];
  for (let i = 0; i < b.length; i++) {
    let rest = b[i];
    for (let k = 0; k < i; k++) rest -= root[i][k] * found[k];
    found.push(rest / root[i][i]);
  }
  return found;
}

/** Noisy values of one draw of the process: some to learn from, others to forecast. */
export function processTask(stream: Random, rows: number): Task {
  const x = Float32Array.from({ length: rows + QUERY_ROWS }, () => REACH * (2 * stream.uniform() - 1));
  const root = covarianceRoot(x);
  const normals = Array.from(x, () => stream.normal());
  const y = Float32Array.from(root, (row) => row.reduce((sum, value, k) => sum + value * normals[k], 0));
  const set = (from: number, to: number) => ({ rows: to - from, x: x.slice(from, to), y: y.slice(from, to) });
  return { support: set(0, rows), query: set(rows, rows + QUERY_ROWS) };
}

/** −log N(y; mean, variance) less ½ log 2π, as the gaussian loss has it. */
function surprise(y: number, mean: number, logVariance: number): number {
  return 0.5 * (logVariance + (y - mean) ** 2 / Math.exp(logVariance));
}

/** Mean surprise at a task's query rows by the exact posterior (Rasmussen & Williams 2006, eq. 2.23 and 2.24). */
export function exactSurprise({ support, query }: Task): number {
  const root = covarianceRoot(support.x);
  const targets = forwardSolve(root, support.y);
  return query.y.reduce((sum, y, i) => {
    const across = forwardSolve(root, support.x.map((x) => kernel(query.x[i], x)));
    const mean = across.reduce((total, value, k) => total + value * targets[k], 0);
    const variance = 1 + NOISE - across.reduce((total, value) => total + value ** 2, 0);
    return sum + surprise(y, mean, Math.log(variance)) / query.rows;
  }, 0);
}

/** Mean surprise of each task's query rows by what a state makes of its support. */
export async function learnedSurprises(engine: Engine, state: MetaState, tasks: readonly Task[]): Promise<number[]> {
  const answers = await adaptPredict(engine, state, tasks.map(({ support, query: { x } }) => ({ support, x })));
  return tasks.map(({ query: { rows, y } }, t) =>
    y.reduce((sum, value, i) => {
      const [mean, logVariance] = [answers[t][2 * i], answers[t][2 * i + 1]];
      return sum + surprise(value, mean, Math.log(Math.exp(logVariance) + GAUSSIAN.floor)) / rows;
    }, 0)
  );
}

/** Trains a method on draws of the process. */
export async function trainOnProcess(
  engine: Engine,
  method: Method,
  { batches, seed }: { readonly batches: number; readonly seed: number },
): Promise<MetaState> {
  const stream = random(seed);
  function* drawn(): Generator<Task[]> {
    for (let batch = 0; batch < batches; batch++) {
      const own = stream.fork(batch);
      yield Array.from({ length: 16 }, (_, i) => processTask(own, SUPPORT_ROWS[i % SUPPORT_ROWS.length]));
    }
  }
  const outer = {
    lr: 2e-3,
    clipNorm: 1,
    schedule: { kind: "cosine", steps: Math.max(1, batches), floor: 0.02 },
  } as const;
  let state = metaInit({ method, outer }, { seed });
  for await (const progress of metaTrain(engine, state, drawn(), { every: Math.max(1, batches) })) {
    state = progress.state;
  }
  return state;
}

/** Learners of a mean and a variance. */
export const LEARNERS: Readonly<Record<string, Method>> = {
  "neural process": neuralProcess({
    inputs: 1,
    outputs: 2,
    encoder: [2, 64, 64, 64],
    decoder: [65, 64, 64, 2],
    loss: GAUSSIAN,
  }),
  "in context, 2 layers of 32": inContext({ inputs: 1, outputs: 2, loss: GAUSSIAN }),
  "ridge head of 32 features": ridge({
    net: mlp({ inputs: 1, hidden: [64, 64], outputs: 32, activation: "tanh" }),
    loss: GAUSSIAN,
  }),
};

/** Tasks to judge by, as many of each number of support rows. */
export function judgedTasks(count: number): Task[] {
  const stream = random(0x6a7);
  return Array.from({ length: count }, (_, i) => processTask(stream, SUPPORT_ROWS[i % SUPPORT_ROWS.length]));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "3" },
      batches: { type: "string", default: "4000" },
      write: { type: "boolean", default: false },
    },
  });
  await using engine = await openCpuEngine({ threads: 1 });
  const tasks = judgedTasks(800);
  const exact = tasks.map(exactSurprise);
  const byRows = (found: readonly number[]): number[] =>
    SUPPORT_ROWS.map((_, r) => found.reduce((sum, one, i) => i % SUPPORT_ROWS.length === r ? sum + one : sum, 0) / 200);
  const rows = [["learner", ...SUPPORT_ROWS.map((count) => `${count} rows`)]];
  rows.push(["exact posterior", ...byRows(exact).map((value) => value.toFixed(3))]);
  for (const [name, method] of Object.entries(LEARNERS)) {
    const found: number[][] = [];
    for (let seed = 1; seed <= Number(values.seeds); seed++) {
      const state = await trainOnProcess(engine, method, { batches: Number(values.batches), seed });
      found.push(byRows(await learnedSurprises(engine, state, tasks)));
      console.error(`${name}, seed ${seed}: ${found.at(-1)!.map((value) => value.toFixed(3)).join(" ")}`);
    }
    rows.push([name, ...SUPPORT_ROWS.map((_, r) => spreadOf(found.map((one) => one[r])))]);
  }
  await writeTable({ file: "METHODS.md", name: "gaussian process" }, rows, values.write);
}
