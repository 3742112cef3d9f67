/**
 * What a search may choose from: named parameters with their ranges, some of which are there only where another has a certain
 * value. Plain data, so that a study keeps it as JSON. It draws nothing.
 * @module
 */
import { describeValue, type KindKeys, requireKindKeys } from "../options.ts";

/** A value of a parameter: JSON without objects. */
export type Setting = string | number | boolean | null | readonly Setting[];

/** Where a parameter is there: each parameter named here, which comes before it, has one of these values. */
export interface Conditional {
  /** Values that others must have, by name (default: it is always there). */
  readonly when?: Readonly<Record<string, readonly Setting[]>>;
}

/** One of some values, which have no order. */
export interface ChoiceParameter extends Conditional {
  /** A choice. */
  readonly kind: "choice";
  /** At least one; no value twice. */
  readonly values: readonly Setting[];
}

/** A number of a range, each as likely as the next. */
export interface UniformParameter extends Conditional {
  /** A number. */
  readonly kind: "uniform";
  /** The least. */
  readonly min: number;
  /** The most. */
  readonly max: number;
}

/** A number of a range, each order of magnitude as likely as the next. */
export interface LogUniformParameter extends Conditional {
  /** A number whose logarithm is drawn evenly. */
  readonly kind: "logUniform";
  /** The least, above 0. */
  readonly min: number;
  /** The most. */
  readonly max: number;
}

/** A whole number of a range, its ends included. */
export interface IntegerParameter extends Conditional {
  /** A whole number. */
  readonly kind: "integer";
  /** The least. */
  readonly min: number;
  /** The most. */
  readonly max: number;
  /** Whether orders of magnitude are drawn evenly (default false). */
  readonly log?: boolean;
}

/** A parameter. */
export type Parameter = ChoiceParameter | UniformParameter | LogUniformParameter | IntegerParameter;

/** Parameters by name. Their order matters: conditions look back. */
export type Space = Readonly<Record<string, Parameter>>;

/** A value for each parameter that is there. */
export type Configuration = Readonly<Record<string, Setting>>;

const KIND_KEYS: KindKeys<Parameter> = {
  choice: { kind: true, values: true, when: true },
  uniform: { kind: true, min: true, max: true, when: true },
  logUniform: { kind: true, min: true, max: true, when: true },
  integer: { kind: true, min: true, max: true, log: true, when: true },
};

const ACTION = "Cannot define a space";

/** Whether two settings are the same value. */
export function sameSetting(a: Setting, b: Setting): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function isSetting(value: unknown): value is Setting {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  return Array.isArray(value) && value.every(isSetting);
}

function requireSettings(name: string, values: unknown): void {
  if (!Array.isArray(values) || values.length === 0) {
    throw new TypeError(
      `${ACTION}: expected ${name} to be an array of at least 1 value, received ${describeValue(values)}`,
    );
  }
  const bad = values.findIndex((value) => !isSetting(value));
  if (bad >= 0) {
    throw new TypeError(
      `${ACTION}: expected ${name}[${bad}] to be JSON without objects, received ${describeValue(values[bad])}`,
    );
  }
  const twice = values.findIndex((value, i) => values.slice(0, i).some((before) => sameSetting(before, value)));
  if (twice >= 0) throw new RangeError(`${ACTION}: ${name} holds ${JSON.stringify(values[twice])} twice`);
}

function requireRange(
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
  from: number,
  whole: boolean,
): void {
  const fits = (value: unknown): boolean => whole ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (fits(min) && fits(max) && min < max && min >= from && Number.isFinite(max - min)) return;
  const least = from > -Infinity ? ` above 0` : "";
  throw new RangeError(
    `${ACTION}: expected ${name} to have ${
      whole ? "whole" : "finite"
    } ends${least}, min below max and a finite distance from it, received ` +
      `${String(min)} and ${String(max)}`,
  );
}

/** Whether a parameter can have a value at all: within its range, or among its values. */
export function fitsParameter(parameter: Parameter, value: Setting | undefined): boolean {
  if (value === undefined) return false;
  if (parameter.kind === "choice") return parameter.values.some((known) => sameSetting(known, value));
  const isInside = typeof value === "number" && value >= parameter.min && value <= parameter.max;
  return isInside && (parameter.kind !== "integer" || Number.isInteger(value));
}

function requireConditions(name: string, parameter: Parameter, before: ReadonlyMap<string, Parameter>): void {
  const { when } = parameter;
  if (when === undefined) return;
  if (typeof when !== "object" || when === null || Array.isArray(when)) {
    throw new TypeError(
      `${ACTION}: expected ${name}.when to be an object of values by name, received ${describeValue(when)}`,
    );
  }
  for (const [other, values] of Object.entries(when)) {
    const found = before.get(other);
    if (!found) {
      throw new RangeError(
        `${ACTION}: expected ${name}.when to name parameters before it (${[...before.keys()].join(", ") || "none"}), ` +
          `received "${other}"`,
      );
    }
    requireSettings(`${name}.when.${other}`, values);
    const bad = values.find((value) => !fitsParameter(found, value));
    if (bad !== undefined) {
      throw new RangeError(`${ACTION}: ${name}.when.${other} holds ${JSON.stringify(bad)}, which ${other} cannot be`);
    }
  }
}

