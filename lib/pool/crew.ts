/**
 * Threads that run jobs: one job a thread, the rest wait in order. A thread that ends is replaced; its job is given back as lost,
 * and whoever asked decides whether to ask again.
 * @module
 */
import type { Job } from "./job.ts";
import { type FromThread, readError, type ToThread, writeError } from "./messages.ts";
import { type Promised, promised } from "./promised.ts";
import { openRunner, type RunnerOptions } from "./runner.ts";

/** Runs jobs on threads. */
export interface Crew extends AsyncDisposable {
  /** Jobs that run at once. */
  readonly size: number;
  /** Jobs that run now, and those that succeeded. */
  counts(): { readonly running: number; readonly done: number };
  /**
   * The bytes of a job. Rejects with what its kind threw, {@linkcode ThreadLostError}, {@linkcode TimeLimitError}, or the signal's
   * reason at once.
   */
  run(job: Job, options: RunOptions): Promise<Uint8Array>;
  /** Lets all threads go of a blob that no job to come reads. */
  forget(hash: string): void;
}

/** How a job is run. */
export interface RunOptions {
  /** Ends it. */
  readonly signal: AbortSignal;
  /** How long it may run once its kind is loaded and its inputs are there, ms (default: as long as it takes). */
  readonly timeLimit?: number | undefined;
}

/** What a crew is opened with. */
export interface CrewOptions extends RunnerOptions {
  /** Threads; 0 to run on the caller's own. */
  readonly threads: number;
}

/** A thread ended before its job did. */
export class ThreadLostError extends Error {
  /** The class name, for logs. */
  override readonly name = "ThreadLostError";
}

/** A job ran longer than it may. */
export class TimeLimitError extends Error {
  /** The class name, for logs. */
  override readonly name = "TimeLimitError";

  /** Says how long it might have taken. */
  constructor(timeLimit: number) {
    super(`it ran longer than its time limit of ${timeLimit} ms`);
  }
}

/** How long a cancelled job may go on before its thread is ended, ms. */
const GRACE_MS = 2000;

interface Order extends Promised<Uint8Array>, RunOptions {
  readonly number: number;
  readonly job: Job;
}

interface Seat {
  worker?: Worker | undefined;
  order?: Order | undefined;
  grace?: ReturnType<typeof setTimeout> | undefined;
  limit?: ReturnType<typeof setTimeout> | undefined;
}

/** Opens a crew; a thread starts when the first job is given to it. */
export function openCrew(options: CrewOptions): Crew {
  return options.threads > 0 ? openThreads(options) : openCaller(options);
}

/** Jobs on the caller's own thread, one after another. One that never gives the event loop a turn cannot be ended here. */
function openCaller(options: CrewOptions): Crew {
  const runner = openRunner(options);
  let last: Promise<unknown> = Promise.resolve();
  let [running, done] = [0, 0];
  return {
    size: 1,
    counts: () => ({ running, done }),
    run(job, { signal, timeLimit }) {
      const result = last.then(async () => {
        running = 1;
        const late = new AbortController();
        let timer: ReturnType<typeof setTimeout> | undefined;
        const onBegin = (): void => {
          if (timeLimit !== undefined) timer = setTimeout(() => late.abort(new TimeLimitError(timeLimit)), timeLimit);
        };
        try {
          const bytes = await runner.run(job, AbortSignal.any([signal, late.signal]), onBegin);
          done++;
          return bytes;
        } finally {
          clearTimeout(timer);
          running = 0;
        }
      });
      last = result.catch(() => {});
      return result;
    },
    forget: (hash) => runner.forget(hash),
    async [Symbol.asyncDispose]() {
      await last;
      await runner[Symbol.asyncDispose]();
    },
  };
}

