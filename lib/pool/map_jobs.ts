/**
 * From a way to run one job to a way to run many: ids, equal jobs once, results in order, progress, the first failure.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type Job, jobId } from "./job.ts";
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

/** How many jobs are begun at once. */
export interface MapLimits {
  /** Most jobs that `run` is given before one of them has ended. */
  readonly atOnce: number;
}

/** Runs jobs to what came of each; see `Pool.settle`. */
export async function settleJobs(
  jobs: readonly Job[],
  run: RunOne,
  { signal, onProgress, atOnce }: MapOptions & MapLimits,
): Promise<JobOutcome[]> {
  signal?.throwIfAborted();
  const ids = await Promise.all(jobs.map(jobId));
  const places = new Map<string, number[]>();
  ids.forEach((id, index) => places.set(id, [...places.get(id) ?? [], index]));
  const outcomes = new Array<JobOutcome>(jobs.length);
  const ends = new AbortController();
  const all = signal ? AbortSignal.any([signal, ends.signal]) : ends.signal;
  const left = places.entries();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const [id, indices] of left) {
      all.throwIfAborted();
      const outcome = await outcomeOf({ job: jobs[indices[0]], id }, run, all);
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

/** The two calls of a pool that run jobs. */
export function mapCalls(run: RunOne, limits: () => MapLimits): {
  map(jobs: readonly Job[], options?: MapOptions): Promise<Uint8Array[]>;
  settle(jobs: readonly Job[], options?: MapOptions): Promise<JobOutcome[]>;
} {
  return {
    async settle(jobs, options = {}) {
      requireKnownKeys("Cannot run jobs", "options", options, MAP_KEYS);
      return await settleJobs(jobs, run, { ...options, ...limits() });
    },
    async map(jobs, options = {}) {
      requireKnownKeys("Cannot run jobs", "options", options, MAP_KEYS);
      const outcomes = await settleJobs(jobs, run, {
        ...options,
        ...limits(),
        onProgress: (progress) => {
          options.onProgress?.(progress);
          if (progress.outcome.error) throw progress.outcome.error;
        },
      });
      return outcomes.map(({ bytes }) => bytes!);
    },
  };
}
