/**
 * What a method will ask for next whatever the trials that still run come to: workers that would wait for the end of a round can
 * begin it. It decides nothing: a round is decided when the one before it has ended, and what was begun in vain is dropped.
 * @module
 */
import { type FinishedTrial, nextTrials, type SearchMethod, type SearchSoFar, type Trial } from "./search_method.ts";

/** A round of which some trials still run. */
export interface OpenRound extends SearchSoFar {
  /** The trials of the round, by id. */
  readonly round: readonly Trial[];
  /** Those that have ended, by id. */
  readonly ended: ReadonlyMap<number, FinishedTrial>;
}

/**
 * Trials of the next round that the method asks for both where all that still runs comes to the best and where it comes to the
 * worst, and that go on from nothing that still runs. A trial that fails yet may shift their numbers. None where the method throws
 * at such losses.
 */
export function settledTrials(method: SearchMethod, search: OpenRound): readonly Trial[] {
  const { space, seed, past, round, ended } = search;
  const asked = (loss: number): readonly Trial[] =>
    nextTrials(method, { space, seed, past: [...past, ...round.map((one) => ended.get(one.id) ?? { ...one, loss })] });
  let best: readonly Trial[];
  let worst: readonly Trial[];
  try {
    [best, worst] = [-Number.MAX_VALUE, Number.MAX_VALUE].map(asked);
  } catch {
    // A method of one's own need not take losses that were never found: then nothing is begun.
    return [];
  }
  const runs = new Set(round.filter(({ id }) => !ended.has(id)).map(({ id }) => id));
  return best.filter((trial, i) =>
    !(trial.parent !== null && runs.has(trial.parent)) && worst[i] !== undefined && sameTrial(trial, worst[i])
  );
}

/** Whether two trials are one: all that its job is made of. */
export function sameTrial(a: Trial, b: Trial): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
