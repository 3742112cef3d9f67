/**
 * Threads over one memory: items of a job are handed out by an atomic counter to workers and to the caller itself; a job's
 * only item is run by the caller, and where it is worth it the workers take parts of its sweeps (`kernels/wasm/team.ts`).
 * Where the caller may not sleep (a page's main thread) it awaits instead.
 * @module
 */
import type { Kernels } from "./build.ts";
import type { ResidentProgram } from "./program/resident.ts";
import { openSharing } from "./sharing.ts";
import type { Helper, StartHelper } from "./helper.ts";
import {
  CONTROL_BYTES,
  DONE,
  EPOCH,
  FAILED,
  JOB,
  LEFT,
  PROGRAM,
  PROGRAM_AT,
  PROGRAM_BYTES,
  QUIT,
  TEAM,
  TEAM_FAILED,
  TEAM_LATE,
  TEAM_NONE,
  TEAM_OPEN,
  TEAM_SLEEPS,
} from "./worker_source.ts";

/** How a job runs. */
export interface RunOptions {
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
  /** Whose items these are; absent, the kernels'. */
  readonly program?: ResidentProgram;
}

/** Runs items on every thread. */
export interface Pool {
  /** Threads, the caller included. */
  readonly threads: number;
  /** Address of the block over which threads share one item's sweeps; 0 where there is one thread. */
  readonly team: number;
  /**
   * Runs items 0 to count − 1 of the job, with a turn of the event loop between items where they hold it for long. Where the
   * signal is aborted in such a turn it ends after the items begun, and throws the signal's reason.
   */
  run(job: number, count: number, options?: RunOptions): Promise<void>;
  /** Runs the job's only item, whose `TEAM` word is set: with the threads that are there in time, where such jobs gain by it. */
  runShared(job: number, kind: string): void;
  /** Ends the workers and waits until they have let go of the memory. */
  close(): Promise<void>;
}

/** What a pool is opened over. */
export interface PoolOptions {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module;
  /** Their memory. */
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

function startWorkers({ module, memory, control, threads, start }: PoolOptions): readonly Helper[] {
  const workers: Helper[] = [];
  try {
    for (let thread = 1; thread < threads; thread++) workers.push(start({ module, memory, control, thread }));
  } catch {
    // A content policy forbids workers: the caller does everything.
  }
  return workers;
}

/** Opens a pool; its workers help as soon as they have started. */
export function openPool(kernels: Kernels, options: PoolOptions): Pool {
  const { turn } = options;
  if (options.threads < 2) {
    const run = async (job: number, count: number, { signal, program }: RunOptions = {}): Promise<void> => {
      for (let item = count - 1; item >= 0; item--) {
        (program ?? kernels).run(job, item, 0);
        const due = item > 0 ? turn() : undefined;
        if (!due) continue;
        await due;
        signal?.throwIfAborted();
      }
    };
    const close = (): Promise<void> => Promise.resolve();
    return { threads: 1, team: 0, run, runShared: (job) => kernels.run(job, 0, 0), close };
  }
  const control = new Int32Array(options.memory.buffer, options.control, CONTROL_BYTES / 4).fill(0);
  const sleeps = canSleep(control);
  control[TEAM_SLEEPS] = sleeps ? 1 : 0;
  const workers = startWorkers(options);
  const sharing = openSharing();
  const wake = (count: number): void => {
    Atomics.add(control, EPOCH, 1);
    Atomics.notify(control, EPOCH, Math.min(count, workers.length));
  };
  /** Whether a worker failed since this was last asked. */
  const failed = (): boolean => {
    Atomics.store(control, TEAM_FAILED, 0);
    return Atomics.exchange(control, FAILED, 0) !== 0;
  };
  const check = (): void => {
    if (failed()) throw new Error("Cannot finish a job: a CPU kernel trapped");
  };
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
    team: workers.length > 0 ? options.control + TEAM * 4 : 0,
    async run(job: number, count: number, { signal, program }: RunOptions = {}): Promise<void> {
      const own = program ?? kernels;
      if (count === 1) return own.run(job, 0, 0);
      Atomics.store(control, DONE, 0);
      Atomics.store(control, JOB, job);
      Atomics.store(control, PROGRAM, program?.id ?? 0);
      Atomics.store(control, PROGRAM_AT, program?.address ?? 0);
      Atomics.store(control, PROGRAM_BYTES, program?.length ?? 0);
      Atomics.store(control, LEFT, count);
      wake(count - 1);
      for (let item = Atomics.sub(control, LEFT, 1) - 1; item >= 0; item = Atomics.sub(control, LEFT, 1) - 1) {
        own.run(job, item, 0);
        Atomics.add(control, DONE, 1);
        const due = turn();
        if (!due) continue;
        await due;
        if (!signal?.aborted) continue;
        await finish(count - Math.max(0, Atomics.exchange(control, LEFT, 0)));
        failed();
        throw signal.reason;
      }
      await finish(count);
      if (!program) return check();
      // A worker may fail to make a program ready where the caller did not, for want of memory: its items write what they wrote
      // before, so the caller runs them again, and where the program itself is at fault throws what it threw.
      if (failed()) { for (let item = 0; item < count; item++) own.run(job, item, 0); }
    },
    runShared(job: number, kind: string): void {
      const shared = sharing.choose(kind);
      // Until the first sweep is laid out there must be no part to claim: neither in a new block, nor after a job that trapped.
      Atomics.or(control, TEAM, TEAM_NONE);
      // A team that is late is not asked.
      Atomics.store(control, TEAM_LATE, shared ? 0 : 1);
      Atomics.store(control, TEAM_OPEN, shared ? 1 : 0);
      const start = performance.now();
      if (shared) wake(workers.length);
      try {
        kernels.run(job, 0, 0);
      } finally {
        Atomics.store(control, TEAM_OPEN, 0);
        check();
      }
      sharing.note(kind, shared, performance.now() - start);
    },
    close(): Promise<void> {
      Atomics.store(control, QUIT, 1);
      wake(workers.length);
      return farewell(workers);
    },
  };
}
