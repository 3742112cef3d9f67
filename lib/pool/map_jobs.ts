/**
 * From a way to run one job to a way to run many: ids, equal jobs once, results in order, progress, the first failure.
 * @module
 */
import { groupBy } from "../group_by.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { hashOf } from "./blob.ts";
import { type Job, jobBytes, readJob } from "./job.ts";
import { JobError, type JobOutcome, type MapOptions } from "./pool.ts";

const MAP_KEYS: OptionKeys<MapOptions> = { signal: true, onProgress: true };

/** A job and its id. */
export interface NamedJob {
  /** The job. */
  readonly job: Job;
  /** Its id. */
  readonly id: string;
}

/** Runs one job, with all of its tries: rejects with a {@linkcode JobError}, or the signal's reason. */
export type RunOne = (named: NamedJob, signal: AbortSignal) => Promise<Uint8Array>;

/** What a pool says of how jobs are run. */
export interface MapLimits {
  /** Aborted when the pool is closed: nothing runs then, or is begun. */
  readonly closed: AbortSignal;
  /** Most jobs that `run` is given before one of them has ended. */
  readonly atOnce: number;
}

/** Names a job; it is a copy, as whoever reads its bytes elsewhere gets it, so that −0 is 0 here too. */
async function nameJob(job: Job): Promise<NamedJob> {
  const bytes = jobBytes(job);
  return { job: readJob(bytes), id: await hashOf(bytes) };
}

/** Runs jobs to what came of each; see `Pool.settle`. */
export async function settleJobs(
  jobs: readonly Job[],
  run: RunOne,
  { signal, onProgress, atOnce, closed }: MapOptions & MapLimits,
): Promise<JobOutcome[]> {
  closed.throwIfAborted();
  signal?.throwIfAborted();
  const named = await Promise.all(jobs.map(nameJob));
  const places = groupBy(named.keys(), (index) => named[index].id);
  const outcomes = new Array<JobOutcome>(jobs.length);
  const ends = new AbortController();
  const all = AbortSignal.any([closed, ends.signal, ...(signal ? [signal] : [])]);
  const left = places.entries();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const [, indices] of left) {
      all.throwIfAborted();
      const outcome = await outcomeOf(named[indices[0]], run, all);
      for (const index of indices) {
        outcomes[index] = outcome;
        onProgress?.({ done: ++done, total: jobs.length, index, outcome });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, places.size) }, work));
  } catch (error) {
    ends.abort(error);
    throw error;
  }
  return outcomes;
}

async function outcomeOf(named: NamedJob, run: RunOne, signal: AbortSignal): Promise<JobOutcome> {
  try {
    return { bytes: await run(named, signal) };
  } catch (error) {
    if (signal.aborted || !(error instanceof JobError)) throw error;
    return { error };
  }
}

/** What whoever asks something of a pool that is closed, or still waits for it, is told. */
export function poolClosed(action = "finish a job"): Error {
  return new Error(`Cannot ${action}: the pool was closed; open another`);
}

/** Refuses what a pool that is closed cannot do. */
export function requireOpen(action: string, closed: AbortSignal): void {
  if (closed.aborted) throw poolClosed(action);
}

/** The two calls of a pool that run jobs. */
export function mapCalls(run: RunOne, limits: MapLimits): {
  map(jobs: readonly Job[], options?: MapOptions): Promise<Uint8Array[]>;
  settle(jobs: readonly Job[], options?: MapOptions): Promise<JobOutcome[]>;
} {
  return {
    async settle(jobs, options = {}) {
      requireKnownKeys("Cannot run jobs", "options", options, MAP_KEYS);
      return await settleJobs(jobs, run, { ...options, ...limits });
    },
    async map(jobs, options = {}) {
      requireKnownKeys("Cannot run jobs", "options", options, MAP_KEYS);
      const outcomes = await settleJobs(jobs, run, {
        ...options,
        ...limits,
        onProgress: (progress) => {
          options.onProgress?.(progress);
          if (progress.outcome.error) throw progress.outcome.error;
        },
      });
      return outcomes.map(({ bytes }) => bytes!);
    },
  };
}
