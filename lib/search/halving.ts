/**
 * Brackets of rungs: many configurations at a small budget, of which each rung keeps the best share and gives more. All of a
 * rung is there before the next is decided. How configurations are drawn is the caller's.
 * @module
 */
import { type Random, random } from "../net/random.ts";
import type { Configuration } from "./space.ts";
import { byLoss, type FinishedTrial, type SearchSoFar, type TrialWish } from "./search_method.ts";
import { groupBy } from "../group_by.ts";

/** A rung: how many trials, and what each is given in all. */
export interface Rung {
  /** Trials. */
  readonly trials: number;
  /** Budget. */
  readonly budget: number;
}

/** Sizes of a search by halving. */
export interface HalvingSizes {
  /** Most that a trial is given. */
  readonly maxBudget: number;
  /** Least that a trial is given. */
  readonly minBudget: number;
  /** Of so many trials one goes on, with so many times the budget. */
  readonly eta: number;
}

/** s_max = ⌊log_η(R / r)⌋, by products: logarithms of whole powers miss their whole numbers. */
function rungsAbove({ maxBudget, minBudget, eta }: HalvingSizes): number {
  let rungs = 0;
  while (minBudget * eta ** (rungs + 1) <= maxBudget * (1 + 1e-9)) rungs++;
  return rungs;
}

/** A bracket: `trials` at `maxBudget / η^s` first, then of each rung ⌊n / η⌋ with η times as much. */
export function bracketOf(trials: number, s: number, { maxBudget, eta }: HalvingSizes): readonly Rung[] {
  return Array.from({ length: s + 1 }, (_, i) => ({
    trials: Math.floor(trials / eta ** i * (1 + 1e-9)),
    budget: maxBudget / eta ** (s - i),
  })).filter((rung) => rung.trials > 0);
}

/**
 * Hyperband's brackets (Li et al. 2018, algorithm 1): s from s_max = ⌊log_η R⌋ down to 0, the first rung of each holding
 * ⌈(s_max + 1) η^s / (s + 1)⌉ trials at R η^−s.
 */
export function hyperbandBrackets(sizes: HalvingSizes): readonly (readonly Rung[])[] {
  const most = rungsAbove(sizes);
  return Array.from({ length: most + 1 }, (_, b) => {
    const s = most - b;
    return bracketOf(Math.ceil((most + 1) * sizes.eta ** s / (s + 1) * (1 - 1e-9)), s, sizes);
  });
}

/** One bracket from the least budget on. */
export function halvingBracket(trials: number, sizes: HalvingSizes): readonly Rung[] {
  return bracketOf(trials, rungsAbove(sizes), sizes);
}

/** Draws a configuration for a bracket's first rung. */
export type DrawConfiguration = (stream: Random) => Configuration;

/** What {@linkcode nextRungs} runs. */
export interface HalvingPlan {
  /** Rungs by bracket. */
  readonly brackets: readonly (readonly Rung[])[];
  /** Rounds from one bracket's first rung to the next one's: 0 begins all at once. */
  readonly stagger: number;
  /** Readies draws from all trials so far. */
  readonly drawer: (search: SearchSoFar) => DrawConfiguration;
}

/** The trials that a rung takes on: the best of the one before, failures never. */
function promoted(rung: readonly FinishedTrial[], count: number): readonly FinishedTrial[] {
  return rung.filter(({ loss }) => loss !== null).sort(byLoss).slice(0, count).sort((a, b) => a.id - b.id);
}

/**
 * The rungs that are due: bracket b's rung k in round b · stagger + k. Those with the largest budgets come first, so that
 * workers end together.
 */
export function nextRungs(search: SearchSoFar, { brackets, stagger, drawer }: HalvingPlan): readonly TrialWish[] {
  const { past, seed } = search;
  const byRung = groupBy(past, ({ bracket, rung }) => `${bracket} ${rung}`);
  const last = Math.max(...brackets.map((rungs, bracket) => bracket * stagger + rungs.length - 1));
  const draw = drawer(search);
  // A round in which nothing is left to promote has no trials; the one after it is due then.
  let due = past.reduce((most, { bracket, rung }) => Math.max(most, bracket * stagger + rung), -1);
  while (++due <= last) {
    const wishes = brackets.flatMap((rungs, bracket): TrialWish[] => {
      const rung = due - bracket * stagger;
      if (rung < 0 || rung >= rungs.length) return [];
      const { trials, budget } = rungs[rung];
      if (rung > 0) {
        return promoted(byRung.get(`${bracket} ${rung - 1}`) ?? [], trials)
          .map(({ id, configuration }) => ({ bracket, rung, budget, configuration, parent: id }));
      }
      return Array.from({ length: trials }, (_, i) => {
        const configuration = draw(random(seed).fork(bracket).fork(i));
        return { bracket, rung, budget, configuration, parent: null };
      });
    });
    if (wishes.length > 0) return wishes.sort((a, b) => b.budget - a.budget);
  }
  return [];
}
