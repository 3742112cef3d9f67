/**
 * Tasks by reference: put once in blobs of many, afterwards named by their places; or made by the workers themselves, where they are
 * a kind's. A task that is neither goes by value.
 * @module
 */
import type { OuterGradient, Task } from "../engine/problem.ts";
import type { Job, Json } from "./job.ts";
import { metaGradientJob } from "./kinds/meta_gradient.ts";
import { packValue } from "./pack.ts";
import type { Pool } from "./pool.ts";
import { madeGradientJob, madeRun } from "./task_kind.ts";

/** Tasks of one blob. */
const BLOB_TASKS = 256;

/** What of tasks a meta-gradient reads. */
function packTasks(tasks: readonly Task[]): Uint8Array {
  return packValue(tasks.map(({ support, query }) => ({ support, query })));
}

/** Where a gradient is taken, as jobs say it. */
export interface GradientAt {
  /** The problem. */
  readonly problem: Json;
  /** How the gradient is taken. */
  readonly gradient: OuterGradient;
  /** Hash of the learner. */
  readonly learner: string;
}

/** A run of tasks as a job names them. */
export interface NamedTasks {
  /** The job of their gradients' sum; `before` counts the batch's tasks before them. */
  job(at: GradientAt, before: number): Job;
  /** The blob that was put for this run alone; undefined where all were there. */
  readonly own?: string;
}

/** Tasks that were put. */
export interface SharedTasks {
  /** Whether each of these goes by reference. */
  has(tasks: readonly Task[]): boolean;
  /** Names a run; what was not put is put now. */
  name(tasks: readonly Task[]): Promise<NamedTasks>;
  /** Forgets all. */
  drop(): Promise<void>;
}

/** Puts tasks, in blobs of many; which a task is, is known by its identity. */
export async function shareTasks(pool: Pool, all: readonly Task[]): Promise<SharedTasks> {
  const blobs: string[] = [];
  const places = new Map<Task, { readonly blob: number; readonly at: number }>();
  for (let from = 0; from < all.length; from += BLOB_TASKS) {
    const part = all.slice(from, from + BLOB_TASKS);
    part.forEach((task, at) => places.set(task, { blob: blobs.length, at }));
    blobs.push(await pool.put(packTasks(part)));
  }
  /** What kinds make their tasks of, each put once. */
  const sources = new Map<Uint8Array, Promise<string>>();
  const sourceOf = (bytes: Uint8Array): Promise<string> => {
    const known = sources.get(bytes) ?? pool.put(bytes);
    sources.set(bytes, known);
    return known;
  };
  const isPut = (tasks: readonly Task[]): boolean => tasks.every((task) => places.has(task));
  return {
    has: (tasks) => isPut(tasks) || madeRun(tasks) !== undefined,
    async name(tasks) {
      const run = madeRun(tasks);
      if (run) {
        const blob = await sourceOf(run.bytes);
        return { job: (at, before) => madeGradientJob(run, at, { blob, before, count: tasks.length }) };
      }
      if (!isPut(tasks)) {
        const own = await pool.put(packTasks(tasks));
        const named = [{ input: 1, at: tasks.map((_, i) => i) }];
        return { job: (at, before) => metaGradientJob(at, { before, tasks: named, blobs: [own] }), own };
      }
      const used: string[] = [];
      const named: { readonly input: number; readonly at: number[] }[] = [];
      for (const task of tasks) {
        const { blob, at } = places.get(task)!;
        if (!used.includes(blobs[blob])) used.push(blobs[blob]);
        const input = 1 + used.indexOf(blobs[blob]);
        if (named.at(-1)?.input === input) named.at(-1)!.at.push(at);
        else named.push({ input, at: [at] });
      }
      return { job: (at, before) => metaGradientJob(at, { before, tasks: named, blobs: used }) };
    },
    async drop() {
      const put = [...blobs, ...await Promise.all(sources.values())];
      await Promise.all(put.map((hash) => pool.drop(hash)));
    },
  };
}
