/**
 * When it pays to share a batch's tasks out: what a step takes here, and what it takes over there with its bytes on the way. Any
 * choice gives the same bits. It measures nothing.
 * @module
 */

/** What a step is made of. */
export interface StepCosts {
  /** Tasks of the batch. */
  readonly tasks: number;
  /** What one thread takes for a task, ms. */
  readonly taskMs: number;
  /** Threads of the engine here. */
  readonly engineThreads: number;
  /** Threads of the pool. */
  readonly poolThreads: number;
  /** Machines of the pool: each gets the learner once, and gives one sum for each of its threads' runs. */
  readonly hosts: number;
  /** Bytes of the learner, and of a sum. */
  readonly learnerBytes: number;
  /** Bytes of a task; 0 where tasks are named by their places in blobs that the workers have. */
  readonly taskBytes: number;
  /** What a round to the workers takes, ms. */
  readonly roundMs: number;
  /** Bytes that the way takes a millisecond. */
  readonly bytesPerMs: number;
}

/** Where a step should run, and why. */
export interface StepPlan {
  /** Where. */
  readonly on: "engine" | "pool";
  /** What it takes on the engine, ms. */
  readonly engineMs: number;
  /** What it takes on the pool, ms. */
  readonly poolMs: number;
  /** One sentence. */
  readonly why: string;
}

/** A pool must be faster by this much to be worth its ways. */
const WORTH = 1.1;

const ms = (value: number): string => `${value < 10 ? value.toPrecision(2) : Math.round(value)} ms`;

/**
 * Says where a step should run.
 *
 * The engine takes tasks · taskMs / threads; the pool the same with its own threads, a round, the learner to each host, a sum
 * back from each, and the tasks themselves unless they are named by reference.
 *
 * @param costs What the step is made of, measured or on paper.
 * @returns Where, both times, and why in one sentence.
 *
 * @example
 * ```ts
 * import { planStep } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * const hosts = { engineThreads: 16, poolThreads: 128, hosts: 8, roundMs: 1, bytesPerMs: 117_000 };
 * const step = { ...hosts, tasks: 10_000, taskMs: 0.19, learnerBytes: 19_700 };
 * assertEquals(planStep({ ...step, taskBytes: 0 }).on, "pool");
 * assertEquals(planStep({ ...step, taskBytes: 1300 }).on, "engine"); // by value the way takes as long as the work
 * ```
 */
export function planStep(costs: StepCosts): StepPlan {
  const { tasks, taskMs, engineThreads, poolThreads, hosts, learnerBytes, taskBytes, roundMs, bytesPerMs } = costs;
  const engineMs = tasks * taskMs / engineThreads;
  if (poolThreads === 0) {
    return { on: "engine", engineMs, poolMs: Infinity, why: "the pool has no workers that answer" };
  }
  const workMs = tasks * taskMs / poolThreads;
  const wayMs = roundMs + (2 * hosts * learnerBytes + tasks * taskBytes) / bytesPerMs;
  const poolMs = workMs + wayMs;
  const on = poolMs * WORTH < engineMs ? "pool" : "engine";
  const there = `${ms(poolMs)} on ${poolThreads} threads of the pool, ${ms(wayMs)} of it on the way`;
  const here = `${ms(engineMs)} on ${engineThreads} here`;
  const value = taskBytes > 0 ? `; its ${tasks} tasks travel by value` : "";
  return { on, engineMs, poolMs, why: `a step takes ${there}, and ${here}${value}` };
}
