/**
 * Runs batches of programs over the engine's threads: a task is one call of its program's module, and sums over tasks are made
 * in the order of `tree_sum.ts`, whatever the number of threads.
 * @module
 */
import type { ProgramBatch, ProgramExecutor, ProgramResults, ProgramTask } from "../../executor.ts";
import type { Floats } from "../../problem.ts";
import { addFloats, joinBlocks, LEAF_TASKS, sumBlocks, type TreeBlock, TreeSum } from "../../tree_sum.ts";
import { reserve, type Session } from "../session.ts";
import type { CompiledProgram, Stretch } from "./compile.ts";
import type { ResidentProgram, ResidentPrograms } from "./resident.ts";
import { JOB, JOB_BYTES } from "./task_loop.ts";

type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** Floats of inputs and results that one job takes at most, unless one leaf of tasks has more. */
const CHUNK_FLOATS = 1 << 22;

/** What a job of some tasks left behind; addresses are valid until the next one. */
interface Done {
  /** Results of each task. */
  readonly each: Readonly<Record<string, Float32Array>>[];
  /** Address of the summed outputs of each item. */
  readonly sums: readonly number[];
  /** Tasks of an item. */
  readonly group: number;
}

function writeInputs(
  floats: Float32Array,
  { inputs }: CompiledProgram,
  numbers: Numbers,
  to: { readonly part: Stretch; readonly address: number },
): void {
  const { part, address } = to;
  for (const [name, { at, size }] of Object.entries(inputs)) {
    if (at < part.at || at >= part.at + part.size) continue;
    const values = numbers[name];
    if (values?.length !== size) {
      throw new TypeError(
        `Cannot run the program: expected input ${name} to hold ${size} numbers, received ${values?.length ?? "none"}`,
      );
    }
    floats.set(values, address / 4 + at - part.at);
  }
}

function readOutputs(
  floats: Float32Array,
  { outputs }: CompiledProgram,
  from: { readonly part: Stretch; readonly address: number },
): Record<string, Float32Array> {
  const { part, address } = from;
  return Object.fromEntries(
    Object.entries(outputs).filter(([, { at }]) => at >= part.at && at < part.at + part.size).map(
      ([name, { at, size }]) => {
        const start = address / 4 + at - part.at;
        return [name, floats.slice(start, start + size)];
      },
    ),
  );
}

/** Runs tasks of one program as one job. */
async function runJob(
  session: Session,
  resident: ResidentProgram,
  shared: Numbers,
  { tasks, group, signal }: {
    readonly tasks: readonly ProgramTask[];
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
  writeInputs(floats, compiled, shared, { part: compiled.common, address: at(parts.common) });
  for (const { at: from, data } of compiled.constants) {
    floats.set(data, at(parts.common) / 4 + from - compiled.common.at);
  }
  const bytesOf = ({ size }: Stretch): number => 4 * size;
  tasks.forEach(({ inputs }, t) => {
    writeInputs(floats, compiled, inputs, { part: compiled.own, address: at(parts.own) + t * bytesOf(compiled.own) });
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

  await pool.run(at(parts.job), items, { program: resident, signal });
  const results = heap.floats();
  return {
    each: tasks.map((_, t) =>
      readOutputs(results, compiled, { part: compiled.each, address: at(parts.each) + t * bytesOf(compiled.each) })
    ),
    sums: Array.from({ length: items }, (_, i) => at(parts.sums) + i * bytesOf(compiled.sum)),
    group,
  };
}

/** Tasks of one program: results of each, and the blocks of the tree of sums, from leaf 0 on. */
async function runUniform(
  session: Session,
  resident: ResidentProgram,
  batch: ProgramBatch,
  signal?: AbortSignal,
): Promise<{ each: Done["each"]; blocks: TreeBlock<Float32Array>[] }> {
  const { tasks, shared, sum } = batch;
  const { compiled } = resident;
  const floats = LEAF_TASKS * (compiled.own.size + compiled.each.size + compiled.sum.size);
  const leaves = Math.max(1, Math.floor(CHUNK_FLOATS / floats));
  const each: Done["each"] = [];
  const blocks: TreeBlock<Float32Array>[] = [];
  const bytes = 4 * compiled.sum.size;
  const added = (a: number, b: number): number => (resident.add(a, b, bytes), a);
  for (let from = 0; from < tasks.length; from += leaves * LEAF_TASKS) {
    const part = tasks.slice(from, from + leaves * LEAF_TASKS);
    // Whole leaves are summed by the thread that runs them, where there are enough of them for all threads.
    const whole = sum.length > 0 && part.length >= 2 * LEAF_TASKS * session.pool.threads;
    const done = await runJob(session, resident, shared, { tasks: part, group: whole ? LEAF_TASKS : 1, signal });
    each.push(...done.each);
    if (sum.length === 0) continue;
    const perLeaf = LEAF_TASKS / done.group;
    const sums = Array.from({ length: Math.ceil(part.length / LEAF_TASKS) }, (_, leaf) => {
      const items = done.sums.slice(leaf * perLeaf, (leaf + 1) * perLeaf);
      return { start: from / LEAF_TASKS + leaf, leaves: 1, value: items.reduce(added) };
    });
    for (const block of joinBlocks(sums, added)) {
      const at = block.value / 4;
      blocks.push({ ...block, value: session.heap.floats().slice(at, at + compiled.sum.size) });
    }
  }
  return { each, blocks };
}

/** Tasks of several programs: each program's in one run, sums over all in task order. */
async function runMixed(
  session: Session,
  programs: ResidentPrograms,
  { tasks, shared, sum }: ProgramBatch,
  signal?: AbortSignal,
): Promise<ProgramResults> {
  const each = new Array<Record<string, Floats>>(tasks.length);
  for (const [program, indices] of Map.groupBy(tasks.keys(), (t) => tasks[t].program)) {
    const resident = await programs.get(program, { common: commonOf(program, shared), sum: [] });
    const part = { tasks: indices.map((t) => tasks[t]), shared, sum: [] };
    const { each: found } = await runUniform(session, resident, part, signal);
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

function commonOf({ inputs }: ProgramTask["program"], shared: Numbers): string[] {
  return Object.keys(inputs).filter((name) => name in shared);
}

/** Runs a batch. Call it inside `exclusively`. */
export async function runBatch(
  session: Session,
  programs: ResidentPrograms,
  batch: ProgramBatch,
  signal?: AbortSignal,
): Promise<ProgramResults> {
  const { tasks, shared, sum } = batch;
  const [{ program }] = tasks;
  if (tasks.some((task) => task.program !== program)) return await runMixed(session, programs, batch, signal);
  const resident = await programs.get(program, { common: commonOf(program, shared), sum });
  const { each, blocks } = await runUniform(session, resident, batch, signal);
  if (sum.length === 0) return { each, sum: {} };
  const total = sumBlocks(blocks, addFloats);
  const { compiled } = resident;
  const parts = sum.map((name) => {
    const { at, size } = compiled.outputs[name];
    return [name, total.subarray(at - compiled.sum.at, at - compiled.sum.at + size)];
  });
  return { each, sum: Object.fromEntries(parts) };
}

/** The executor of an engine's session. */
export function cpuExecutor(session: Session, programs: ResidentPrograms): ProgramExecutor {
  return { run: (batch) => session.exclusively(() => runBatch(session, programs, batch)) };
}