function openThreads({ threads, kinds, build, blob }: CrewOptions): Crew {
  const seats: Seat[] = Array.from({ length: threads }, () => ({}));
  const queue: Order[] = [];
  let [number, done, closed] = [0, 0, false];

  const tell = (seat: Seat, news: ToThread): void => seat.worker?.postMessage(news);
  const free = (seat: Seat): void => {
    clearTimeout(seat.grace);
    clearTimeout(seat.limit);
    seat.order = seat.grace = seat.limit = undefined;
    fill();
  };
  const end = (seat: Seat, error: Error): void => {
    seat.worker?.terminate();
    seat.worker = undefined;
    seat.order?.reject(error);
    free(seat);
  };
  const lost = (seat: Seat, why: string): void =>
    end(seat, new ThreadLostError(`A worker ended in a job of kind ${seat.order?.job.kind}: ${why}`));
  const hear = (seat: Seat, news: FromThread): void => {
    if (news.tell === "need") {
      const { hash } = news;
      const worker = seat.worker;
      const answer = (found: ToThread): void => worker === seat.worker ? tell(seat, found) : undefined;
      blob(hash).then(
        (bytes) => answer({ tell: "blob", hash, bytes }),
        (error) => answer({ tell: "missing", hash, error: writeError(error) }),
      );
    } else if (news.number === seat.order?.number) {
      if (news.tell === "begun") {
        const { timeLimit } = seat.order;
        if (timeLimit !== undefined) seat.limit = setTimeout(() => end(seat, new TimeLimitError(timeLimit)), timeLimit);
        return;
      }
      if (news.tell === "done") {
        done++;
        seat.order.resolve(news.bytes);
      } else seat.order.reject(readError(news.error));
      free(seat);
    }
  };
  const start = (seat: Seat): void => {
    const worker = new Worker(new URL("./thread.ts", import.meta.url), { type: "module" });
    seat.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromThread>): void => hear(seat, data);
    worker.onerror = (event): void => {
      event.preventDefault();
      if (seat.worker === worker) lost(seat, event.message);
    };
    tell(seat, { tell: "open", kinds, build });
  };
  const fill = (): void => {
    for (const seat of seats) {
      if (closed || seat.order || queue.length === 0) continue;
      seat.order = queue.shift()!;
      try {
        if (!seat.worker) start(seat);
        tell(seat, { tell: "run", number: seat.order.number, job: seat.order.job });
      } catch (error) {
        seat.order.reject(error);
        seat.order = undefined;
      }
    }
  };
  const cancel = (order: Order): void => {
    order.reject(order.signal.reason);
    const at = queue.indexOf(order);
    if (at >= 0) queue.splice(at, 1);
    const seat = seats.find((one) => one.order === order);
    if (!seat) return;
    tell(seat, { tell: "cancel", number: order.number });
    seat.grace = setTimeout(() => lost(seat, "it was cancelled and went on"), GRACE_MS);
  };
  return {
    size: threads,
    counts: () => ({ running: seats.filter(({ order }) => order).length, done }),
    async run(job, options) {
      const { signal } = options;
      signal.throwIfAborted();
      if (closed) throw new Error("Cannot run a job: the pool was closed; open another");
      const order: Order = { ...promised<Uint8Array>(), number: number++, job, ...options };
      const abort = (): void => cancel(order);
      signal.addEventListener("abort", abort, { once: true });
      queue.push(order);
      fill();
      try {
        return await order.promise;
      } finally {
        signal.removeEventListener("abort", abort);
      }
    },
    forget(hash) {
      for (const seat of seats) tell(seat, { tell: "forget", hash });
    },
    [Symbol.asyncDispose]() {
      closed = true;
      const reason = new Error("Cannot finish a job: the pool was closed");
      for (const order of queue.splice(0)) order.reject(reason);
      for (const seat of seats) {
        seat.order?.reject(reason);
        seat.worker?.terminate();
        clearTimeout(seat.grace);
        clearTimeout(seat.limit);
        seat.worker =
          seat.order =
          seat.grace =
          seat.limit =
            undefined;
      }
      return Promise.resolve();
    },
  };
}
