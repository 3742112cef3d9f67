/**
 * One engine's memory and threads, and how a job runs on them: header, plan, room, data, items.
 * Room for data, results and scratch is one block that grows on demand and is used again by the next job.
 * @module
 */
import * as F from "../../../kernels/wasm/fields.ts";
import type { Learner } from "../problem.ts";
import type { Kernels } from "./build.ts";
import type { Heap } from "./heap.ts";
import { type JobShape, type JobTask, jobWords, taskFloats, writeJob, writeLearner, writeTasks } from "./job.ts";
import type { Pool } from "./pool.ts";

/** What jobs run on. */
export interface Session {
  /** The kernels on the caller's thread. */
  readonly kernels: Kernels;
  /** Their memory. */
  readonly heap: Heap;
  /** The threads. */
  readonly pool: Pool;
  /** The block for jobs' data; replaced by a larger one on demand. */
  readonly room: { at: number; size: number };
  /** Runs work that uses the room when all work before it has ended. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** A job's inputs. */
export interface JobInputs {
  /** What it computes. */
  readonly shape: JobShape;
  /** The learner to copy in, or the address where one resides. */
  readonly learner: Learner | number;
  /** Its tasks. */
  readonly tasks: readonly JobTask[];
  /** A parameter vector: the Hessian's right-hand side. */
  readonly vector?: Float32Array;
  /** Floats of results to leave room for. */
  readonly resultFloats: number;
  /** Bytes of losses to leave room for. */
  readonly lossBytes: number;
  /** Ends it between items. */
  readonly signal?: AbortSignal;
}

/** Where a finished job's results lie; valid until the next job. */
export interface JobOutputs {
  /** Address of the job. */
  readonly job: number;
  /** Address of the results. */
  readonly result: number;
  /** Address of the losses. */
  readonly losses: number;
}

/** Groups that the tasks of a meta job are summed in; it depends on the tasks alone, so that threads change no result. */
const MAX_GROUPS = 64;

/** Gradients smaller than this in all are reduced by the caller alone. */
const PARALLEL_REDUCE_BYTES = 1 << 19;

/** Parameters times rows from which one task's sweeps are worth sharing: below, they end before another thread has begun. */
const SHARED_WORK = 50_000;
/** Most parts that a sweep is shared in, and fewest rows of a part. */
const MAX_PARTS = 8;
const PART_ROWS = 10;

/** The room, of at least so many bytes; what it held is lost where it must grow. */
export function reserve(session: Session, bytes: number): number {
  const { heap, room } = session;
  if (room.size < bytes) {
    if (room.size > 0) heap.give(room.at);
    room.size = 0;
    room.at = heap.take(bytes);
    room.size = bytes;
  }
  return room.at;
}

function mostRows(tasks: readonly JobTask[], part: "support" | "query"): number {
  return tasks.reduce((most, task) => Math.max(most, task[part]?.rows ?? 0), 0);
}

/** Runs a job to its end. Call it, and read its results, inside `exclusively`. */
export async function runJob(session: Session, inputs: JobInputs): Promise<JobOutputs> {
  const { heap, kernels, pool } = session;
  const { shape, learner, tasks, vector } = inputs;
  const { net } = shape.inner;
  const meta = shape.kind === F.JOB_META;
  const group = meta ? Math.ceil(tasks.length / MAX_GROUPS) : 1;
  const items = Math.ceil(tasks.length / group);

  // The job itself lies in the room; it is planned first, in words that any later room keeps.
  const headerBytes = jobWords(net) * 4;
  let job = reserve(session, headerBytes);
  writeJob(heap, job, shape);
  let words = heap.words().subarray(job / 4);
  words[F.SUPPORT_ROWS] = mostRows(tasks, "support");
  words[F.QUERY_ROWS] = mostRows(tasks, "query");
  words[F.TASKS] = tasks.length;
  words[F.GROUP] = group;
  kernels.plan(job);
  const header = words.slice(0, headerBytes / 4);
  if (header[F.SCRATCH_BYTES] <= 0 || header[F.PACKED_BYTES] <= 0) {
    throw new RangeError(
      "Cannot run the job on the CPU: one task needs more than 2 GiB, lower its rows, steps or widths",
    );
  }

  const threads = Math.min(pool.threads, items) > 1 ? pool.threads : 1;
  const rows = header[F.SUPPORT_ROWS];
  const split = Math.min(pool.threads, MAX_PARTS, Math.floor(rows / PART_ROWS));
  const shared = items === 1 && split > 1 && shape.inner.steps > 0 && rows * net.parameterCount >= SHARED_WORK;
  let size = 0;
  const part = (bytes: number): number => {
    const at = size;
    size += Math.ceil(bytes / 64) * 64;
    return at;
  };
  part(headerBytes);
  const parts = {
    learner: typeof learner === "number" ? 0 : part((net.parameterCount + shape.rates + 4) * 4),
    vector: vector ? part(vector.byteLength) : 0,
    stepWeights: part((shape.inner.steps + 1) * 4),
    packed: part(header[F.PACKED_BYTES]),
    table: part(tasks.length * F.TASK_WORDS * 4),
    data: part(tasks.reduce((sum, task) => sum + taskFloats(task, net.outputs), 0) * 4),
    result: part(inputs.resultFloats * 4),
    losses: part(inputs.lossBytes),
    gradients: meta ? part(items * header[F.GRADIENT_BYTES]) : 0,
    scratch: part(threads * header[F.SCRATCH_BYTES]),
  };

  job = reserve(session, size);
  words = heap.words().subarray(job / 4);
  words.set(header);
  words[F.LEARNER] = typeof learner === "number" ? learner : job + parts.learner;
  words[F.VECTOR] = vector ? job + parts.vector : 0;
  words[F.STEP_WEIGHTS] = job + parts.stepWeights;
  words[F.PACKED] = job + parts.packed;
  words[F.TASK_TABLE] = job + parts.table;
  words[F.RESULT] = job + parts.result;
  words[F.LOSSES] = job + parts.losses;
  words[F.GRADIENTS] = job + parts.gradients;
  words[F.SCRATCH] = job + parts.scratch;
  words[F.TEAM] = shared ? pool.team : 0;
  words[F.PARTS] = shared ? split : 1;
  const floats = heap.floats();
  if (typeof learner !== "number") writeLearner(floats, job + parts.learner, learner);
  if (vector) floats.set(vector, (job + parts.vector) / 4);
  if (shape.gradient?.kind === "unrolled") floats.set(shape.gradient.stepWeights, (job + parts.stepWeights) / 4);
  writeTasks(heap, tasks, { table: job + parts.table, data: job + parts.data, outputs: net.outputs });
  kernels.packLearner(job);

  if (shared) pool.runShared(job, [shape.kind, net.parameterCount, shape.inner.steps, rows].join());
  else await pool.run(job, items, { signal: inputs.signal });
  if (meta) {
    words[F.PHASE] = F.PHASE_REDUCE;
    const ranges = Math.ceil(header[F.GRADIENT_BYTES] / F.REDUCE_BYTES);
    if (items * header[F.GRADIENT_BYTES] > PARALLEL_REDUCE_BYTES) {
      await pool.run(job, ranges, { signal: inputs.signal });
    } else for (let i = 0; i < ranges; i++) kernels.run(job, i, 0);
    kernels.unpackGradient(job);
  }
  return { job, result: job + parts.result, losses: job + parts.losses };
}
