/**
 * The checks that settings of methods share. They throw a `RangeError` that names the setting and what came.
 * @module
 */

/** Requires a number of a range. */
export function requireSetting(
  action: string,
  name: string,
  given: { readonly value: number; readonly min: number; readonly max?: number; readonly integer?: boolean },
): void {
  const { value, min, max = Infinity, integer = false } = given;
  if (typeof value === "number" && value >= min && value <= max && (!integer || Number.isInteger(value))) return;
  const upper = max < Infinity ? ` and at most ${max}` : "";
  throw new RangeError(
    `${action}: expected ${name} to be ${integer ? "an integer" : "a number"} of at least ${min}${upper}, ` +
      `received ${String(value)}`,
  );
}
