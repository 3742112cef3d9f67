/**
 * The process behind the engine page: `deno run web/worker/engine.ts JOB`, JOB an {@linkcode EngineJob} as JSON. It writes one
 * JSON line a result to standard output, and ends. A process of its own, so that neither a lost device nor a busy core
 * holds up the pages.
 * @module
 */
import {
  checkMetaGradient,
  type Engine,
  type EngineInfo,
  maml,
  metaInit,
  metaTrain,
  mlp,
  openEngine,
  random,
  type Samples,
} from "@adaptrade/adaptrade";
import { benchmarkState, type ProblemAnswer, sineTasks, solveProblem } from "../components/engine_problem.ts";
import { whenOrphaned } from "./orphaned.ts";

/** What the process is to do. */
export type EngineJob =
  | { readonly kind: "probe" | "reference" }
  | ({ readonly kind: "benchmark" } & BenchmarkRequest);

/** A benchmark asked for. */
export interface BenchmarkRequest {
  /** The engine. */
  readonly backend: "auto" | "webgpu" | "cpu";
  /** Threads of the CPU engine; 0 for all cores. */
  readonly threads: number;
}

/** What is written where a job fails. */
export interface EngineFailure {
  /** Why, in words. */
  readonly error: string;
}

/** One backend, tried. */
export interface EngineProbe {
  /** Which backend was asked for. */
  readonly backend: "webgpu" | "cpu";
  /** What opened, or null. */
  readonly info: EngineInfo | null;
  /** Why it did not open or failed its self-test, or null. */
  readonly problem: string | null;
  /** Relative error of its exact meta-gradient against float64 central differences, or null where it did not open. */
  readonly selfTest: number | null;
  /** Whether `openEngine()` chooses it. */
  readonly chosen: boolean;
}

/** One line of the benchmark. */
export interface BenchmarkRow {
  /** Tasks of the batch. */
  readonly tasks: number;
  /** Median time of a meta-step, ms. */
  readonly ms: number;
  /** Fastest and slowest of the measured parts, ms a step. */
  readonly range: readonly [number, number];
}

/** What the comparison in the browser is judged by. */
export interface Reference {
  /** The engine that made it. */
  readonly info: EngineInfo;
  /** What it found. */
  readonly answer: ProblemAnswer;
}

/** Sizes of the benchmark's batches. */
export const BENCHMARK_TASKS: readonly number[] = [1, 4, 16, 64];

/** Largest error of the self-test: what float32 sums explain, with a wide margin. */
export const SELF_TEST_TOLERANCE = 1e-3;

const PARTS = 5;
const PART_MS = 150;

async function probe(backend: EngineProbe["backend"], chosen: boolean): Promise<EngineProbe> {
  let info: EngineInfo | null = null;
  try {
    await using engine = await openEngine({ backend });
    info = engine.info;
    const selfTest = await selfTestOf(engine);
    const problem = selfTest <= SELF_TEST_TOLERANCE ? null : "Its gradients are off: do not train on it.";
    return { backend, info, problem, selfTest, chosen };
  } catch (error) {
    return { backend, info, problem: (error as Error).message, selfTest: null, chosen };
  }
}

/** Relative error of the exact meta-gradient by θ and by the learning rates on two small tasks. */
async function selfTestOf(engine: Engine): Promise<number> {
  const stream = random(20);
  const normals = (length: number) => Float32Array.from({ length }, () => stream.normal());
  const samples = (rows: number): Samples => ({ rows, x: normals(rows * 3), y: normals(rows * 2) });
  const net = mlp({ inputs: 3, hidden: [5], outputs: 2, activation: "tanh" });
  const state = metaInit(maml({ net, inner: { steps: 2, lr: 0.1 } }), { seed: 20 });
  const tasks = [4, 6].map((rows) => ({ support: samples(rows), query: samples(rows + 1) }));
  const { params, logLr } = await checkMetaGradient(engine, state, tasks);
  return Math.max(params, logLr);
}

async function benchmark(engine: Engine, tasks: number): Promise<BenchmarkRow> {
  const batch = sineTasks(tasks, tasks);
  const time = async (steps: number): Promise<number> => {
    const start = performance.now();
    const batches = Array.from({ length: steps }, () => batch);
    for await (const _ of metaTrain(engine, benchmarkState(), batches, { every: steps })) { /* only timed */ }
    return (performance.now() - start) / steps;
  };
  // The first steps compile shaders and start threads.
  const first = await time(1);
  const steps = Math.max(1, Math.min(2000, Math.round(PART_MS / Math.min(first, await time(1)))));
  const parts: number[] = [];
  for (let part = 0; part < PARTS; part++) parts.push(await time(steps));
  parts.sort((a, b) => a - b);
  return { tasks, ms: parts[PARTS >> 1], range: [parts[0], parts[PARTS - 1]] };
}

async function* perform(job: EngineJob): AsyncGenerator<EngineProbe | BenchmarkRow | Reference> {
  const options: Parameters<typeof openEngine>[0] = job.kind === "benchmark"
    ? { backend: job.backend, ...(job.threads > 0 && { threads: job.threads }) }
    : {};
  await using engine = await openEngine(options);
  if (job.kind === "probe") {
    for (const name of ["webgpu", "cpu"] as const) yield await probe(name, engine.info.backend === name);
  } else if (job.kind === "reference") yield { info: engine.info, answer: await solveProblem(engine) };
  else for (const tasks of BENCHMARK_TASKS) yield await benchmark(engine, tasks);
}

if (import.meta.main) {
  whenOrphaned(() => Deno.exit(1));
  try {
    for await (const line of perform(JSON.parse(Deno.args[0]))) console.log(JSON.stringify(line));
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message } satisfies EngineFailure));
  }
  // Standard input is still being waited for.
  Deno.exit(0);
}
