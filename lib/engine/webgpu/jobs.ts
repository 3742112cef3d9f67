/**
 * Jobs: what was recorded with its buffers, kept after use so that the next call of the same shape costs no allocation. One call
 * holds a job at a time; calls that overlap get jobs of their own.
 * @module
 */
import type { Gpu } from "./gpu.ts";

/** Something that can be run again and again. */
export interface Job {
  /** Frees its buffers. */
  free(): void;
}

/** Idle jobs kept. */
const MOST_IDLE = 4;

/** Jobs by key, the least recently used first. */
export class JobCache<J extends Job> {
  readonly #idle: { readonly key: string; readonly job: J }[] = [];
  readonly #gpu: Gpu;
  readonly #mostBytes: number;

  /** Idle jobs are dropped, too, while the device holds more than `mostBytes`. */
  constructor(gpu: Gpu, mostBytes: number) {
    this.#gpu = gpu;
    this.#mostBytes = mostBytes;
  }

  /** Runs `use` with the job of this key, building it if none is idle. A job whose run failed is not kept. */
  async with<R>(key: string, build: () => J, use: (job: J) => Promise<R>): Promise<R> {
    const found = this.#idle.findLastIndex((entry) => entry.key === key);
    const job = found < 0 ? build() : this.#idle.splice(found, 1)[0].job;
    let result: R;
    try {
      result = await use(job);
    } catch (error) {
      job.free();
      throw error;
    }
    this.#idle.push({ key, job });
    while (this.#idle.length > MOST_IDLE || (this.#idle.length > 0 && this.#gpu.heldBytes > this.#mostBytes)) {
      this.#idle.shift()?.job.free();
    }
    return result;
  }
}
