/**
 * The time that a live feed lives by: reading it and waiting. Injected, so that a test can let ten minutes pass in none.
 * @module
 */
import { type Sleep, sleepFor } from "../../data/bybit_request.ts";

/** A clock that can be waited on. */
export interface Clock {
  /** The present, ms since 1970 UTC; it may jump when it is set. */
  now(): number;
  /** Time that has passed since some moment, ms; it never jumps (default {@linkcode now}). */
  elapsed?(): number;
  /** Waits so many ms; rejects with the signal's reason when it is aborted meanwhile. */
  readonly sleep: Sleep;
}

/** Time that has passed, for waiting: the clock's own, or its present. */
export function elapsedOf(clock: Clock): number {
  return clock.elapsed?.() ?? clock.now();
}

/** A timer set for longer than this fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const SYSTEM_CLOCK: Clock = Object.freeze({
  now: (): number => Date.now(),
  elapsed: (): number => performance.now(),
  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    for (let left = ms; left > 0 || left === ms; left -= LONGEST_TIMER_MS) {
      await sleepFor(Math.min(left, LONGEST_TIMER_MS), signal);
    }
  },
});
