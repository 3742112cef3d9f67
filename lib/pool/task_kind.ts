/**
 * A kind of task: a named pure function from bytes, a seed and a number to a task. Workers make the tasks of a batch themselves:
 * what travels is the hash of the bytes, the seed and a range of numbers, never a row.
 * @module
 */
import type { Learner, OuterGradient, Task } from "../engine/problem.ts";
import { sumGradients } from "../meta/gradient_sum.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Job, Json } from "./job.ts";
import { defineJobKind, type JobKind, withKind } from "./job_kind.ts";
import { packValue, unpackValue } from "./pack.ts";
import { restoreProblem } from "./travel.ts";

/** Which task of a kind. */
export interface TaskAt {
  /** Seed of whatever is drawn, a safe integer of at least 0. */
  readonly seed: number;
  /** Its number, from 0. */
  readonly index: number;
}

/** A named pure function from bytes, a seed and a number to a task. */
export interface TaskKind<Data> {
  /** Its name, among those of jobs. */
  readonly kind: string;
  /** Its version, at least 1: raise it when the same task would be another. */
  readonly version: number;
  /** Reads the bytes, once a thread; what it gives is not written to. */
  read(bytes: Uint8Array): Data;
  /** Makes a task: the same for the same data, seed and number, whatever was made before. */
  task(data: Data, at: TaskAt): Task;
}

/** What batches of a kind's tasks are. */
export interface TaskKindBatches {
  /** Tasks a batch, at least 1. */
  readonly tasks: number;
  /** Batches to give (default: no end). */
  readonly batches?: number;
  /** Index of the first batch, for resuming: batch k holds the tasks from k · `tasks` on (default 0). */
  readonly start?: number;
  /** Seed of the draws, a safe integer of at least 0. */
  readonly seed: number;
}

/** A kind of task that pools know. */
export interface DefinedTaskKind extends JobKind {
  /** Batches for `metaTrain`; with a `distribute`d engine they travel by reference. The bytes are copied. */
  batches(bytes: Uint8Array, options: TaskKindBatches): Iterable<readonly Task[]>;
}

/** Where a run of tasks is from. */
export interface MadeRun {
  /** The kind. */
  readonly kind: Pick<JobKind, "kind" | "version">;
  /** Its bytes, the same object for all tasks of one call of `batches`. */
  readonly bytes: Uint8Array;
  /** The seed. */
  readonly seed: number;
  /** Number of its first task. */
  readonly from: number;
}

interface Params {
  readonly problem: Json;
  readonly gradient: OuterGradient;
  readonly before: number;
  readonly from: number;
  readonly count: number;
}

const KIND_KEYS: OptionKeys<TaskKind<unknown>> = { kind: true, version: true, read: true, task: true };
const BATCH_KEYS: OptionKeys<TaskKindBatches> = { tasks: true, batches: true, start: true, seed: true };

/** What each task that was made here is. */
const MADE = new WeakMap<Task, MadeRun>();

/** Where tasks are from, if they are one run of a kind's; else undefined. */
export function madeRun(tasks: readonly Task[]): MadeRun | undefined {
  const run = tasks.length > 0 ? MADE.get(tasks[0]) : undefined;
  const follows = (task: Task, i: number): boolean => {
    const made = MADE.get(task);
    return made !== undefined && made.kind === run!.kind && made.bytes === run!.bytes && made.seed === run!.seed &&
      made.from === run!.from + i;
  };
  return run && tasks.every(follows) ? run : undefined;
}

/** The job of a run of made tasks: the sum of their meta-gradients. */
export function madeGradientJob(
  run: MadeRun,
  at: { readonly problem: Json; readonly gradient: OuterGradient; readonly learner: string },
  of: { readonly blob: string; readonly before: number; readonly count: number },
): Job {
  const { kind: { kind, version }, seed, from } = run;
  const { problem, gradient, learner } = at;
  const { blob, before, count } = of;
  const params = { problem, gradient, before, from, count } as unknown as Json;
  return { kind, version, inputs: [learner, blob], params, seed };
}

