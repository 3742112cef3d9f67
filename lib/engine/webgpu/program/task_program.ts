/**
 * A program with what its inputs and outputs are to tasks. The task axis is the executor's: programs do not see it.
 * @module
 */
import type { Program } from "../../../program/program.ts";

/** A program that is run once for each of many tasks. */
export interface TaskProgram {
  /** What to run. */
  readonly program: Program;
  /** Inputs that every task is given alike; the others are each task's own. */
  readonly shared: readonly string[];
  /** Outputs of which the sum over tasks is wanted; the others come back for each task. */
  readonly summed: readonly string[];
}
