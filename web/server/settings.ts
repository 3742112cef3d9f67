/**
 * Settings as they come in, and as they were kept: an object of known names alone. What comes in and is not known is refused by its
 * name, for a misspelt setting would otherwise be a default unsaid; what another version kept beside is left out. Values are
 * checked by who reads them.
 * @module
 */
import { FieldError } from "./field_error.ts";

/** The names of settings. */
export type SettingNames<T> = readonly (keyof T & string)[];

/**
 * Checks that what comes in is an object of known names alone.
 *
 * @param action What cannot be done without, such as "Cannot start a run".
 * @param input What came in; it is not changed.
 * @param known Every name that it may hold.
 * @returns The input; its values are of any type.
 * @throws {TypeError} It is no object.
 * @throws {FieldError} It holds a name that is not known: said with those that are.
 */
export function requireSettings<T>(
  action: string,
  input: unknown,
  known: SettingNames<T>,
): { readonly [K in keyof T]?: unknown } {
  if (!isObject(input)) throw new TypeError(`${action}: expected an object of settings`);
  const stranger = Object.keys(input).find((name) => !known.includes(name as keyof T & string));
  if (stranger === undefined) return input as { readonly [K in keyof T]?: unknown };
  throw new FieldError(
    stranger,
    `${action}: expected ${known.length === 1 ? "the setting" : "settings among"} ${known.join(", ")}, ` +
      `received ${JSON.stringify(stranger)}`,
  );
}

/** Of settings that were kept, those that are known; none of what is no object. */
export function knownSettings<T>(kept: unknown, known: SettingNames<T>): Partial<T> {
  if (!isObject(kept)) return {};
  return Object.fromEntries(known.filter((name) => Object.hasOwn(kept, name)).map((name) => [name, kept[name]])) as
    & Partial<T>
    & Record<string, unknown>;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
