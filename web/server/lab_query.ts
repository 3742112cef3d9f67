/**
 * What the lab is asked about, checked where it comes in. Loads no engine and no data.
 * @module
 */

/** Most inner steps of the slider. */
export const MOST_STEPS = 20;

/** Where the lab looks. */
export interface LabQuery {
  /** The run, or "" for a start that was never trained. */
  readonly run: string;
  /** Id of the market. */
  readonly market: string;
  /** When, ms UTC. */
  readonly time: number;
}

/** Whether a number of ms is one that a `Date` takes. */
export function isDate(time: number): boolean {
  return !Number.isNaN(new Date(time).getTime());
}

/** Checks a query from outside. @throws {TypeError} A field is missing or of the wrong type. */
export function parseLabQuery(input: unknown): LabQuery {
  const { run, market, time } = (input ?? {}) as Partial<LabQuery>;
  if (typeof run !== "string" || typeof market !== "string" || typeof time !== "number" || !isDate(time)) {
    throw new TypeError("Cannot look at the market: expected a run, a market and a time in ms");
  }
  return { run, market, time };
}
