/**
 * Runs jobs one after another on this thread: finds the kind, fetches the blobs, lends its engine. It tries nothing twice.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { untilAborted } from "../event_loop.ts";
import { BlobCache } from "./blob.ts";
import type { Job } from "./job.ts";
import { openJobEngine, type PoolBuild } from "./job_engine.ts";
import { type FindKind, openKinds } from "./kinds.ts";

/** What a thread that runs jobs needs. */
export interface RunnerOptions {
  /** Modules of kinds of one's own, by absolute specifier. */
  readonly kinds: readonly string[];
  /** Build of the CPU kernels (default: the fastest that this machine runs). */
  readonly build?: PoolBuild | undefined;
  /** Where blobs come from. */
  readonly blob: (hash: string) => Promise<Uint8Array>;
}

/** Runs jobs. */
export interface Runner extends AsyncDisposable {
  /**
   * The bytes of a job; rejects with what its kind throws, or the signal's reason. `onBegin` is called when the kind is loaded and
   * its inputs are there.
   */
  run(job: Job, signal: AbortSignal, onBegin: () => void): Promise<Uint8Array<ArrayBuffer>>;
  /** Lets go of a blob that no job to come reads. */
  forget(hash: string): void;
}

/** Bytes of blobs that a thread keeps for the jobs to come. */
const CACHE_BYTES = 256 * 2 ** 20;

/** Opens a runner; its engine is opened by the first job that asks for it. */
export function openRunner(options: RunnerOptions): Runner {
  const cache = new BlobCache(CACHE_BYTES);
  let found: Promise<FindKind> | undefined;
  let opened: Promise<Engine> | undefined;
  const engine = (): Promise<Engine> => opened ??= openJobEngine(options.build);
  const blob = async (hash: string): Promise<Uint8Array> => {
    const known = cache.get(hash);
    if (known) return known;
    const bytes = await options.blob(hash);
    cache.set(hash, bytes);
    return bytes;
  };
  return {
    async run(job, signal, onBegin) {
      signal.throwIfAborted();
      const find = await (found ??= openKinds(options.kinds));
      const kind = await find(job);
      const inputs = await untilAborted(Promise.all(job.inputs.map(blob)), signal);
      onBegin();
      const bytes = await untilAborted(
        Promise.resolve(kind.run(inputs, { params: job.params, seed: job.seed }, { signal, engine })),
        signal,
      );
      // A copy of its own: what a kind gives may be one of its inputs, or lie in memory that it shares with others.
      if (bytes instanceof Uint8Array) return new Uint8Array(bytes);
      throw new TypeError(`Cannot run a job: expected ${job.kind} to give a Uint8Array, received ${typeof bytes}`);
    },
    forget: (hash) => cache.delete(hash),
    async [Symbol.asyncDispose]() {
      await (await opened)?.[Symbol.asyncDispose]();
    },
  };
}
