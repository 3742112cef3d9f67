/**
 * Population-based training (Jaderberg et al. 2017) in synchronous generations: all members train a stretch; the worst take over
 * state and configuration of some of the best, and change that configuration a little. A generation is a pure function of the
 * one before.
 * @module
 */
import { type Random, random } from "../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { byLoss, type FinishedTrial, type SearchMethod, type TrialWish } from "./search_method.ts";
import { requireSetting } from "./settings.ts";
import { type Configuration, isThere, type Parameter, type Setting, type Space } from "./space.ts";
import { drawConfiguration, positionOf, valueAt } from "./unit.ts";

/** What {@linkcode populationBased} takes. */
export interface PopulationOptions {
  /** Members. */
  readonly members: number;
  /** Generations. */
  readonly generations: number;
  /** What a member is given in each generation, in the objective's unit (default 1). */
  readonly budget?: number;
  /** Share of the members that take over from as many of the best (default 0.2, rounded up; 0 exchanges nothing). */
  readonly share?: number;
  /** Largest step of a parameter that is changed: of its range, of its logarithm's for `logUniform` (default 0.2). */
  readonly step?: number;
  /** Probability that a parameter is drawn anew instead (default 0.25). */
  readonly redraw?: number;
}

const KEYS: OptionKeys<PopulationOptions> = {
  members: true,
  generations: true,
  budget: true,
  share: true,
  step: true,
  redraw: true,
};

/** How a configuration is changed. */
export interface ExploreOptions {
  /** Largest step, of a parameter's range. */
  readonly step: number;
  /** Probability that a parameter is drawn anew. */
  readonly redraw: number;
}

function changed(parameter: Parameter, value: Setting, draws: { stream: Random } & ExploreOptions): Setting {
  const { stream, step, redraw } = draws;
  const [anew, move] = [stream.uniform() < redraw, stream.uniform()];
  if (anew || parameter.kind === "choice") return anew ? valueAt(parameter, stream.uniform()) : value;
  const position = positionOf(parameter, value) + step * (2 * move - 1);
  return valueAt(parameter, Math.min(1, Math.max(0, position)));
}

/**
 * Changes a configuration a little: numbers move by up to `step` of their range, each parameter is drawn anew with probability
 * `redraw`; choices change by that alone. A parameter that comes to be there is drawn.
 *
 * @param space The space.
 * @param configuration What is changed; it stays as it is.
 * @param explore How far, and from which stream.
 */
export function explored(
  space: Space,
  configuration: Configuration,
  explore: ExploreOptions & { readonly stream: Random },
): Configuration {
  const values: Record<string, Setting> = {};
  Object.entries(space).forEach(([name, parameter], i) => {
    if (!isThere(parameter, values)) return;
    const stream = explore.stream.fork(i);
    const now = configuration[name];
    values[name] = now === undefined
      ? valueAt(parameter, stream.uniform())
      : changed(parameter, now, { ...explore, stream });
  });
  return Object.freeze(values);
}

/** How a generation follows from the one before. */
interface Generation extends ExploreOptions {
  readonly space: Space;
  readonly seed: number;
  readonly rung: number;
  readonly budget: number;
  readonly share: number;
}

/** The next generation: each member goes on from itself, or from one of the best (truncation selection). */
function nextGeneration(members: readonly FinishedTrial[], generation: Generation): readonly TrialWish[] {
  const { space, seed, rung, budget, share } = generation;
  const ranked = [...members].sort(byLoss);
  const count = Math.min(Math.floor(members.length / 2), Math.ceil(share * members.length));
  const best = ranked.slice(0, count).filter(({ loss }) => loss !== null);
  const worst = new Set(ranked.slice(members.length - count).map(({ id }) => id));
  return members.map((member) => {
    const { bracket, id, configuration, loss } = member;
    const stays = { bracket, rung, budget, configuration, parent: id };
    // A member that failed has no state to go on from: it is replaced too.
    if (best.length === 0 || (!worst.has(id) && loss !== null)) return stays;
    const stream = random(seed).fork(rung).fork(bracket);
    const chosen = best[stream.integer(best.length)];
    const next = explored(space, chosen.configuration, { ...generation, stream: stream.fork(1) });
    return { ...stays, configuration: next, parent: chosen.id };
  });
}

/**
 * Trains a population. Its objective must go on from states: a trial with a parent is trained for what its budget exceeds the
 * parent's by.
 *
 * @param options Sizes, and how configurations change.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example The worst of five goes on from the best
 * ```ts
 * import { defineSpace, nextTrials, populationBased } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const space = defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1e-1 } });
 * const method = populationBased({ members: 5, generations: 3 });
 * const past = nextTrials(method, { space, seed: 1, past: [] }).map((trial) => ({ ...trial, loss: trial.id }));
 * const second = nextTrials(method, { space, seed: 1, past });
 * assertEquals(second.map(({ parent, budget }) => [parent, budget]), [[0, 2], [1, 2], [2, 2], [3, 2], [0, 2]]);
 * ```
 */
export function populationBased(options: PopulationOptions): SearchMethod {
  const action = "Cannot train a population";
  requireKnownKeys(action, "options", options, KEYS);
  const { members, generations, budget = 1, share = 0.2, step = 0.2, redraw = 0.25 } = options;
  requireSetting(action, "members", { value: members, min: 2, integer: true });
  requireSetting(action, "generations", { value: generations, min: 1, integer: true });
  requireSetting(action, "budget", { value: budget, min: Number.MIN_VALUE, max: Number.MAX_VALUE });
  requireSetting(action, "share", { value: share, min: 0, max: 0.5 });
  requireSetting(action, "step", { value: step, min: 0, max: 1 });
  requireSetting(action, "redraw", { value: redraw, min: 0, max: 1 });
  return Object.freeze<SearchMethod>({
    kind: "population",
    settings: Object.freeze({ members, generations, budget, share, step, redraw }),
    next({ space, seed, past }) {
      const rung = past.length / members;
      if (rung >= generations) return [];
      if (rung === 0) {
        return Array.from({ length: members }, (_, bracket) => {
          const configuration = drawConfiguration(space, random(seed).fork(0).fork(bracket));
          return { bracket, rung, budget, configuration, parent: null };
        });
      }
      const generation = { space, seed, rung, budget: budget * (rung + 1), share, step, redraw };
      return nextGeneration(past.slice(-members), generation);
    },
  });
}