function requireCounts(action: string, { tasks, batches = Infinity, start = 0, seed }: TaskKindBatches): void {
  const least = { tasks: 1, start: 0, seed: 0, ...(batches === Infinity ? {} : { batches: 0 }) };
  const values: Readonly<Record<string, number>> = { tasks, batches, start, seed };
  for (const [name, from] of Object.entries(least)) {
    if (Number.isSafeInteger(values[name]) && values[name] >= from) continue;
    throw new RangeError(
      `${action}: expected ${name} to be an integer of at least ${from}, received ${String(values[name])}`,
    );
  }
}

/**
 * Makes a kind of task of one's own, so that a training that is shared out sends no rows: workers make each their part of a batch.
 * Export it from a module and name that module to `openPool({ kinds })` and to the workers.
 *
 * @param definition Name, version, and the two pure functions.
 * @returns The kind, frozen; its `batches` are those of the training, wherever it runs.
 * @throws {TypeError} A part is missing, misspelt or of another type.
 * @throws {RangeError} The version is no integer of at least 1.
 *
 * @example
 * ```ts
 * import { random } from "@adaptrade/adaptrade";
 * import { defineTaskKind } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * export const lines = defineTaskKind({
 *   kind: "lines",
 *   version: 1,
 *   read: ([most]) => most,
 *   task(most, { seed, index }) {
 *     const slope = most * random(seed).fork(index).uniform();
 *     const samples = { rows: 2, x: Float32Array.of(1, 2), y: Float32Array.of(slope, 2 * slope) };
 *     return { support: samples, query: samples };
 *   },
 * });
 * const [first, second] = lines.batches(Uint8Array.of(3), { tasks: 2, batches: 2, seed: 1 });
 * const [resumed] = lines.batches(Uint8Array.of(3), { tasks: 2, batches: 1, start: 1, seed: 1 });
 * assertEquals([first.length, resumed], [2, second]);
 * ```
 */
export function defineTaskKind<Data>(definition: TaskKind<Data>): DefinedTaskKind {
  const action = "Cannot define a task kind";
  requireKnownKeys(action, "definition", definition, KIND_KEYS);
  const { kind, version, read, task } = definition;
  for (const [name, part] of Object.entries({ read, task })) {
    if (typeof part !== "function") throw new TypeError(`${action} ${kind}: expected ${name} to be a function`);
  }
  const known = new WeakMap<Uint8Array, { readonly data: Data }>();
  const dataOf = (bytes: Uint8Array): Data => {
    const found = known.get(bytes) ?? { data: read(bytes) };
    known.set(bytes, found);
    return found.data;
  };
  const job = defineJobKind({
    kind,
    version,
    async run([learner, bytes], { params, seed }, { engine }) {
      const { problem, gradient, before, from, count } = params as unknown as Params;
      const data = dataOf(bytes);
      const tasks = Array.from({ length: count }, (_, i) => task(data, { seed, index: from + i }));
      const at = { inner: restoreProblem(problem), gradient, learner: unpackValue<Learner>(learner) };
      const { by: _, ...sum } = await sumGradients(await engine(), at, { tasks, before });
      return packValue(sum);
    },
  });
  return withKind(job, {
    batches(given: Uint8Array, options: TaskKindBatches): Iterable<readonly Task[]> {
      const asked = `Cannot make tasks of kind ${kind}`;
      requireKnownKeys(asked, "options", options, BATCH_KEYS);
      requireCounts(asked, options);
      const { tasks: count, batches = Infinity, start = 0, seed } = options;
      const bytes = given.slice();
      const data = dataOf(bytes);
      return {
        *[Symbol.iterator](): Generator<readonly Task[]> {
          for (let batch = start; batch < start + batches; batch++) {
            yield Array.from({ length: count }, (_, i) => {
              const from = batch * count + i;
              // A copy: a task that the function gives more than once has one number each time.
              const made = Object.freeze({ ...task(data, { seed, index: from }) });
              MADE.set(made, { kind: job, bytes, seed, from });
              return made;
            });
          }
        },
      };
    },
  });
}
