/**
 * What the host calls: lay out a job, pack its learner, run one item of it on one thread's scratch, reduce, unpack.
 * The memory is the host's: it allocates everything and tells the kernels where (`fields.ts`); nothing is allocated here.
 * @module
 */
import * as F from "./fields";
import { multiply } from "./gemm";
import { addGradient, packLearner, reduce, unpackGradient } from "./learner";
import { plan, unpackVector } from "./plan";
import { assist } from "./team";
import { adaptPredictTask, adaptTask, gradientTask, hessianTask, metaTask, predictTask } from "./task";
import { adam, sgd, squares } from "./outer_update";
import { at, word } from "./words";

export { adam, assist, multiply, packLearner, plan, sgd, squares, unpackGradient };

/** First byte that the host may use. */
export function heapBase(): usize {
  return __heap_base;
}

function taskEntry(d: usize, t: i32): usize {
  return at(d, F.TASK_TABLE) + (<usize> (t * F.TASK_WORDS) << 2);
}

/** The tasks of one group, in order, into the group's gradient. */
function metaGroup(d: usize, s: usize, group: i32): void {
  const size = word(d, F.GROUP), from = group * size, to = min(from + size, word(d, F.TASKS));
  const sum = at(d, F.GRADIENTS) + at(d, F.GRADIENT_BYTES) * group, spare = s + at(d, F.AT_GRADIENT);
  for (let t = from; t < to; ++t) {
    metaTask(d, s, taskEntry(d, t), t == from ? sum : spare, at(d, F.LOSSES) + (<usize> t << 3));
    if (t > from) addGradient(d, spare, sum);
  }
}

/** Runs item `item` of the job at `d` in thread number `thread`'s scratch. */
export function run(d: usize, item: i32, thread: i32): void {
  if (word(d, F.PHASE) == F.PHASE_REDUCE) return reduce(d, item);
  const s = at(d, F.SCRATCH) + at(d, F.SCRATCH_BYTES) * thread;
  memory.fill(s + at(d, F.AT_ZERO), 0, at(d, F.AT_FRAMES));
  const kind = word(d, F.KIND);
  if (kind == F.JOB_META) return metaGroup(d, s, item);
  const task = taskEntry(d, item);
  if (kind == F.JOB_PREDICT) {
    adaptPredictTask(d, s, task);
  } else if (kind == F.JOB_ADAPT) {
    const steps = word(d, F.STEPS), losses = at(d, F.LOSSES) + (<usize> (item * (steps + 1)) << 2);
    const theta = adaptTask(d, s, task, steps, losses);
    unpackVector(d, theta, at(d, F.RESULT) + (<usize> (item * word(d, F.PARAMETERS)) << 2));
  } else if (kind == F.JOB_FORWARD) {
    predictTask(d, s, task, at(d, F.PACKED));
  } else if (kind == F.JOB_LOSS_GRADIENT) {
    gradientTask(d, s, task);
  } else {
    hessianTask(d, s, task);
  }
}
