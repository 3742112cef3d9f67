/**
 * A pool of this machine's threads: blobs lie in memory, a job whose thread ended is given to another.
 * @module
 */
import { hashOf } from "./blob.ts";
import { type Crew, openCrew } from "./crew.ts";
import { mapCalls, type NamedJob } from "./map_jobs.ts";
import { writeError } from "./messages.ts";
import { JobError, MOST_TRIES, type Pool } from "./pool.ts";
import type { RunnerOptions } from "./runner.ts";

/** What a local pool is opened with. */
export interface LocalPoolOptions extends Omit<RunnerOptions, "blob"> {
  /** Threads; 0 to run on the caller's own. */
  readonly workers: number;
}

/** Runs a job on a crew until it succeeds or has had all of its tries. */
async function attempt(crew: Crew, { job, id }: NamedJob, signal: AbortSignal): Promise<Uint8Array> {
  for (let tries = 1;; tries++) {
    try {
      return await crew.run(job, signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (tries === MOST_TRIES) throw new JobError({ job, id, tries, reason: writeError(error) });
    }
  }
}

/** Opens a pool of threads. */
export function openLocalPool({ workers, kinds, build }: LocalPoolOptions): Pool {
  const blobs = new Map<string, { readonly bytes: Uint8Array; readonly puts: number }>();
  const get = (hash: string): Promise<Uint8Array> => {
    const blob = blobs.get(hash);
    if (blob) return Promise.resolve(blob.bytes);
    return Promise.reject(new RangeError(`Cannot get a blob: expected a hash from put(), received ${hash}`));
  };
  const crew = openCrew({ threads: workers, kinds, build, blob: get });
  return {
    info: { at: "local", workers: crew.size },
    async put(bytes) {
      const copy = bytes.slice();
      const hash = await hashOf(copy);
      const { bytes: kept, puts } = blobs.get(hash) ?? { bytes: copy, puts: 0 };
      blobs.set(hash, { bytes: kept, puts: puts + 1 });
      return hash;
    },
    drop(hash) {
      const blob = blobs.get(hash);
      if (blob && blob.puts > 1) blobs.set(hash, { ...blob, puts: blob.puts - 1 });
      else blobs.delete(hash);
      return Promise.resolve();
    },
    get: async (hash) => (await get(hash)).slice(),
    ...mapCalls((named, signal) => attempt(crew, named, signal), () => ({ atOnce: 2 * crew.size })),
    async [Symbol.asyncDispose]() {
      await crew[Symbol.asyncDispose]();
      blobs.clear();
    },
  };
}
