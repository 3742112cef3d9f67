/**
 * Random search (Bergstra & Bengio 2012): so many configurations, drawn at once, each given the same.
 * @module
 */
import { random } from "../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { SearchMethod } from "./search_method.ts";
import { requireSetting } from "./settings.ts";
import { drawConfiguration } from "./unit.ts";

/** What {@linkcode randomSearch} takes. */
export interface RandomSearchOptions {
  /** Configurations. */
  readonly trials: number;
  /** What each is given, in the objective's unit (default 1). */
  readonly budget?: number;
}

const KEYS: OptionKeys<RandomSearchOptions> = { trials: true, budget: true };

/**
 * Searches at random.
 *
 * @param options How many, and what each is given.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { randomSearch } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(randomSearch({ trials: 20 }).settings, { trials: 20, budget: 1 });
 * ```
 */
export function randomSearch(options: RandomSearchOptions): SearchMethod {
  const action = "Cannot search at random";
  requireKnownKeys(action, "options", options, KEYS);
  const { trials, budget = 1 } = options;
  requireSetting(action, "trials", { value: trials, min: 1, integer: true });
  requireSetting(action, "budget", { value: budget, min: Number.MIN_VALUE, max: Number.MAX_VALUE });
  return Object.freeze<SearchMethod>({
    kind: "random",
    settings: Object.freeze({ trials, budget }),
    next({ space, seed, past }) {
      if (past.length > 0) return [];
      const stream = random(seed);
      return Array.from({ length: trials }, (_, id) => ({
        bracket: 0,
        rung: 0,
        budget,
        configuration: drawConfiguration(space, stream.fork(id)),
        parent: null,
      }));
    },
  });
}
