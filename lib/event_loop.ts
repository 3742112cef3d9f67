/**
 * Turns of the event loop for work that would hold it: timers, signals and requests get their turn, and an abort is seen.
 * It schedules nothing and keeps no time but its own; every folder of `lib/` may import it.
 * @module
 */

/** Longest that work holds the event loop, ms. */
const HELD_MS = 30;

/** Longest between two moments in which the host is idle, ms. */
const BUSY_MS = 90;

/** The next macrotask: timers that are due are heard before it. */
function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
  if (setImmediate) return new Promise((resolve) => void setImmediate(resolve));
  return new Promise((resolve) => {
    // A new channel each time: an old one's messages would come before every timer.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (): void => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * A moment in which the host has nothing to do but wait: Deno asks the system for signals and sockets then, and otherwise in
 * one turn of 61 alone, which at 30 ms a turn is two seconds after Ctrl-C.
 */
function idleMoment(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 0));
}

/**
 * Opens a watch over one strand of work. Call what it gives often: it returns nothing while the event loop was not held for
 * long, else the promise of its next turn, to be awaited.
 */
export function openTurns(): () => Promise<void> | undefined {
  let last = performance.now();
  let idle = last;
  return () => {
    const now = performance.now();
    if (now - last < HELD_MS) return undefined;
    const isBusy = now - idle >= BUSY_MS;
    return (isBusy ? idleMoment() : nextTurn()).then(() => {
      last = performance.now();
      if (isBusy) idle = last;
    });
  };
}

/** Work that yields wherever it may pause. */
export type Steps<T> = Generator<void, T, void>;

/**
 * Runs work with a turn of the event loop whenever it has held it for long; an abort is seen then.
 *
 * @param work What to run.
 * @param signal What ends it.
 * @throws The signal's reason, or what the work throws.
 */
export async function inTurns<T>(work: Steps<T>, signal: AbortSignal | undefined): Promise<T> {
  const turn = openTurns();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    const due = turn();
    if (!due) continue;
    await due;
    signal?.throwIfAborted();
  }
}

/** Runs work in one go. */
export function atOnce<T>(work: Steps<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * A promise, or the signal's reason as soon as it is aborted. The work behind the promise goes on unheard.
 *
 * @param promise What is waited for.
 * @param signal What ends the waiting.
 * @throws The signal's reason, or what the promise rejects with.
 */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/**
 * Items until they end, or until the signal is aborted: then there are no more, even while one is awaited.
 *
 * @param items What to go through; it is closed at the end, as `for await` does.
 * @param signal What ends it.
 */
export async function* itemsUntilAborted<T>(
  items: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let done = false;
  try {
    while (!signal?.aborted) {
      const next = await untilAborted(Promise.resolve(iterator.next()), signal);
      if (next.done) {
        done = true;
        return;
      }
      yield next.value;
    }
  } catch (error) {
    if (!signal?.aborted) {
      done = true; // an iterator that threw is closed
      throw error;
    }
  } finally {
    if (!done) {
      const closed = Promise.resolve(iterator.return?.());
      // One that is waiting closes when it is done; nobody waits for it after an abort.
      if (signal?.aborted) closed.catch(() => {});
      else await closed;
    }
  }
}
