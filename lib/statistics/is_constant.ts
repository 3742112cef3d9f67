/**
 * Whether a series varies at all. A constant one that is not 0 has a mean that is rounded, and would seem to deviate from it.
 * @module
 */

/** True when all values are the same number. */
export function isConstant(values: Float64Array): boolean {
  return values.every((value) => value === values[0]);
}
