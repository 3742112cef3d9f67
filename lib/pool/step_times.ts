/**
 * What steps took on an engine and on a pool, by the size of their batch: a round to workers costs the same for few tasks as for
 * many. It decides nothing, and forgets what was long ago.
 * @module
 */

/** Where a step can run. */
export type StepSide = "engine" | "pool";

/** Measurements of one side that are kept: their median is no accident of one step. */
const KEPT = 3;
/** The slower side is measured again when so many times as long as it takes went by: what else machines do may have changed. */
const AGAIN_AFTER = 64;

/** Batches of like sizes. */
interface Kin {
  readonly recent: Record<StepSide, readonly number[]>;
  readonly tries: Record<StepSide, number>;
  /** Spent since the side that was not chosen ran, ms. */
  spent: number;
  /** Where the last step ran by choice. */
  on: StepSide | undefined;
}

/** What steps took. */
export interface StepTimes {
  /** What a task of such a batch takes on a side, ms; undefined before it was measured. */
  taskMs(side: StepSide, tasks: number): number | undefined;
  /** Whether it is time to measure the side again that is not chosen. */
  isDue(side: StepSide, tasks: number): boolean;
  /** Notes a step; the first of a side is not counted, for it made things ready. */
  note(side: StepSide, tasks: number, ms: number): void;
  /** Whether steps of such batches run somewhere else than before. */
  moves(side: StepSide, tasks: number): boolean;
}

function median(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Opens an empty one. */
export function openStepTimes(): StepTimes {
  const kins = new Map<number, Kin>();
  const kinOf = (tasks: number): Kin => {
    const size = Math.ceil(Math.log2(tasks));
    const known = kins.get(size) ??
      { recent: { engine: [], pool: [] }, tries: { engine: 0, pool: 0 }, spent: 0, on: undefined };
    kins.set(size, known);
    return known;
  };
  return {
    taskMs: (side, tasks) => median(kinOf(tasks).recent[side]),
    isDue(side, tasks) {
      const { recent, spent } = kinOf(tasks);
      const ms = median(recent[side]);
      return ms !== undefined && spent >= AGAIN_AFTER * ms * tasks;
    },
    note(side, tasks, ms) {
      const kin = kinOf(tasks);
      kin.spent = side === kin.on ? kin.spent + ms : 0;
      if (++kin.tries[side] > 1) kin.recent[side] = [...kin.recent[side].slice(1 - KEPT), ms / tasks];
    },
    moves(side, tasks) {
      const kin = kinOf(tasks);
      const is = kin.on !== side;
      kin.on = side;
      return is;
    },
  };
}
