/**
 * Tasks by reference: put once in blobs of many, afterwards named by their places. A task that was not put goes by value.
 * @module
 */
import type { Task } from "../engine/problem.ts";
import type { TaskPlaces } from "./kinds/meta_gradient.ts";
import { packValue } from "./pack.ts";
import type { Pool } from "./pool.ts";

/** Tasks of one blob. */
const BLOB_TASKS = 256;

/** What of tasks a meta-gradient reads. */
function packTasks(tasks: readonly Task[]): Uint8Array {
  return packValue(tasks.map(({ support, query }) => ({ support, query })));
}

/** A run of tasks as a job names them. */
export interface NamedTasks {
  /** Blobs, in the order of the job's inputs from 1 on. */
  readonly blobs: readonly string[];
  /** Places in them, in order of the tasks. */
  readonly tasks: readonly TaskPlaces[];
  /** The blob that was put for this run alone; undefined where all were there. */
  readonly own?: string;
}

/** Tasks that were put. */
export interface SharedTasks {
  /** Whether each of these was put. */
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
  const has = (tasks: readonly Task[]): boolean => tasks.every((task) => places.has(task));
  return {
    has,
    async name(tasks) {
      if (!has(tasks)) {
        const own = await pool.put(packTasks(tasks));
        return { blobs: [own], tasks: [{ input: 1, at: tasks.map((_, i) => i) }], own };
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
      return { blobs: used, tasks: named };
    },
    async drop() {
      await Promise.all(blobs.map((hash) => pool.drop(hash)));
    },
  };
}
