/**
 * Threads over one memory: items of a job are handed out by an atomic counter to workers and to the caller itself; a job's only
 * item is run by the caller. Where the caller may not sleep (a page's main thread) it awaits instead.
 * @module
 */
import type { Helper, StartHelper } from "./helper.ts";
import type { ResidentProgram } from "./program/resident.ts";
import {
  CONTROL_BYTES,
  DONE,
  EPOCH,
  FAILED,
  JOB,
  LEFT,
  MEMORY_BYTES,
  PROGRAM,
  PROGRAM_AT,
  PROGRAM_BYTES,
  QUIT,
} from "./worker_source.ts";

/** A job. */
export interface Job {
  /** Whose items these are. */
  readonly program: ResidentProgram;
  /** Its address. */
  readonly at: number;
  /** How many items it has. */
  readonly items: number;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs items on every thread. */
export interface Pool {
  /** Threads, the caller included. */
  readonly threads: number;
  /**
   * Runs a job's items, with a turn of the event loop between items where they hold it for long. Where the signal is aborted in
   * such a turn it ends after the items begun, and throws the signal's reason.
   */
  run(job: Job): Promise<void>;
  /** Ends the workers and waits until they have let go of the memory. */
  close(): Promise<void>;
}

/** What a pool is opened over. */
export interface PoolOptions {
  /** The memory. */
  readonly memory: WebAssembly.Memory;
  /** Address of `CONTROL_BYTES` bytes for the pool's own use. */
  readonly control: number;
  /** Threads, the caller included. */
  readonly threads: number;
  /** Starts a worker. */
  readonly start: StartHelper;
  /** Gives the event loop a turn when it is due. */
  readonly turn: () => Promise<void> | undefined;
}

/** Longest wait for a worker to end by itself, ms: one that is terminated while it sleeps keeps its memory for ever. */
const FAREWELL_MS = 5000;

/** Loads that the caller spends waiting for the last items before it sleeps. */
const SPIN = 20000;

/** Waits for another thread without holding this one, where the runtime can. */
const { waitAsync } = Atomics as {
  readonly waitAsync?: (words: Int32Array, at: number, value: number, ms: number) => { readonly value: unknown };
};

function canSleep(control: Int32Array): boolean {
  try {
    Atomics.wait(control, QUIT, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits for workers that were told to quit. */
async function farewell(workers: readonly Helper[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([
    Promise.all(workers.map(({ gone }) => gone)),
    new Promise((resolve) => timer = setTimeout(resolve, FAREWELL_MS)),
  ]);
  clearTimeout(timer);
  for (const worker of workers) worker.terminate();
}

function startWorkers({ memory, control, threads, start }: PoolOptions): readonly Helper[] {
  const workers: Helper[] = [];
  try {
    for (let thread = 1; thread < threads; thread++) workers.push(start({ memory, control, thread }));
  } catch {
    // A content policy forbids workers: the caller does everything.
  }
  return workers;
}

/** Opens a pool; its workers help as soon as they have started. */
export function openPool(options: PoolOptions): Pool {
  const { turn, memory } = options;
  if (options.threads < 2) {
    return {
      threads: 1,
      async run({ program, at, items, signal }): Promise<void> {
        for (let item = items - 1; item >= 0; item--) {
          program.run(at, item, 0);
          const due = item > 0 ? turn() : undefined;
          if (!due) continue;
          await due;
          signal?.throwIfAborted();
        }
      },
      close: () => Promise.resolve(),
    };
  }
  const control = new Int32Array(memory.buffer, options.control, CONTROL_BYTES / 4).fill(0);
  const sleeps = canSleep(control);
  const workers = startWorkers(options);
  const wake = (count: number): void => {
    Atomics.add(control, EPOCH, 1);
    Atomics.notify(control, EPOCH, Math.min(count, workers.length));
  };
  /** Whether an item failed on a worker since this was last asked. */
  const failed = (): boolean => Atomics.exchange(control, FAILED, 0) !== 0;
  /** Waits for the items begun; sleeping where the caller may. */
  const finish = async (count: number): Promise<void> => {
    for (let spin = SPIN; spin > 0 && Atomics.load(control, DONE) < count; spin--);
    for (let done = Atomics.load(control, DONE); done < count; done = Atomics.load(control, DONE)) {
      if (sleeps) Atomics.wait(control, DONE, done);
      else if (waitAsync) await waitAsync(control, DONE, done, 100).value;
      else await new Promise((resolve) => setTimeout(resolve, 0));
    }
  };
  return {
    threads: workers.length + 1,
    async run({ program, at, items, signal }): Promise<void> {
      if (items === 1) return program.run(at, 0, 0);
      Atomics.store(control, DONE, 0);
      Atomics.store(control, JOB, at);
      Atomics.store(control, PROGRAM, program.id);
      Atomics.store(control, PROGRAM_AT, program.address);
      Atomics.store(control, PROGRAM_BYTES, program.length);
      Atomics.store(control, MEMORY_BYTES, memory.buffer.byteLength);
      Atomics.store(control, LEFT, items);
      wake(items - 1);
      for (let item = Atomics.sub(control, LEFT, 1) - 1; item >= 0; item = Atomics.sub(control, LEFT, 1) - 1) {
        program.run(at, item, 0);
        Atomics.add(control, DONE, 1);
        const due = turn();
        if (!due) continue;
        await due;
        if (!signal?.aborted) continue;
        await finish(items - Math.max(0, Atomics.exchange(control, LEFT, 0)));
        failed();
        throw signal.reason;
      }
      await finish(items);
      // A worker may fail to make a program ready where the caller did not, for want of memory: its items write what they wrote
      // before, so the caller runs them again, and where the program itself is at fault throws what it threw.
      if (failed()) { for (let item = 0; item < items; item++) program.run(at, item, 0); }
    },
    close(): Promise<void> {
      Atomics.store(control, QUIT, 1);
      wake(workers.length);
      return farewell(workers);
    },
  };
}
