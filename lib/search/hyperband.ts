/**
 * Successive halving (Jamieson & Talwalkar 2016) and Hyperband (Li et al. 2018), which runs it with several first budgets:
 * nobody knows beforehand how early a loss tells.
 * @module
 */
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { halvingBracket, type HalvingSizes, hyperbandBrackets, nextRungs, type Rung } from "./halving.ts";
import type { SearchMethod } from "./search_method.ts";
import { requireSetting } from "./settings.ts";
import { drawConfiguration } from "./unit.ts";

/** What {@linkcode hyperband} takes. */
export interface HyperbandOptions {
  /** R: most that a trial is given, in the objective's unit. */
  readonly maxBudget: number;
  /** Least that a trial is given (default 1). */
  readonly minBudget?: number;
  /** η: of so many trials one goes on, with so many times the budget (default 3). */
  readonly eta?: number;
  /** How often all brackets are run (default 1). */
  readonly iterations?: number;
}

/** What {@linkcode successiveHalving} takes. */
export interface SuccessiveHalvingOptions {
  /** Configurations of the first rung. */
  readonly trials: number;
  /** Most that a trial is given, in the objective's unit. */
  readonly maxBudget: number;
  /** Least that a trial is given (default 1). */
  readonly minBudget?: number;
  /** Of so many trials one goes on, with so many times the budget (default 3). */
  readonly eta?: number;
}

const KEYS: OptionKeys<HyperbandOptions> = { maxBudget: true, minBudget: true, eta: true, iterations: true };
const HALVING_KEYS: OptionKeys<SuccessiveHalvingOptions> = {
  trials: true,
  maxBudget: true,
  minBudget: true,
  eta: true,
};

/** Most that the largest budget may be of the least: a bracket of Hyperband begins with about as many trials. */
const MOST_TIMES = 1e6;

/** Checks the sizes of a search by halving. */
export function requireSizes(action: string, { maxBudget, minBudget, eta }: HalvingSizes): void {
  requireSetting(action, "minBudget", { value: minBudget, min: Number.MIN_VALUE, max: Number.MAX_VALUE });
  requireSetting(action, "maxBudget", { value: maxBudget, min: minBudget, max: MOST_TIMES * minBudget });
  requireSetting(action, "eta", { value: eta, min: 1.1, max: Number.MAX_VALUE });
}

/**
 * Brackets as Hyperband runs them, for a look before they are paid for.
 *
 * @param options Sizes.
 * @returns By bracket, its rungs: how many trials, and what each is given in all.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { hyperbandRungs } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const brackets = hyperbandRungs({ maxBudget: 81 });
 * assertEquals(brackets.map(([first]) => first.trials), [81, 34, 15, 8, 5]);
 * assertEquals(brackets[0].map(({ budget }) => budget), [1, 3, 9, 27, 81]);
 * ```
 */
export function hyperbandRungs(options: HyperbandOptions): readonly (readonly Rung[])[] {
  const action = "Cannot search by Hyperband";
  requireKnownKeys(action, "options", options, KEYS);
  const { maxBudget, minBudget = 1, eta = 3, iterations = 1 } = options;
  requireSizes(action, { maxBudget, minBudget, eta });
  requireSetting(action, "iterations", { value: iterations, min: 1, integer: true });
  const brackets = hyperbandBrackets({ maxBudget, minBudget, eta });
  return Array.from({ length: iterations }, () => brackets).flat();
}

/**
 * Searches by Hyperband (Li et al. 2018), all brackets side by side: a round is one rung of each.
 *
 * @param options Sizes; `maxBudget` 81 takes 143 configurations, about 5 · 81 budgets' worth in each of 5 brackets.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { defineSpace, hyperband, nextTrials } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const space = defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1e-1 } });
 * const first = nextTrials(hyperband({ maxBudget: 81 }), { space, seed: 1, past: [] });
 * assertEquals(first.length, 81 + 34 + 15 + 8 + 5);
 * ```
 */
export function hyperband(options: HyperbandOptions): SearchMethod {
  const brackets = hyperbandRungs(options);
  const { maxBudget, minBudget = 1, eta = 3, iterations = 1 } = options;
  return Object.freeze<SearchMethod>({
    kind: "hyperband",
    settings: Object.freeze({ maxBudget, minBudget, eta, iterations }),
    next: (search) =>
      nextRungs(search, {
        brackets,
        stagger: 0,
        drawer: ({ space }) => (stream) => drawConfiguration(space, stream),
      }),
  });
}

/**
 * Searches by successive halving: one bracket from the least budget on.
 *
 * @param options Sizes.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { defineSpace, nextTrials, successiveHalving } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const space = defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1e-1 } });
 * const method = successiveHalving({ trials: 9, maxBudget: 9 });
 * const past = nextTrials(method, { space, seed: 1, past: [] }).map((trial) => ({ ...trial, loss: -trial.id }));
 * assertEquals(nextTrials(method, { space, seed: 1, past }).map(({ parent, budget }) => [parent, budget]), [[6, 3], [7, 3], [8, 3]]);
 * ```
 */
export function successiveHalving(options: SuccessiveHalvingOptions): SearchMethod {
  const action = "Cannot search by successive halving";
  requireKnownKeys(action, "options", options, HALVING_KEYS);
  const { trials, maxBudget, minBudget = 1, eta = 3 } = options;
  requireSetting(action, "trials", { value: trials, min: 1, integer: true });
  requireSizes(action, { maxBudget, minBudget, eta });
  const brackets = [halvingBracket(trials, { maxBudget, minBudget, eta })];
  return Object.freeze<SearchMethod>({
    kind: "halving",
    settings: Object.freeze({ trials, maxBudget, minBudget, eta }),
    next: (search) =>
      nextRungs(search, {
        brackets,
        stagger: 0,
        drawer: ({ space }) => (stream) => drawConfiguration(space, stream),
      }),
  });
}
