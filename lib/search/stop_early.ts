/**
 * Ends a search before its method would: at a loss that is good enough, or where rounds no longer bring a better one.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { bestTrial, type FinishedTrial, type SearchMethod } from "./search_method.ts";
import { requireSetting } from "./settings.ts";

/** What {@linkcode stopEarly} takes, at least one of them. */
export interface StopEarlyOptions {
  /** Ends the search once the best trial's loss is not above this. */
  readonly target?: number;
  /** Ends it after so many rounds without a loss below all before, at whatever budget. */
  readonly patience?: number;
}

const KEYS: OptionKeys<StopEarlyOptions> = { target: true, patience: true };

/** Rounds since the least loss of all, at whatever budget, last fell. */
function roundsWithout(past: readonly FinishedTrial[]): number {
  let least: { loss: number; round: number } = { loss: Infinity, round: 0 };
  for (const { loss, round } of past) if (loss !== null && loss < least.loss) least = { loss, round };
  return past[past.length - 1].round - least.round;
}

/**
 * A method that ends early.
 *
 * @param method Any.
 * @param options When.
 * @throws {RangeError} A setting is out of range, or neither is given.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { defineSpace, nextTrials, populationBased, stopEarly } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const space = defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1e-1 } });
 * const method = stopEarly(populationBased({ members: 2, generations: 10 }), { target: 0.1 });
 * const past = nextTrials(method, { space, seed: 1, past: [] }).map((trial) => ({ ...trial, loss: 0.05 }));
 * assertEquals(nextTrials(method, { space, seed: 1, past }), []);
 * ```
 */
export function stopEarly(method: SearchMethod, options: StopEarlyOptions): SearchMethod {
  const action = "Cannot stop a search early";
  requireKnownKeys(action, "options", options, KEYS);
  const { target = -Infinity, patience = Infinity } = options;
  if (Number.isNaN(target) || typeof target !== "number") {
    throw new RangeError(`${action}: expected target to be a number, received ${String(target)}`);
  }
  if (patience !== Infinity) requireSetting(action, "patience", { value: patience, min: 1, integer: true });
  if (target === -Infinity && patience === Infinity) {
    throw new RangeError(`${action}: expected target or patience, received neither`);
  }
  return Object.freeze<SearchMethod>({
    kind: method.kind,
    settings: Object.freeze({ ...method.settings, ...options }),
    next(search) {
      const { past } = search;
      const loss = bestTrial(past)?.loss ?? Infinity;
      if (past.length > 0 && (loss <= target || roundsWithout(past) >= patience)) return [];
      return method.next(search);
    },
  });
}
