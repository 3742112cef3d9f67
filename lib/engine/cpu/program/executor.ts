/**
 * Runs batches of programs over the engine's threads: a task is one call of its program's module, and sums over tasks are made
 * in the order of `tree_sum.ts`, whatever the number of threads.
 * @module
 */
import type { ProgramBatch, ProgramExecutor, ProgramResults, ProgramTask } from "../../executor.ts";
import type { Floats } from "../../problem.ts";
import { addFloats, joinBlocks, LEAF_TASKS, sumBlocks, type TreeBlock, TreeSum } from "../../tree_sum.ts";
import { reserve, type Session } from "../session.ts";
import type { Part, Stretch } from "./compile.ts";
import type { ResidentProgram, ResidentPrograms } from "./resident.ts";
import { JOB, JOB_BYTES } from "./task_loop.ts";
import { groupBy } from "../../../group_by.ts";

type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** Floats of inputs and results that one job takes at most, unless one leaf of tasks has more. */
const CHUNK_FLOATS = 1 << 22;

/** What tasks share, asked for once there is room: an array over the memory that it gives is copied from as it then is. */
export type SharedNumbers = (memory: Float32Array) => Numbers;

/** Results of each task, and the sums over them as they lie in the arena's part: in a view that is valid until the next job. */
export interface UniformResults {
  /** By output name. */
  readonly each: readonly Readonly<Record<string, Float32Array>>[];
  /** The summed outputs, as the compiled program's `sum` says. */
  readonly total: Float32Array;
}

/** What a job of some tasks left behind; addresses are valid until the next one. */
interface Done {
  /** Results of each task. */
  readonly each: Readonly<Record<string, Float32Array>>[];
  /** Address of the summed outputs of each item. */
  readonly sums: readonly number[];
  /** Tasks of an item. */
  readonly group: number;
}

function writeInputs(floats: Float32Array, { fields }: Part, numbers: Numbers, address: number): void {
  for (const { name, at, size } of fields) {
    const values = numbers[name];
    if (values?.length !== size) {
      throw new TypeError(
        `Cannot run the program: expected input ${name} to hold ${size} numbers, received ${values?.length ?? "none"}`,
      );
    }
    floats.set(values, address / 4 + at);
  }
}

/** The outputs of a task in what all tasks gave. */
function outputsOf(given: Float32Array, { fields, size: each }: Part, task: number): Record<string, Float32Array> {
  const found: Record<string, Float32Array> = {};
  for (const { name, at, size } of fields) found[name] = given.subarray(task * each + at, task * each + at + size);
  return found;
}

