/**
 * A way to search as one pure function: the trials so far in, the trials to run next out. It is asked when all that it asked
 * for is there, and sees results by trial, so no decision can depend on which came first. It runs nothing.
 * @module
 */
import type { Configuration, Setting, Space } from "./space.ts";
import { requireConfiguration } from "./space.ts";

/** A trial that a method wants. */
export interface TrialWish {
  /** The bracket, or member of a population, that it belongs to. */
  readonly bracket: number;
  /** Its rung, or generation. */
  readonly rung: number;
  /** How much may be spent on it in all, what `parent` spent included, in the objective's unit. */
  readonly budget: number;
  /** What is tried. */
  readonly configuration: Configuration;
  /** The trial whose state it goes on from, if its objective keeps states; null for a fresh start. */
  readonly parent: number | null;
}

/** A trial: what is tried, and how far. */
export interface Trial extends TrialWish {
  /** Its number within the search, from 0. */
  readonly id: number;
  /** The decision that asked for it, from 0; all trials of a round may run at once. */
  readonly round: number;
}

/** A trial with what came of it. */
export interface FinishedTrial extends Trial {
  /** What is to be small; null where it failed, which is worse than any number. */
  readonly loss: number | null;
}

/** What a method decides on. */
export interface SearchSoFar {
  /** What may be chosen. */
  readonly space: Space;
  /** Seed of the search. */
  readonly seed: number;
  /** Every trial so far with its result, by id. */
  readonly past: readonly FinishedTrial[];
}

/** A way to search: a name with settings, which a study remembers, and the decision. */
export interface SearchMethod {
  /** Its name. */
  readonly kind: string;
  /** Its settings, defaults filled in, as JSON. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** The trials to run next, none at the end; the same for the same trials so far. */
  next(search: SearchSoFar): readonly TrialWish[];
}

/** Orders by loss, failures last, ties by id. */
export function byLoss(a: FinishedTrial, b: FinishedTrial): number {
  const [x, y] = [a.loss ?? Infinity, b.loss ?? Infinity];
  return x < y ? -1 : x > y ? 1 : a.id - b.id;
}

/**
 * The best trial: the least loss among those that were given the most, ties by id. Losses at smaller budgets are not compared
 * with it: they are of something else.
 *
 * @param past Trials with their results.
 * @returns A trial, or null where none succeeded.
 *
 * @example
 * ```ts
 * import { bestTrial } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const trial = { round: 0, bracket: 0, rung: 0, configuration: {}, parent: null };
 * const past = [{ ...trial, id: 0, budget: 1, loss: 0.1 }, { ...trial, id: 1, budget: 3, loss: 0.2 }];
 * assertEquals(bestTrial(past)?.id, 1);
 * ```
 */
export function bestTrial(past: readonly FinishedTrial[]): FinishedTrial | null {
  const succeeded = past.filter(({ loss }) => loss !== null);
  const most = succeeded.reduce((least, { budget }) => Math.max(least, budget), -Infinity);
  return succeeded.filter(({ budget }) => budget === most).sort(byLoss)[0] ?? null;
}

/**
 * Decides what to run next.
 *
 * @param method From `randomSearch`, `hyperband`, `bohb`, `populationBased`, or one's own.
 * @param search The space, the seed, and all trials so far, by id.
 * @returns The trials of the next round; none where the search is over.
 * @throws {RangeError} Trials are not numbered from 0, or the method asks for what there cannot be.
 *
 * @example
 * ```ts
 * import { defineSpace, nextTrials, randomSearch } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const space = defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1e-1 } });
 * const trials = nextTrials(randomSearch({ trials: 3 }), { space, seed: 1, past: [] });
 * const past = trials.map((trial) => ({ ...trial, loss: 1 }));
 * assertEquals([trials.length, nextTrials(randomSearch({ trials: 3 }), { space, seed: 1, past })], [3, []]);
 * ```
 */
export function nextTrials(method: SearchMethod, search: SearchSoFar): readonly Trial[] {
  const { space, past } = search;
  past.forEach(({ id }, i) => {
    if (id !== i) throw new RangeError(`Cannot decide: expected trials by id from 0, received ${id} at place ${i}`);
  });
  const round = past.reduce((most, trial) => Math.max(most, trial.round), -1) + 1;
  return Object.freeze(
    method.next(search).map((wish, i) => {
      const { bracket, rung, budget, configuration, parent } = wish;
      requireConfiguration(space, configuration);
      if (!(budget > 0 && budget < Infinity)) {
        throw new RangeError(`Cannot decide: expected ${method.kind} to give a positive budget, received ${budget}`);
      }
      if (parent !== null && !(Number.isInteger(parent) && parent >= 0 && parent < past.length)) {
        throw new RangeError(`Cannot decide: expected ${method.kind} to go on from a trial so far, received ${parent}`);
      }
      return Object.freeze({ id: past.length + i, round, bracket, rung, budget, configuration, parent });
    }),
  );
}
