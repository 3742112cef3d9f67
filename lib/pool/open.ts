/**
 * Opens a pool by its address: the one place that knows both sorts.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { openFileJournal, openMemoryJournal } from "./journal.ts";
import { openLocalPool } from "./local_pool.ts";
import { fingerprint } from "./fingerprint.ts";
import { type JobConflict, openNatsPool } from "./nats/nats_pool.ts";
import type { Pool } from "./pool.ts";
import { type PoolBuild, requireBuild } from "./job_engine.ts";

/** What {@linkcode openPool} takes beyond the address. */
export interface PoolOptions {
  /** Threads of a local pool (default: all cores); 0 to run jobs on the caller's own, one after another. */
  readonly workers?: number;
  /** Modules that export job kinds of one's own, by absolute specifier: `import.meta.resolve("./my_kinds.ts")`. */
  readonly kinds?: readonly string[];
  /**
   * Build of the CPU kernels (default: the fastest that this machine runs). `simd` gives the same bits on machines that fuse
   * multiply-adds and on those that do not.
   */
  readonly build?: PoolBuild;
  /**
   * SQLite file that results are written to before anyone reads them, and blobs: a coordinator that was killed goes on from
   * there. Absent: results are not kept, blobs lie in memory.
   */
  readonly journal?: string;
  /** How long a server's worker may be silent before its job goes to another, ms (default 10,000); the first at a server decides. */
  readonly silence?: number;
  /**
   * How long one try of a job may run, ms (default: as long as it takes): then its thread is ended and the job is tried again, and
   * given up by its name after five tries. On the caller's own thread a job that never awaits cannot be ended; a thread in an endless
   * loop of plain JavaScript takes no more jobs, but Deno leaves it its core until the process ends.
   */
  readonly timeLimit?: number;
  /** Told of a second result that differs from the first, which stays (default: written to the console). */
  readonly onConflict?: (conflict: JobConflict) => void;
}

const POOL_KEYS: OptionKeys<PoolOptions> = {
  workers: true,
  kinds: true,
  build: true,
  journal: true,
  silence: true,
  timeLimit: true,
  onConflict: true,
};

/**
 * Opens a pool: where jobs run.
 *
 * @param at `local`: threads of this machine. `nats://TOKEN@HOST:PORT`: the workers of a NATS server with JetStream, on however
 * many machines; the same jobs, ids and bits.
 * @param options Threads, kinds of one's own, build, the file of results.
 * @returns The pool; disposing it cancels what runs.
 * @throws {TypeError} The address or an option is none.
 * @throws {RangeError} `workers` is no integer of at least 0, or `timeLimit` none of at least 1.
 * @throws {DataError} The journal is no such file, or holds results of another fingerprint.
 * @throws {FingerprintError} The server's pool computes with another build or runtime.
 *
 * @example
 * ```ts
 * import { openPool } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = await openPool("local", { workers: 1 });
 * const hash = await pool.put(Uint8Array.of(1, 2, 3));
 * assertEquals(await pool.get(hash), Uint8Array.of(1, 2, 3));
 * assertEquals(await pool.map([]), []);
 * await pool[Symbol.asyncDispose]();
 * ```
 */
export async function openPool(at = "local", options: PoolOptions = {}): Promise<Pool> {
  const action = "Cannot open a pool";
  requireKnownKeys(action, "options", options, POOL_KEYS);
  const { kinds = [], build, journal: path, timeLimit } = options;
  requireBuild(action, build);
  if (timeLimit !== undefined && !(Number.isInteger(timeLimit) && timeLimit >= 1 && timeLimit < 2 ** 31)) {
    throw new RangeError(
      `${action}: expected timeLimit to be whole ms from 1 to 2^31 - 1, received ${String(timeLimit)}`,
    );
  }
  if (at !== "local") {
    if (options.workers !== undefined || options.kinds !== undefined) {
      throw new TypeError(`${action} at a server: expected workers and kinds to be given to its workers, not here`);
    }
    const journal = async (own: string) => path === undefined ? openMemoryJournal() : await openFileJournal(path, own);
    return await openNatsPool(at, {
      build,
      silence: options.silence,
      timeLimit,
      journal,
      onConflict: options.onConflict ?? tellConflict,
    });
  }
  const { workers = globalThis.navigator?.hardwareConcurrency ?? 1 } = options;
  if (!Number.isInteger(workers) || workers < 0) {
    throw new RangeError(`${action}: expected workers to be an integer of at least 0, received ${String(workers)}`);
  }
  const journal = path === undefined ? openMemoryJournal() : await openFileJournal(path, await fingerprint(build));
  return openLocalPool({ workers, kinds, build, timeLimit, journal });
}

function tellConflict({ id, worker, first, second }: JobConflict): void {
  console.error(
    `The second result of the job ${id}, by ${worker}, is ${second.slice(0, 12)}, the first was ${
      first.slice(0, 12)
    }: its ` +
      "kind is not deterministic, or a machine is at fault",
  );
}
