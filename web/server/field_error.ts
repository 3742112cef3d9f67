/**
 * The refusal of one setting: says the field by the label that people see, and carries its code name, so that a form can show
 * it there.
 * @module
 */
import type { FieldWords } from "../components/form_fields.ts";

/** A setting that cannot be taken. */
export class FieldError extends RangeError {
  /** The class name, for logs. */
  override readonly name = "FieldError";
  /** Code name of the field. */
  readonly field: string;

  /** Makes the error of a field. */
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** What a number may be. */
export type FieldRange = readonly [least: number, most: number, whole: boolean];

/**
 * Checks a number of a form.
 *
 * @param action What cannot be done without, such as "Cannot start a run".
 * @throws {FieldError} It is no number of its range; said in the units that people type.
 */
export function requireNumber(
  action: string,
  value: unknown,
  { field, words: { label, scale }, range: [least, most, whole] }: {
    readonly field: string;
    readonly words: FieldWords;
    readonly range: FieldRange;
  },
): void {
  const right = typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value));
  if (right) return;
  const typed = (number: number) => Number((number * scale).toPrecision(12));
  const kind = whole ? "whole number" : "number";
  throw new FieldError(
    field,
    `${action}: expected “${label}” to be a ${kind} from ${typed(least)} to ${typed(most)}, received ${
      typeof value === "number" ? typed(value) : inWords(value)
    }`,
  );
}

/**
 * Checks a choice of a form.
 *
 * @throws {FieldError} It is none of those allowed.
 */
export function requireChoice(
  action: string,
  value: unknown,
  { field, label, allowed }: { readonly field: string; readonly label: string; readonly allowed: readonly string[] },
): void {
  if (allowed.includes(value as string)) return;
  throw new FieldError(
    field,
    `${action}: expected “${label}” to be one of ${allowed.join(", ")}, received ${inWords(value)}`,
  );
}

/** An emptied field arrives as null. */
function inWords(value: unknown): string {
  return value === null || value === undefined || value === "" ? "nothing" : JSON.stringify(value);
}
