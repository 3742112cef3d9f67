/**
 * What a coordinator must not lose: results, written before anyone reads them, and blobs. In memory, or in SQLite, from which a
 * coordinator that was killed goes on.
 * @module
 */
import { type JobResult, type JobStore, openJobStore } from "../store/job_store.ts";
import type { NamedJob, RunOne } from "./map_jobs.ts";
import { JobError } from "./pool.ts";

/** Blobs by hash, and a way to run jobs that are not done yet. */
export interface Journal extends Disposable {
  /** Keeps a blob, once more where it is kept already. */
  keepBlob(hash: string, bytes: Uint8Array): void;
  /** Forgets a blob that was kept once; of one kept again, one time. @returns Whether it is gone. */
  dropBlob(hash: string): boolean;
  /** A blob that was kept; undefined where there is none. */
  blob(hash: string): Uint8Array | undefined;
  /** `run`, but for jobs that are done; what it gives is written down before it is given on. */
  through(run: RunOne): RunOne;
}

/** How often each blob was kept by this process. */
function openCounts(): { add(hash: string): void; take(hash: string): boolean } {
  const counts = new Map<string, number>();
  return {
    add: (hash) => void counts.set(hash, (counts.get(hash) ?? 0) + 1),
    take(hash) {
      const left = (counts.get(hash) ?? 0) - 1;
      if (left > 0) counts.set(hash, left);
      else counts.delete(hash);
      return left <= 0;
    },
  };
}

/** Keeps blobs in memory, and no results. */
export function openMemoryJournal(): Journal {
  const blobs = new Map<string, Uint8Array>();
  const counts = openCounts();
  return {
    keepBlob(hash, bytes) {
      counts.add(hash);
      if (!blobs.has(hash)) blobs.set(hash, bytes);
    },
    dropBlob: (hash) => counts.take(hash) && (blobs.delete(hash), true),
    blob: (hash) => blobs.get(hash),
    through: (run) => run,
    [Symbol.dispose]: () => blobs.clear(),
  };
}

/** Writes results down, those that come while the disk is busy in one transaction: a commit waits for the disk. */
function openWriter(store: JobStore): (result: JobResult) => Promise<void> {
  let batch: { readonly results: JobResult[]; readonly written: Promise<void> } | undefined;
  return (result) => {
    batch ??= {
      results: [],
      written: new Promise((resolve, reject) => {
        setTimeout(() => {
          const { results } = batch!;
          batch = undefined;
          try {
            store.keep(results);
            resolve();
          } catch (error) {
            reject(error);
          }
        });
      }),
    };
    batch.results.push(result);
    return batch.written;
  };
}

/** Keeps both in a file. */
export async function openFileJournal(path: string, fingerprint: string): Promise<Journal> {
  const store: JobStore = await openJobStore(path, fingerprint);
  const counts = openCounts();
  const keep = openWriter(store);
  return {
    keepBlob(hash, bytes) {
      counts.add(hash);
      store.keepBlob(hash, bytes);
    },
    dropBlob: (hash) => counts.take(hash) && (store.dropBlob(hash), true),
    blob: (hash) => store.blob(hash),
    through: (run) => async (named: NamedJob, signal) => {
      const { id, job: { kind } } = named;
      const known = store.result(id);
      if (known) return known;
      try {
        const bytes = await run(named, signal);
        await keep({ id, kind, bytes });
        return bytes;
      } catch (error) {
        if (error instanceof JobError) store.fail({ id, kind, error: error.message });
        throw error;
      }
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}
