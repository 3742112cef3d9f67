/**
 * Checks of single settings of a config; every message names the setting, what it must be and what came.
 * @module
 */

/** Throws a `RangeError`. */
export function fail(what: string, wanted: string, got: unknown): never {
  throw new RangeError(
    `Cannot use the config: ${what} must be ${wanted}, got ${typeof got === "string" ? `"${got}"` : String(got)}`,
  );
}

/** Most steps of an inner loop: each is a stretch of the program that runs it. */
export const MOST_STEPS = 100_000;

/** Requires a number of inner steps. */
export function innerSteps(value: number): number {
  const steps = integer("inner.steps", value, 0);
  return steps <= MOST_STEPS ? steps : fail("inner.steps", `at most ${MOST_STEPS}`, steps);
}

/** Requires a finite number within a range. */
export function number(what: string, value: number, range: { min?: number; above?: number; below?: number }): number {
  const { min = -Infinity, above = -Infinity, below = Infinity } = range;
  if (typeof value !== "number" || !Number.isFinite(value) || value < min || value <= above || value >= below) {
    const parts = [
      min > -Infinity && `at least ${min}`,
      above > -Infinity && `above ${above}`,
      below < Infinity && `below ${below}`,
    ].filter(Boolean);
    fail(what, `a finite number ${parts.join(" and ")}`.trimEnd(), value);
  }
  return value;
}

/** Requires a whole number of at least `min`. */
export function integer(what: string, value: number, min: number): number {
  if (!Number.isInteger(value) || value < min) fail(what, `an integer of at least ${min}`, value);
  return value;
}

/** Requires one of some names. */
export function oneOf<T extends string>(what: string, value: T, names: readonly T[]): T {
  if (!names.includes(value)) fail(what, `one of ${names.join(", ")}`, value);
  return value;
}
