/**
 * Sets of few sizes. Each size is a program that an engine builds and the host optimises, which costs as much as hundreds of tasks, and
 * histories are of any length: so sets are filled up with rows of weight 0, by their own length alone, which changes no result.
 * @module
 */
import { filledTo, takesFilling } from "../engine/filled_rows.ts";
import type { Samples } from "../engine/problem.ts";
import { resolveConfig } from "../meta/resolve.ts";
import type { MetaState } from "../meta/state.ts";

/** Rows up to which sets are doubled: what rows in vain cost there is less than what a program costs. */
const SMALL = { least: 8, most: 32 };

/** The next of 8, 16, 32, 48, 64, 96, 128, 192, ... rows, at most `most`. */
export function evenRows(rows: number, most: number): number {
  const power = Math.max(SMALL.least, 2 ** Math.ceil(Math.log2(rows)));
  const between = 0.75 * power;
  return Math.min(most, power > SMALL.most && rows <= between ? between : power);
}

/** Fills sets up to so many rows, where what adapts on them takes that. */
export function fillerOf({ config }: Pick<MetaState, "config">): (set: Samples, rows: number) => Samples {
  return takesFilling(resolveConfig(config).inner) ? filledTo : (set) => set;
}
