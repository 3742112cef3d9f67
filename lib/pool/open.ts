/**
 * Opens a pool by its address: the one place that knows both sorts.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { openLocalPool } from "./local_pool.ts";
import type { Pool } from "./pool.ts";
import type { PoolBuild } from "./job_engine.ts";

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
}

const POOL_KEYS: OptionKeys<PoolOptions> = { workers: true, kinds: true, build: true };

/**
 * Opens a pool: where jobs run.
 *
 * @param at `local`: threads of this machine.
 * @param options Threads, kinds of one's own, build.
 * @returns The pool; disposing it ends its threads and rejects what runs.
 * @throws {TypeError} The address or an option is none.
 * @throws {RangeError} `workers` is no integer of at least 0.
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
// deno-lint-ignore require-await -- what is wrong with the arguments rejects
export async function openPool(at = "local", options: PoolOptions = {}): Promise<Pool> {
  const action = "Cannot open a pool";
  requireKnownKeys(action, "options", options, POOL_KEYS);
  const { workers = globalThis.navigator?.hardwareConcurrency ?? 1, kinds = [], build } = options;
  if (at !== "local") throw new TypeError(`${action}: expected "local", received ${JSON.stringify(at)}`);
  if (!Number.isInteger(workers) || workers < 0) {
    throw new RangeError(`${action}: expected workers to be an integer of at least 0, received ${String(workers)}`);
  }
  if (build !== undefined && build !== "relaxed" && build !== "simd") {
    throw new TypeError(`${action}: expected build to be relaxed or simd, received ${JSON.stringify(build)}`);
  }
  return openLocalPool({ workers, kinds, build });
}
