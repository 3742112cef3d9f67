/**
 * Whether a job's only item is worth sharing between threads, found by trying: cores may be far apart, or busy with other work,
 * and then one thread is faster alone. It chooses who works, never what comes out: the bits are the same.
 * @module
 */

/** Jobs of a kind that are tried each way before the choice. */
const TRIES = 4;
/** Jobs of a kind after which it is tried again. */
const PERIOD = 256;

/** What was found out about jobs of one kind. */
interface Trial {
  /** Jobs since the trial began. */
  jobs: number;
  /** Least time shared, ms. */
  shared: number;
  /** Least time alone, ms. */
  alone: number;
}

/** Chooses, job by job, between sharing and working alone. */
export interface Sharing {
  /** Whether the next job of this kind shall be shared. Kinds are told apart by name. */
  choose(kind: string): boolean;
  /** Takes note of the time that the job took, in ms, shared or not. */
  note(kind: string, shared: boolean, ms: number): void;
}

/** Opens a chooser that has tried nothing yet. */
export function openSharing(): Sharing {
  const trials = new Map<string, Trial>();
  return {
    choose(kind: string): boolean {
      const trial = trials.get(kind);
      if (!trial || trial.jobs >= PERIOD || trial.jobs < TRIES) return true;
      return trial.jobs >= 2 * TRIES && trial.shared < trial.alone;
    },
    note(kind: string, shared: boolean, ms: number): void {
      let trial = trials.get(kind);
      if (!trial || trial.jobs >= PERIOD) {
        trial = { jobs: 0, shared: Infinity, alone: Infinity };
        trials.set(kind, trial);
      }
      trial.jobs++;
      if (shared) trial.shared = Math.min(trial.shared, ms);
      else trial.alone = Math.min(trial.alone, ms);
    },
  };
}