function requireParameter(name: string, parameter: Parameter): void {
  requireKindKeys(ACTION, name, parameter, KIND_KEYS);
  switch (parameter?.kind) {
    case "choice":
      return requireSettings(`${name}.values`, parameter.values);
    case "uniform":
      return requireRange(name, parameter, -Infinity, false);
    case "logUniform":
      return requireRange(name, parameter, Number.MIN_VALUE, false);
    case "integer":
      return requireRange(name, parameter, parameter.log ? 1 : -Infinity, true);
    default:
      throw new TypeError(
        `${ACTION}: expected ${name}.kind to be choice, uniform, logUniform or integer, received ` +
          JSON.stringify((parameter as Parameter | undefined)?.kind),
      );
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

/**
 * Checks a space. It is plain data: `JSON.stringify` keeps it, `defineSpace(JSON.parse(text))` takes it back.
 *
 * @param space Parameters by name, at least one; a name is a word or words with dots between them (`meta.lr`).
 * @returns A frozen copy.
 * @throws {TypeError} A part is missing, misspelt or of another type.
 * @throws {RangeError} A range is empty or no range of its kind, or a condition names what is not before it.
 *
 * @example
 * ```ts
 * import { defineSpace } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const space = defineSpace({
 *   rule: { kind: "choice", values: ["sgd", "momentum"] },
 *   lr: { kind: "logUniform", min: 1e-4, max: 1e-1 },
 *   mu: { kind: "uniform", min: 0, max: 0.99, when: { rule: ["momentum"] } },
 * });
 * assertEquals(defineSpace(JSON.parse(JSON.stringify(space))), space);
 * ```
 */
export function defineSpace(space: Space): Space {
  if (typeof space !== "object" || space === null || Array.isArray(space) || Object.keys(space).length === 0) {
    throw new TypeError(
      `${ACTION}: expected an object of at least 1 parameter by name, received ${describeValue(space)}`,
    );
  }
  const before = new Map<string, Parameter>();
  for (const [name, parameter] of Object.entries(space)) {
    if (!/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/.test(name) || name in Object.prototype) {
      throw new TypeError(
        `${ACTION}: expected names to be words with dots between them that no object has of itself, received "${name}"`,
      );
    }
    requireParameter(name, parameter);
    requireConditions(name, parameter, before);
    before.set(name, parameter);
  }
  return frozen(structuredClone(space));
}

/** Whether a parameter is there, given the values of those before it. */
export function isThere({ when = {} }: Conditional, values: Configuration): boolean {
  return Object.entries(when).every(([other, wanted]) =>
    values[other] !== undefined && wanted.some((value) => sameSetting(value, values[other]))
  );
}

/**
 * Checks that a configuration has a value of its range for each parameter that is there, and no other.
 *
 * @param space From {@linkcode defineSpace}.
 * @param configuration Values by name.
 * @throws {RangeError} One is missing, out of its range, or of a parameter that is not there.
 *
 * @example
 * ```ts
 * import { defineSpace, requireConfiguration } from "@adaptrade/adaptrade/search";
 * import { assertThrows } from "@std/assert";
 *
 * const space = defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1e-1 } });
 * requireConfiguration(space, { lr: 0.01 });
 * assertThrows(() => requireConfiguration(space, { lr: 1 }), RangeError, "lr");
 * ```
 */
export function requireConfiguration(space: Space, configuration: Configuration): void {
  const action = "Cannot try a configuration";
  for (const [name, parameter] of Object.entries(space)) {
    const value = configuration[name];
    if (!isThere(parameter, configuration)) {
      if (value === undefined) continue;
      throw new RangeError(`${action}: ${name} is not there beside the others, received ${JSON.stringify(value)}`);
    }
    if (!fitsParameter(parameter, value)) {
      const { kind } = parameter;
      const range = kind === "choice"
        ? `one of ${parameter.values.map((one) => JSON.stringify(one)).join(", ")}`
        : `${kind === "integer" ? "an integer" : "a number"} from ${parameter.min} to ${parameter.max}`;
      throw new RangeError(`${action}: expected ${name} to be ${range}, received ${JSON.stringify(value)}`);
    }
  }
  const unknown = Object.keys(configuration).find((name) => !Object.hasOwn(space, name));
  if (unknown !== undefined) {
    throw new RangeError(`${action}: expected ${Object.keys(space).join(", ")}, received "${unknown}"`);
  }
}
