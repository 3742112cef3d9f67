/**
 * What a search has decided and found, as whoever runs it needs it: decisions before they are run, results as they come. In
 * memory here; `search_store.ts` keeps it in a file.
 * @module
 */
import type { Json } from "../pool/job.ts";
import type { FinishedTrial, Trial } from "./search_method.ts";
import type { TrialOutcome } from "./trial_job.ts";

/** A finished trial with whatever else was measured. */
export interface ScoredTrial extends FinishedTrial {
  /** Whatever else its objective measured. */
  readonly detail: Json;
}

/** Decisions and results of one search. */
export interface SearchLog {
  /**
   * Keeps the trials of a round before they are run, or finds them as they were decided before.
   * @returns Those that are finished already.
   * @throws {DataError} Something else was decided before.
   */
  decide(trials: readonly Trial[]): readonly ScoredTrial[];
  /** Keeps what came of a trial. */
  finish(trial: Trial, outcome: Required<TrialOutcome>): void;
  /** The state that a finished trial left, or null. */
  state(id: number): Uint8Array | null;
  /** Marks the search as done. */
  end(): void;
}

/** A log that lasts as long as its process. */
export function memoryLog(): SearchLog {
  const states = new Map<number, Uint8Array | null>();
  return {
    decide: () => [],
    finish: ({ id }, { state }) => void states.set(id, state),
    state: (id) => states.get(id) ?? null,
    end: () => {},
  };
}
