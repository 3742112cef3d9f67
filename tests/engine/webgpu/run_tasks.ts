/**
 * Runs a program on the device for some tasks, and in float64 on the host for the same ones, to be compared.
 */
import { generate } from "../../../lib/engine/webgpu/program/generated.ts";
import type { TaskProgram } from "../../../lib/engine/webgpu/program/task_program.ts";
import { BatchReading } from "../../../lib/engine/webgpu/program/reading.ts";
import type { Numbers, TaskLimits } from "../../../lib/engine/webgpu/program/task_run.ts";
import type { ProgramResults } from "../../../lib/engine/executor.ts";
import { interpreter } from "../../../lib/program/interpret.ts";
import { relativeError } from "../../goldens.ts";
import { sharedGpu } from "./shared_engine.ts";

/** One function a shader, which a software adapter compiles soonest. */
export const LIMITS: TaskLimits = {
  workgroupBytes: 16384,
  workgroupLanes: 64,
  iterations: 50_000,
  functions: 1,
  budget: { buffer: 2 ** 27, total: 2 ** 30 },
};

/** What a run is given. */
export interface TaskData {
  /** The shared inputs. */
  readonly shared?: Numbers;
  /** Each task's own. */
  readonly tasks: readonly Numbers[];
}

/** Runs on the shared device. */
export async function runTasks(
  work: TaskProgram,
  { shared = {}, tasks }: TaskData,
  limits: Partial<TaskLimits> = {},
): Promise<ProgramResults> {
  const all = { ...LIMITS, ...limits };
  const prepared = { key: "", work, generated: generate(work, all) };
  const group = { prepared, places: tasks.map((_, t) => t) };
  const reading = new BatchReading(await sharedGpu(), [group], { tasks: tasks.length, limits: all });
  try {
    return await reading.read(shared, tasks);
  } finally {
    reading.free();
  }
}

/** Relative error of each output against the float64 interpreter; of a sum over tasks as of each task's own. */
export function taskErrors(
  { program, summed }: TaskProgram,
  { shared = {}, tasks }: TaskData,
  { sum, each }: ProgramResults,
): Record<string, number> {
  const run = interpreter(program);
  const expected = tasks.map((own) => run({ ...shared, ...own }));
  return Object.fromEntries(
    Object.keys(program.outputs).map((name) => {
      const total = expected.map((one) => one[name]).reduce((a, b) => a.map((value, i) => value + b[i]));
      const own = expected.flatMap((one) => [...one[name]]);
      const error = summed.includes(name)
        ? relativeError(sum[name], total)
        : relativeError(each.flatMap((one) => [...one[name]]), own);
      return [name, error];
    }),
  );
}
