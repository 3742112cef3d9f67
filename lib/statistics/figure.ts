/**
 * A statistic that may be undefined: its value, or null and why. No statistic here is ever NaN.
 * @module
 */

/** One statistic. */
export interface Figure {
  /** Its value; null where it is undefined. */
  readonly value: number | null;
  /** Why it is null; null where it is not. */
  readonly reason: string | null;
}

/** A defined figure, or an undefined one when the value is not finite. */
export function figure(value: number, reason = "too large for a number"): Figure {
  return Number.isFinite(value) ? { value, reason: null } : undefinedFigure(reason);
}

/** A figure that does not exist, and why. */
export function undefinedFigure(reason: string): Figure {
  return { value: null, reason };
}
