/**
 * The job `train`: a segment of a training, from a state to the state some outer steps later. Batches are drawn by the seed and
 * the number of the step, so segments one after another are the training that was never cut, to the bit.
 * @module
 */
import type { Task } from "../../engine/problem.ts";
import { decodeState } from "../../meta/checkpoint.ts";
import type { MetaState } from "../../meta/state.ts";
import { metaTrain } from "../../meta/train.ts";
import { random } from "../../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import type { Job } from "../job.ts";
import { defineJobKind, type JobKind } from "../job_kind.ts";
import { packValue, unpackValue } from "../pack.ts";
import type { Pool } from "../pool.ts";
import { sendState } from "../travel.ts";

/** How far a segment goes, and what each of its steps sees. */
export interface TrainJobOptions {
  /** Outer steps, at least 1. */
  readonly steps: number;
  /** Tasks a step, drawn with replacement, at least 1. */
  readonly tasks: number;
  /** Seed of the draws (default 0). */
  readonly seed?: number;
}

/** What a segment comes to. */
export interface TrainedSegment {
  /** The state behind its last step. */
  readonly state: MetaState;
  /** Mean meta-loss of its steps. */
  readonly meanLoss: number;
  /** Mean query loss of the state over the validation tasks; NaN without them. */
  readonly validationLoss: number;
}

interface Written extends Omit<TrainedSegment, "state"> {
  readonly state: Uint8Array;
}

const KEYS: OptionKeys<TrainJobOptions> = { steps: true, tasks: true, seed: true };
const KIND = "train";
const VERSION = 1;

/** The batch of one step, whichever segment it is in. */
function batchAt(
  tasks: readonly Task[],
  draw: { readonly seed: number; readonly step: number; readonly count: number },
) {
  const stream = random(draw.seed).fork(draw.step);
  return Array.from({ length: draw.count }, () => tasks[stream.integer(tasks.length)]);
}

/** Runs it: inputs are the state, the tasks and those of validation. */
export const trainKind: JobKind = defineJobKind({
  kind: KIND,
  version: VERSION,
  async run(inputs, { params, seed }, { engine, signal }) {
    const { steps, tasks: count } = params as unknown as TrainJobOptions;
    const { state } = await decodeState(inputs[0]);
    const [tasks, validation] = inputs.slice(1).map((blob) => unpackValue<Task[]>(blob));
    const batches = Array.from({ length: steps }, (_, i) => batchAt(tasks, { seed, step: state.step + i, count }));
    const options = { every: steps, signal, ...(validation ? { validation } : {}) };
    for await (const progress of metaTrain(await engine(), state, batches, options)) {
      const { state: trained, meanLoss, validationLoss = NaN } = progress;
      const sent = await sendState("Cannot send a state to a pool", trained);
      return packValue({ state: sent, meanLoss, validationLoss });
    }
    throw new RangeError(`Cannot train a segment: expected steps of at least 1, received ${steps}`);
  },
});

/**
 * The job of a segment of a training.
 *
 * @param pool Where it is to run; the state and the tasks are put there.
 * @param of Where to start, the tasks to draw from, and those to judge the last state by.
 * @param options How far, and how many tasks a step.
 * @returns The job; {@linkcode readTrained} reads what it gives.
 * @throws {TypeError} The state has a part of one's own, or an option is unknown.
 * @throws {RangeError} A count is no integer of at least 1.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp } from "@adaptrade/adaptrade";
 * import { openPool, readTrained, trainJob } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = await openPool("local", { workers: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [4], outputs: 1 }) }));
 * const samples = (y: number) => ({ rows: 1, x: Float32Array.of(1), y: Float32Array.of(y) });
 * const tasks = [1, 2, 3].map((y) => ({ support: samples(y), query: samples(y) }));
 * const job = await trainJob(pool, { state, tasks }, { steps: 5, tasks: 2 });
 * const [trained] = await Promise.all((await pool.map([job])).map(readTrained));
 * assertEquals(trained.state.step, 5);
 * await pool[Symbol.asyncDispose]();
 * ```
 */
export async function trainJob(
  pool: Pool,
  of: { readonly state: MetaState; readonly tasks: readonly Task[]; readonly validation?: readonly Task[] },
  options: TrainJobOptions,
): Promise<Job> {
  const action = "Cannot make a training job";
  requireKnownKeys(action, "options", options, KEYS);
  const { steps, tasks, seed = 0 } = options;
  for (const [name, value] of Object.entries({ steps, tasks, "tasks given": of.tasks.length })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(`${action}: expected ${name} to be an integer of at least 1, received ${value}`);
  }
  const blobs = [await sendState("Cannot send a state to a pool", of.state), packValue(of.tasks)];
  if (of.validation) blobs.push(packValue(of.validation));
  const inputs = await Promise.all(blobs.map((bytes) => pool.put(bytes)));
  return { kind: KIND, version: VERSION, inputs, params: { steps, tasks }, seed };
}

/**
 * Reads what a job of {@linkcode trainJob} gave.
 *
 * @param bytes From `map`.
 * @returns The state and its losses.
 *
 * @example
 * ```ts ignore
 * const [bytes] = await pool.map([await trainJob(pool, { state, tasks }, { steps: 100, tasks: 16 })]);
 * const { state: trained, meanLoss } = await readTrained(bytes);
 * ```
 */
export async function readTrained(bytes: Uint8Array): Promise<TrainedSegment> {
  const { state, meanLoss, validationLoss } = unpackValue<Written>(bytes);
  return { state: (await decodeState(state)).state, meanLoss, validationLoss };
}
