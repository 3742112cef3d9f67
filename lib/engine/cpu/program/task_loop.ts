/**
 * The way of tasks through a program's arena: `run(job, item, thread)` copies in what tasks share (once a thread), then for each
 * task of the item its inputs, runs the program, and copies out or adds up. `add(to, from, bytes)` adds float32 arrays.
 * @module
 */
import { Code, I32, OP, type Procedure, SIMD } from "./assembler.ts";

/** Words of a job, by index: addresses, and counts. */
export const JOB = {
  /** The threads' arenas, one after another. */
  arenas: 0,
  /** Bytes of one. */
  arenaBytes: 1,
  /** What tasks share, as it lies in an arena. */
  common: 2,
  /** The tasks' inputs, one task after another as they lie in an arena. */
  own: 3,
  /** Tasks. */
  tasks: 4,
  /** Tasks of an item. */
  group: 5,
  /** Results of each task. */
  each: 6,
  /** Sums of each item. */
  sums: 7,
} as const;

/** Bytes of a job. */
export const JOB_BYTES = 64;

/** Elements before an arena's first part; the first word is 0 until the thread has what tasks share. */
export const HEADER = 16;

/** The parts of an arena that the loop copies. */
export interface LoopLayout {
  readonly common: { readonly at: number; readonly size: number };
  readonly own: { readonly at: number; readonly size: number };
  readonly each: { readonly at: number; readonly size: number };
  readonly sum: { readonly at: number; readonly size: number };
}

/** `add(to, from, bytes)`: bytes a multiple of 64. */
export function emitAdd(): Procedure {
  const [to, from, left] = [0, 1, 2];
  const code = new Code(3);
  code.forever(() => {
    code.get(left).op(OP.i32Eqz).op(OP.branchIf, 1);
    for (let offset = 0; offset < 64; offset += 16) {
      code.get(to).get(to).memory(SIMD.load, offset).get(from).memory(SIMD.load, offset).simd(SIMD.add)
        .memory(SIMD.store, offset);
    }
    code.raise(to, 64).raise(from, 64).raise(left, -64).op(OP.branch, 0);
  });
  return { parameters: 3, body: code.finish() };
}

/** `run(job, item, thread)`. */
export function emitTaskLoop(
  { common, own, each, sum }: LoopLayout,
  functions: { readonly program: number; readonly add: number },
): Procedure {
  const [job, item, thread] = [0, 1, 2];
  const code = new Code(3);
  const [base, task, end, total] = [I32, I32, I32, I32].map((type) => code.local(type));
  const word = (index: number): Code => code.get(job).scalar(OP.i32Load, 4 * index);
  const inArena = (at: number): Code => code.get(base).i32(4 * at).op(OP.i32Add);
  /** Pushes word + index · bytes. */
  const entry = (index: number, of: number, bytes: number): Code =>
    word(index).get(of).i32(bytes).op(OP.i32Mul).op(OP.i32Add);

  word(JOB.arenas).get(thread);
  word(JOB.arenaBytes).op(OP.i32Mul).op(OP.i32Add).set(base);
  code.get(base).scalar(OP.i32Load, 0).op(OP.i32Eqz).when(() => {
    inArena(common.at);
    word(JOB.common).i32(4 * common.size).copyBytes();
    code.get(base).i32(1).scalar(OP.i32Store, 0);
  });
  code.get(item);
  word(JOB.group).op(OP.i32Mul).tee(task);
  word(JOB.group).op(OP.i32Add).set(end);
  code.get(end);
  word(JOB.tasks).get(end);
  word(JOB.tasks).op(OP.i32LtS).op(OP.select).set(end);
  entry(JOB.sums, item, 4 * sum.size).set(total);
  const first = code.local(I32);
  code.i32(1).set(first).op(OP.loop, 0x40);
  inArena(own.at);
  entry(JOB.own, task, 4 * own.size).i32(4 * own.size).copyBytes();
  code.get(base).call(functions.program);
  entry(JOB.each, task, 4 * each.size);
  inArena(each.at).i32(4 * each.size).copyBytes();
  code.get(first).when(() => {
    code.get(total);
    inArena(sum.at).i32(4 * sum.size).copyBytes();
  }, () => {
    code.get(total);
    inArena(sum.at).i32(4 * sum.size).call(functions.add);
  });
  code.i32(0).set(first).raise(task, 1).get(task).get(end).op(OP.i32LtS).op(OP.branchIf, 0).op(OP.end);
  return { parameters: 3, body: code.finish() };
}
