/**
 * A pool as its callers see it: blobs by hash, jobs to bytes. Where the jobs run is not to be seen in what they give.
 * @module
 */
import type { Job } from "./job.ts";
import type { WrittenError } from "./messages.ts";

/** How far a `map` is: told once a job, as each ends, in whatever order. */
export interface JobProgress {
  /** Jobs that have ended. */
  readonly done: number;
  /** All jobs. */
  readonly total: number;
  /** Which one has just ended, by its place in the list. */
  readonly index: number;
  /** What came of it. */
  readonly outcome: JobOutcome;
}

/** What came of a job: its bytes, or why there are none. */
export type JobOutcome = { readonly bytes: Uint8Array; readonly error?: undefined } | {
  readonly bytes?: undefined;
  readonly error: JobError;
};

/** What `map` and `settle` take beyond the jobs. */
export interface MapOptions {
  /** Ends it: it rejects with the signal's reason at once, and jobs that run are told to stop. */
  readonly signal?: AbortSignal;
  /** Told as each job ends. */
  readonly onProgress?: (progress: JobProgress) => void;
}

/** What a pool runs on. */
export interface PoolInfo {
  /** `local` or the server's address, without its token. */
  readonly at: string;
  /** What its user should know, such as faults of the server's version. */
  readonly warnings: readonly string[];
}

/** What a worker says of itself when it is asked. */
export interface PoolWorker {
  /** Its name. */
  readonly name: string;
  /** Jobs that it runs at once. */
  readonly threads: number;
  /** Jobs that it runs now. */
  readonly running: number;
  /** Jobs that it finished. */
  readonly done: number;
}

/** Where jobs run. Dispose it when done: `await using pool = openPool()`; what is asked of it afterwards is refused. */
export interface Pool extends AsyncDisposable {
  /** What it runs on. */
  readonly info: PoolInfo;
  /** What its workers compute with, in words: kernels, runtime, and the hash of a probe. */
  fingerprint(): Promise<string>;
  /** The workers that answer now. */
  workers(): Promise<readonly PoolWorker[]>;
  /** Keeps bytes, copied, for jobs to read. @returns Their hash, for `Job.inputs`. */
  put(bytes: Uint8Array): Promise<string>;
  /** Bytes that were put. @throws {RangeError} There are none of that hash. */
  get(hash: string): Promise<Uint8Array>;
  /**
   * Lets go of bytes that no job to come reads: they are forgotten once they were let go of as often as put. A job that runs
   * must have ended before.
   */
  drop(hash: string): Promise<void>;
  /**
   * Runs jobs; equal ones once.
   * @returns Their bytes, in the order of the jobs.
   * @throws {JobError} A job failed in each of its five tries; the others are cancelled.
   */
  map(jobs: readonly Job[], options?: MapOptions): Promise<Uint8Array[]>;
  /** As `map`, but a job that fails ends nothing: what came of each, in the order of the jobs. */
  settle(jobs: readonly Job[], options?: MapOptions): Promise<JobOutcome[]>;
}

/** Tries that a job has before it is given up. */
export const MOST_TRIES = 5;

/** A job that failed in each of its tries: the message names it and says why. */
export class JobError extends Error {
  /** The class name, for logs. */
  override readonly name = "JobError";
  /** The job. */
  readonly job: Job;
  /** Its id. */
  readonly id: string;
  /** What it threw last. */
  readonly reason: WrittenError;

  /** Names the job in the message. */
  constructor(
    failed: { readonly job: Job; readonly id: string; readonly tries: number; readonly reason: WrittenError },
  ) {
    const { job, id, tries, reason } = failed;
    super(
      `Cannot finish the job ${job.kind} ${id.slice(0, 12)} with params ${shortened(job.params)}: it failed ` +
        `${tries} times, last with ${reason.name}: ${reason.message}`,
    );
    this.job = job;
    this.id = id;
    this.reason = reason;
  }
}

function shortened(params: unknown): string {
  const text = JSON.stringify(params);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
