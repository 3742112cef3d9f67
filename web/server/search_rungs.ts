/**
 * The rungs of a search: how many began each, how many ended and failed, which went on. It reads no files.
 * @module
 */
import type { TrialRow } from "@adaptrade/adaptrade/search";

/** A rung of a bracket, or a generation of a population. */
export interface Rung {
  /** Its bracket; null for a generation, which is of all members. */
  readonly bracket: number | null;
  /** Its place in the bracket, from 0. */
  readonly rung: number;
  /** What its trials are given in all. */
  readonly budget: number;
  /** Trials decided. */
  readonly decided: number;
  /** Trials that ended, failures included. */
  readonly finished: number;
  /** Trials that failed. */
  readonly failed: number;
  /** Least loss; null before the first. */
  readonly best: number | null;
  /** Trials that others go on from. */
  readonly promoted: number;
}

/** What of a trial its rung is told by. */
type RungTrial = Pick<TrialRow, "id" | "bracket" | "rung" | "budget" | "loss" | "endedAt" | "parent">;

/** The rungs by bracket, then by rung; `byBracket: false` puts together what differs in its bracket alone. */
export function rungsOf(trials: readonly RungTrial[], { byBracket }: { readonly byBracket: boolean }): Rung[] {
  const parents = new Set(trials.map(({ parent }) => parent));
  const groups = Map.groupBy(trials, ({ bracket, rung }) => byBracket ? `${bracket} ${rung}` : `${rung}`);
  const rungs = [...groups.values()].map((group): Rung => {
    const losses = group.map(({ loss }) => loss).filter((loss) => loss !== null);
    const finished = group.filter(({ endedAt }) => endedAt !== null);
    return {
      bracket: byBracket ? group[0].bracket : null,
      rung: group[0].rung,
      budget: Math.max(...group.map(({ budget }) => budget)),
      decided: group.length,
      finished: finished.length,
      failed: finished.length - losses.length,
      best: losses.length === 0 ? null : Math.min(...losses),
      promoted: group.filter(({ id }) => parents.has(id)).length,
    };
  });
  return rungs.sort((a, b) => (a.bracket ?? 0) - (b.bracket ?? 0) || a.rung - b.rung);
}
