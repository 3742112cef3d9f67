/**
 * A pool of this machine's threads: blobs lie in memory, a job whose thread ended is given to another.
 * @module
 */
import { copyOf, hashOf } from "./blob.ts";
import { type Crew, openCrew, type RunOptions } from "./crew.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Journal } from "./journal.ts";
import { mapCalls, type NamedJob, poolClosed, requireOpen } from "./map_jobs.ts";
import { writeError } from "./messages.ts";
import { JobError, MOST_TRIES, type Pool } from "./pool.ts";
import type { RunnerOptions } from "./runner.ts";

/** What a local pool is opened with. */
export interface LocalPoolOptions extends Omit<RunnerOptions, "blob"> {
  /** Threads; 0 to run on the caller's own. */
  readonly workers: number;
  /** How long a try of a job may run, ms. */
  readonly timeLimit: number | undefined;
  /** What it keeps; closed with it. */
  readonly journal: Journal;
}

/** Runs a job on a crew until it succeeds or has had all of its tries. */
async function attempt(crew: Crew, { job, id }: NamedJob, options: RunOptions): Promise<Uint8Array> {
  const { signal } = options;
  for (let tries = 1;; tries++) {
    try {
      return await crew.run(job, options);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (tries === MOST_TRIES) throw new JobError({ job, id, tries, reason: writeError(error) });
    }
  }
}

/** Opens a pool of threads. */
export function openLocalPool({ workers, kinds, build, timeLimit, journal }: LocalPoolOptions): Pool {
  const ends = new AbortController();
  // deno-lint-ignore require-await -- what a pool that is closed is asked for is rejected, not thrown
  const get = async (hash: string): Promise<Uint8Array> => {
    requireOpen("get a blob", ends.signal);
    const bytes = journal.blob(hash);
    if (bytes) return bytes;
    throw new RangeError(`Cannot get a blob: expected a hash from put(), received ${hash}`);
  };
  let words: Promise<string> | undefined;
  const crew = openCrew({ threads: workers, kinds, build, blob: get });
  const run = journal.through((named, signal) => attempt(crew, named, { signal, timeLimit }));
  return {
    info: { at: "local", warnings: [] },
    fingerprint: () => words ??= fingerprint(build),
    // deno-lint-ignore require-await -- of a pool's two sorts one has to wait
    async workers() {
      requireOpen("list workers", ends.signal);
      return [{ name: "local", threads: crew.size, ...crew.counts() }];
    },
    async put(bytes) {
      const copy = copyOf(bytes);
      const hash = await hashOf(copy);
      requireOpen("put a blob", ends.signal);
      journal.keepBlob(hash, copy);
      return hash;
    },
    // deno-lint-ignore require-await -- of a pool's two sorts one has to wait
    async drop(hash) {
      if (!ends.signal.aborted && journal.dropBlob(hash)) crew.forget(hash);
    },
    get: async (hash) => (await get(hash)).slice(),
    ...mapCalls(run, { atOnce: 2 * crew.size, closed: ends.signal }),
    async [Symbol.asyncDispose]() {
      ends.abort(poolClosed());
      await crew[Symbol.asyncDispose]();
      journal[Symbol.dispose]();
    },
  };
}
