/**
 * The sweeps over one sample set that threads may share. A frame in the scratch of the thread that runs the task says what a
 * sweep works on; a part of it is some rows, or some columns of a gradient. With no team one thread takes all of it at once.
 * Threads that come late, or never, are not waited for: parts are claimed one by one, and whoever runs the task claims too.
 * @module
 */
import * as F from "./fields";
import { lossRows } from "./loss";
import { backward, forward, gradient, rowsOf } from "./network";
import { tangentGradient, tangents } from "./tangents";
import { at, layer, setAt, word } from "./words";

/** Outputs, loss, and δ of every layer above the first that adapts; by rows. */
export const SWEEP: i32 = 0;
/** base + gradient; by columns. */
export const GRADIENT: i32 = 1;
/** Rz and Rδ; by rows. */
export const TANGENTS: i32 = 2;
/** Adds H·v; by columns. */
export const TANGENT_GRADIENT: i32 = 3;

// Words of a frame.
/** Rows of the sample set, and its padded inputs, targets, coefficients. */
export const ROWS: i32 = 0;
export const X: i32 = 1;
export const Y: i32 = 2;
export const C: i32 = 3;
/** The slot. */
export const SLOT: i32 = 4;
/** θ, and its weights transposed. */
export const THETA: i32 = 5;
export const TURNED: i32 = 6;
/** What to keep: 0 outputs, 1 slopes, 2 curvatures. */
export const KEEP: i32 = 7;
/** The loss, one of the `LOSS_` codes. */
export const KIND: i32 = 8;
/** The first layer that adapts. */
export const FIRST: i32 = 9;
/** The factor of δ, float64, in two words. */
export const FACTOR: i32 = 10;
/** Where a gradient is added to (0: to nothing) and where the sum goes, and where its weights go transposed (or 0). */
export const BASE: i32 = 12;
export const SUM: i32 = 13;
export const SUM_TURNED: i32 = 14;
/** v, and its weights transposed. */
export const V: i32 = 15;
export const V_TURNED: i32 = 16;

/** Bytes of a frame; a task has one for each of its sample sets. */
export const FRAME_BYTES: i32 = 128;

// Words of a team block, each on its own cache line.
/** What is to be claimed next: the sweep's number times 256, plus the part. */
const NEXT: usize = 0;
/** Parts done. */
const DONE: usize = 64;
/** The job, the scratch of the thread that runs it, the frame, the sweep, and its parts. */
const JOB: usize = 128;
const SCRATCH: usize = 132;
const FRAME: usize = 136;
const WHAT: usize = 140;
const OF: usize = 144;
/** 1 while the thread that runs the job sleeps. */
const WAITING: usize = 148;
/** 1 when it had to wait much longer than a part takes: a machine with other work on it. The rest of the job is not shared. */
const LATE: usize = 152;
/** 1 while a job runs; 1 when a thread has failed; 1 where the thread that runs the job may sleep. The host writes these. */
const OPEN: usize = 192;
const FAILED: usize = 196;
const SLEEPS: usize = 200;
/** No part is left to claim; the host sees to it before the first sweep of a job (`TEAM_NONE`). */
const NONE: i32 = 255;
/** Loads before a thread is late, and how many parameters times rows are worth one more; then the longest sleep. */
const SPIN: i32 = 100_000;
const WORK_A_LOAD: i32 = 8;
const WAIT_NS: i64 = 1_000_000;

function rowsFrom(rows: i32, part: i32, parts: i32): i32 {
  // Whole tiles of five rows, but for the last part.
  const at = part == parts ? rows : rows * part / parts;
  return part == parts ? rows : at - at % 5;
}

