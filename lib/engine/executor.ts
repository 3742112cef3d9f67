/**
 * What a backend must do to run any problem: run programs, one a task, and add up over tasks.
 * @module
 */
import type { Program } from "../program/program.ts";
import type { Floats } from "./problem.ts";

/** One task: a program, and the inputs that are its own, by name. Tasks of one shape share their program. */
export interface ProgramTask {
  /** What to run. */
  readonly program: Program;
  /** Numbers by input name, row-major. */
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
}

/** Tasks to run. */
export interface ProgramBatch {
  /** Inputs that all tasks share, by name; a program may need only some. */
  readonly shared: Readonly<Record<string, ArrayLike<number>>>;
  /** At least one task. */
  readonly tasks: readonly ProgramTask[];
  /** Outputs to add up over the tasks, in the order of `tree_sum.ts`; every program has them, of one length. */
  readonly sum: readonly string[];
}

/** What came out. */
export interface ProgramResults {
  /** The other outputs of each task, by name. */
  readonly each: readonly Readonly<Record<string, Floats>>[];
  /** Sums over all tasks, by name. */
  readonly sum: Readonly<Record<string, Floats>>;
}

/** Runs programs. The bits do not depend on threads, workgroups or on how often it is called. */
export interface ProgramExecutor {
  /** Whether a program more costs more than rows more: sets of near sizes are then filled up to one (default false). */
  readonly fillsTogether?: boolean;
  /** Runs every task of a batch. */
  run(batch: ProgramBatch): Promise<ProgramResults>;
}
