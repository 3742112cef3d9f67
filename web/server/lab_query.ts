/**
 * What the lab is asked about, checked where it comes in. Loads no engine and no data.
 * @module
 */
import { requireSettings } from "./settings.ts";

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

/**
 * Checks a query from outside.
 *
 * @throws {TypeError} A field is missing or of the wrong type.
 * @throws {FieldError} A field is not known.
 */
export function parseLabQuery(input: unknown): LabQuery {
  const action = "Cannot look at the market";
  const { run, market, time } = requireSettings<LabQuery>(action, input, ["run", "market", "time"]);
  if (typeof run !== "string" || typeof market !== "string" || typeof time !== "number" || !isDate(time)) {
    throw new TypeError(`${action}: expected a run, a market and a time in ms`);
  }
  return { run, market, time };
}

/**
 * Checks a query from outside that also says by how many steps; those are checked where they are made.
 *
 * @throws {TypeError} A field is missing or of the wrong type.
 * @throws {FieldError} A field is not known.
 */
export function parseLabSteps(input: unknown): { readonly query: LabQuery; readonly steps: unknown } {
  const known = ["run", "market", "time", "steps"] as const;
  const { steps, ...query } = requireSettings<LabQuery & { steps: unknown }>("Cannot explain", input, known);
  return { query: parseLabQuery(query), steps };
}