function runPart(d: usize, s: usize, f: usize, what: i32, part: i32, parts: i32): void {
  const rows = word(f, ROWS), x = at(f, X), slot = at(f, SLOT), first = word(f, FIRST);
  if (what == GRADIENT) {
    return gradient(d, s, x, rows, slot, at(f, BASE), at(f, SUM), first, part, parts, at(f, SUM_TURNED));
  }
  if (what == TANGENT_GRADIENT) {
    return tangentGradient(d, s, x, rows, slot, at(f, SUM), first, part, parts, at(f, SUM_TURNED));
  }
  const from = rowsFrom(rows, part, parts), count = rowsFrom(rows, part + 1, parts) - from;
  if (count <= 0) return;
  const theta = at(f, THETA), turned = at(f, TURNED);
  if (what == TANGENTS) {
    return tangents(d, s, theta, turned, at(f, V), at(f, V_TURNED), x, slot, first, from, count);
  }
  const keep = word(f, KEEP), e = layer(d, word(d, F.LAYERS) - 1), outputs = word(e, F.OUTPUTS);
  forward(d, theta, x, slot, keep, from, count);
  lossRows(
    d,
    word(f, KIND),
    count,
    outputs,
    word(e, F.LD_OUT),
    rowsOf(e, F.OUTPUT, slot, from),
    at(f, Y) + (<usize> (from * outputs) << 2),
    at(f, C) + (<usize> from << 2),
    rowsOf(e, F.DELTA, slot, from),
    keep > 1 ? rowsOf(e, F.CURVE, slot, from) : 0,
    load<f64>(f + (<usize> FACTOR << 2)),
    s + at(d, F.AT_ROW_LOSSES) + (<usize> from << 3),
  );
  if (keep > 0) backward(d, s, theta, turned, slot, first, keep, from, count);
}

/** Claims a part of the sweep that is open and runs it; false when none is left. */
function takePart(team: usize): bool {
  if (!ASC_FEATURE_THREADS) return false;
  let part = 0, parts = 0;
  for (;;) {
    const next = atomic.load<i32>(team, NEXT);
    part = next & 255;
    parts = load<i32>(team, OF);
    if (part >= parts) return false;
    // Where the sweep has changed in between the exchange fails: its number is part of the word.
    if (atomic.cmpxchg<i32>(team, next, next + 1, NEXT) == next) break;
  }
  runPart(load<u32>(team, JOB), load<u32>(team, SCRATCH), load<u32>(team, FRAME), load<i32>(team, WHAT), part, parts);
  atomic.add<i32>(team, 1, DONE);
  if (atomic.load<i32>(team, WAITING)) atomic.notify(team + DONE, 1);
  return true;
}

/** Runs a sweep of the frame at `f` in scratch `s`: alone, or in parts that the team's threads claim. */
export function share(d: usize, s: usize, f: usize, what: i32): void {
  const team = at(d, F.TEAM);
  if (!ASC_FEATURE_THREADS || team == 0 || load<i32>(team, LATE)) return runPart(d, s, f, what, 0, 1);
  const parts = word(d, F.PARTS), number = atomic.load<i32>(team, NEXT) & ~255;
  store<u32>(team, <u32> d, JOB);
  store<u32>(team, <u32> s, SCRATCH);
  store<u32>(team, <u32> f, FRAME);
  store<i32>(team, what, WHAT);
  store<i32>(team, parts, OF);
  atomic.store<i32>(team, 0, DONE);
  atomic.store<i32>(team, number + 256, NEXT);
  while (takePart(team));
  let spin = SPIN + word(f, ROWS) * (word(d, F.PARAMETERS) / WORK_A_LOAD);
  while (atomic.load<i32>(team, DONE) < parts && spin > 0) --spin;
  if (spin == 0) store<i32>(team, 1, LATE);
  for (let done = atomic.load<i32>(team, DONE); done < parts; done = atomic.load<i32>(team, DONE)) {
    if (atomic.load<i32>(team, FAILED)) unreachable();
    if (!load<i32>(team, SLEEPS)) continue;
    atomic.store<i32>(team, 1, WAITING);
    if (atomic.load<i32>(team, DONE) == done) atomic.wait<i32>(team + DONE, done, WAIT_NS);
    atomic.store<i32>(team, 0, WAITING);
  }
  atomic.store<i32>(team, number + 256 + NONE, NEXT);
}

/**
 * Adds H·v to `sum`, its weights transposed to `turned` unless that is 0; v lies transposed at `AT_U_TURNED`. v may be `sum`.
 */
export function product(d: usize, s: usize, f: usize, v: usize, sum: usize, turned: usize): void {
  setAt(f, V, v);
  setAt(f, V_TURNED, s + at(d, F.AT_U_TURNED));
  share(d, s, f, TANGENTS);
  setAt(f, SUM, sum);
  setAt(f, SUM_TURNED, turned);
  share(d, s, f, TANGENT_GRADIENT);
}

/** Takes parts until the job is over: what the team's other threads do. */
export function assist(team: usize): void {
  if (!ASC_FEATURE_THREADS) return;
  while (atomic.load<i32>(team, OPEN)) while (takePart(team));
}