/** Runs tasks of one program as one job. */
async function runJob(
  session: Session,
  resident: ResidentProgram,
  { tasks, shared, group, signal }: {
    readonly tasks: readonly ProgramTask[];
    readonly shared: SharedNumbers;
    readonly group: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Done> {
  const { heap, pool } = session;
  const { compiled } = resident;
  const items = Math.ceil(tasks.length / group);
  const threads = items > 1 ? pool.threads : 1;
  let size = 0;
  const part = (floats: number): number => {
    const at = size;
    size += Math.ceil(floats / 16) * 64;
    return at;
  };
  const parts = {
    job: part(JOB_BYTES / 4),
    common: part(compiled.common.size),
    own: part(tasks.length * compiled.own.size),
    each: part(tasks.length * compiled.each.size),
    sums: part(items * compiled.sum.size),
    arenas: part(threads * compiled.size),
  };
  const start = reserve(session, size);
  const at = (offset: number): number => start + offset;
  const [floats, words] = [heap.floats(), heap.words()];
  writeInputs(floats, compiled.common, shared(floats), at(parts.common));
  for (const { at: from, data } of compiled.constants) {
    floats.set(data, at(parts.common) / 4 + from - compiled.common.at);
  }
  const bytesOf = ({ size }: Stretch): number => 4 * size;
  tasks.forEach(({ inputs }, t) => {
    writeInputs(floats, compiled.own, inputs, at(parts.own) + t * bytesOf(compiled.own));
  });
  const arenaBytes = 4 * compiled.size;
  for (let thread = 0; thread < threads; thread++) words[(at(parts.arenas) + thread * arenaBytes) / 4] = 0;
  const job = words.subarray(at(parts.job) / 4);
  job[JOB.arenas] = at(parts.arenas);
  job[JOB.arenaBytes] = arenaBytes;
  job[JOB.common] = at(parts.common);
  job[JOB.own] = at(parts.own);
  job[JOB.tasks] = tasks.length;
  job[JOB.group] = group;
  job[JOB.each] = at(parts.each);
  job[JOB.sums] = at(parts.sums);

  await pool.run({ program: resident, at: at(parts.job), items, signal });
  const results = at(parts.each) / 4;
  const given = heap.floats().slice(results, results + tasks.length * compiled.each.size);
  return {
    each: tasks.map((_, t) => outputsOf(given, compiled.each, t)),
    sums: Array.from({ length: items }, (_, i) => at(parts.sums) + i * bytesOf(compiled.sum)),
    group,
  };
}

/** Tasks of one program. Call it inside `exclusively`. */
export async function runUniform(
  session: Session,
  resident: ResidentProgram,
  { tasks, shared, signal }: {
    readonly tasks: readonly ProgramTask[];
    readonly shared: SharedNumbers;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<UniformResults> {
  const { compiled: { own, each: results, sum } } = resident;
  const leaves = Math.max(1, Math.floor(CHUNK_FLOATS / (LEAF_TASKS * (own.size + results.size + sum.size))));
  const each: Done["each"] = [];
  const blocks: TreeBlock<Float32Array>[] = [];
  const added = (a: number, b: number): number => (resident.add(a, b, 4 * sum.size), a);
  for (let from = 0; from < tasks.length; from += leaves * LEAF_TASKS) {
    const part = from === 0 && tasks.length <= leaves * LEAF_TASKS
      ? tasks
      : tasks.slice(from, from + leaves * LEAF_TASKS);
    // Whole leaves are summed by the thread that runs them, where there are enough of them for all threads.
    const whole = sum.size > 0 && part.length >= 2 * LEAF_TASKS * session.pool.threads;
    const done = await runJob(session, resident, { tasks: part, shared, group: whole ? LEAF_TASKS : 1, signal });
    each.push(...done.each);
    if (sum.size === 0) continue;
    const perLeaf = LEAF_TASKS / done.group;
    const sums = Array.from({ length: Math.ceil(part.length / LEAF_TASKS) }, (_, leaf) => {
      const items = done.sums.slice(leaf * perLeaf, (leaf + 1) * perLeaf);
      return { start: from / LEAF_TASKS + leaf, leaves: 1, value: items.reduce(added) };
    });
    const view = (address: number): Float32Array => session.heap.floats().subarray(address / 4, address / 4 + sum.size);
    if (part === tasks) return { each, total: view(sumBlocks(sums, added)) };
    for (const block of joinBlocks(sums, added)) blocks.push({ ...block, value: view(block.value).slice() });
  }
  return { each, total: blocks.length > 0 ? sumBlocks(blocks, addFloats) : new Float32Array(0) };
}

/** Tasks of several programs: each program's in one run, sums over all in task order. */
async function runMixed(
  session: Session,
  programs: ResidentPrograms,
  { tasks, sum }: Pick<ProgramBatch, "tasks" | "sum">,
  { common, shared, signal }: Sharing,
): Promise<ProgramResults> {
  const each = new Array<Record<string, Floats>>(tasks.length);
  for (const [program, indices] of groupBy(tasks.keys(), (t) => tasks[t].program)) {
    const resident = await programs.get(program, { common: common(program), sum: [] });
    const part = { tasks: indices.map((t) => tasks[t]), shared, signal };
    const { each: found } = await runUniform(session, resident, part);
    indices.forEach((t, i) => each[t] = found[i]);
  }
  const sums = sum.map((name) => {
    const total = new TreeSum<Float32Array>();
    for (const results of each) {
      total.add(results[name] as Float32Array);
      delete results[name];
    }
    return [name, total.total()];
  });
  return { each, sum: Object.fromEntries(sums) };
}

/** What all tasks of a batch share. */
interface Sharing {
  /** Which of a program's inputs. */
  readonly common: (program: ProgramTask["program"]) => string[];
  /** Their numbers. */
  readonly shared: SharedNumbers;
  /** Ends the batch between tasks. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a batch whose shared numbers lie where `shared` says. Call it, and read its sums, inside `exclusively`: they may be views
 * of the memory, which the next job writes over.
 */
export async function runBatch(
  session: Session,
  programs: ResidentPrograms,
  { tasks, shared: names, sum }: ProgramBatch,
  { shared = () => names, signal }: Partial<Sharing> = {},
): Promise<ProgramResults> {
  const common = ({ inputs }: ProgramTask["program"]): string[] => Object.keys(inputs).filter((name) => name in names);
  const [{ program }] = tasks;
  if (tasks.some((task) => task.program !== program)) {
    return await runMixed(session, programs, { tasks, sum }, { common, shared, signal });
  }
  const resident = await programs.get(program, { common: common(program), sum });
  const { each, total } = await runUniform(session, resident, { tasks, shared, signal });
  const sums = resident.compiled.sum.fields.map(({ name, at, size }) => [name, total.subarray(at, at + size)]);
  return { each, sum: Object.fromEntries(sums) };
}

/** The executor of an engine's session. */
export function cpuExecutor(session: Session, programs: ResidentPrograms): ProgramExecutor {
  return {
    run: (batch) =>
      session.exclusively(async () => {
        const { each, sum } = await runBatch(session, programs, batch);
        const copies = Object.entries(sum).map(([name, total]) => [name, total.slice()]);
        return { each, sum: Object.fromEntries(copies) };
      }),
  };
}
