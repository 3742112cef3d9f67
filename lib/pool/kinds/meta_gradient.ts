/**
 * The job `metaGradient`: the sum of a run of tasks' meta-gradients, as whole parts of the batch's fixed tree, so that any way to
 * share a batch out gives the same bits. Tasks come by reference: places in blobs of tasks.
 * @module
 */
import type { Learner, OuterGradient, Task } from "../../engine/problem.ts";
import { type MetaGradientSum, sumGradients } from "../../meta/gradient_sum.ts";
import type { Job, Json } from "../job.ts";
import { defineJobKind, type JobKind } from "../job_kind.ts";
import { packValue, unpackValue } from "../pack.ts";
import { restoreProblem } from "../travel.ts";

/** Tasks of one blob, by their places in it. */
export interface TaskPlaces {
  /** Which of the job's inputs the blob is. */
  readonly input: number;
  /** Places in it, in order. */
  readonly at: readonly number[];
}

interface Params {
  readonly problem: Json;
  readonly gradient: OuterGradient;
  readonly before: number;
  readonly tasks: readonly TaskPlaces[];
}

const KIND = "metaGradient";
const VERSION = 1;

/** Tasks of blobs that this thread has unpacked; a blob that it forgets takes its tasks along. */
const UNPACKED = new WeakMap<Uint8Array, readonly Task[]>();

function tasksOf(blob: Uint8Array): readonly Task[] {
  let tasks = UNPACKED.get(blob);
  if (!tasks) UNPACKED.set(blob, tasks = unpackValue<Task[]>(blob));
  return tasks;
}

/** Runs it. */
export const metaGradientKind: JobKind = defineJobKind({
  kind: KIND,
  version: VERSION,
  async run(inputs, job, { engine }) {
    const { problem, gradient, before, tasks } = job.params as unknown as Params;
    const chosen = tasks.flatMap(({ input, at }) => at.map((place) => tasksOf(inputs[input])[place]));
    const learner = unpackValue<Learner>(inputs[0]);
    const at = { inner: restoreProblem(problem), gradient, learner };
    const { by: _, ...sum } = await sumGradients(await engine(), at, { tasks: chosen, before });
    return packValue(sum);
  },
});

/** The job of a run of tasks. */
export function metaGradientJob(
  at: { readonly problem: Json; readonly gradient: OuterGradient; readonly learner: string },
  run: { readonly before: number; readonly tasks: readonly TaskPlaces[]; readonly blobs: readonly string[] },
): Job {
  const { problem, gradient, learner } = at;
  const { before, tasks, blobs } = run;
  const params = { problem, gradient, before, tasks } as unknown as Json;
  return { kind: KIND, version: VERSION, inputs: [learner, ...blobs], params, seed: 0 };
}

/** What the job gave. */
export function readGradientSum(bytes: Uint8Array): Omit<MetaGradientSum, "by"> {
  return unpackValue(bytes);
}
