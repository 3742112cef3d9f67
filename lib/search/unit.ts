/**
 * Parameters on the unit interval: a draw, a value as a position, a position as a value. Positions are even in what the
 * parameter is even in (logarithms of a `logUniform`), so that one density and one step length serve all kinds.
 * @module
 */
import type { Random } from "../net/random.ts";
import { type Configuration, isThere, type Parameter, sameSetting, type Setting, type Space } from "./space.ts";

/** Ends of a parameter in what it is even in; a whole number owns the interval up to the next. */
function ends(parameter: Exclude<Parameter, { kind: "choice" }>): { low: number; high: number; log: boolean } {
  const isInteger = parameter.kind === "integer";
  const log = isInteger ? parameter.log === true : parameter.kind === "logUniform";
  const [low, high] = [parameter.min, isInteger ? parameter.max + 1 : parameter.max];
  return log ? { low: Math.log(low), high: Math.log(high), log } : { low, high, log };
}

/**
 * The value at a position.
 *
 * @param parameter The parameter.
 * @param position Within [0, 1].
 */
export function valueAt(parameter: Parameter, position: number): Setting {
  if (parameter.kind === "choice") {
    const { values } = parameter;
    return values[Math.min(values.length - 1, Math.floor(position * values.length))];
  }
  const { low, high, log } = ends(parameter);
  const even = low + position * (high - low);
  const value = log ? Math.exp(even) : even;
  const whole = parameter.kind === "integer" ? Math.floor(value) : value;
  return Math.min(parameter.max, Math.max(parameter.min, whole));
}

/**
 * The position of a value: the middle of the interval that {@linkcode valueAt} gives it for.
 *
 * @param parameter The parameter.
 * @param value One of its values.
 */
export function positionOf(parameter: Parameter, value: Setting): number {
  if (parameter.kind === "choice") {
    return (parameter.values.findIndex((known) => sameSetting(known, value)) + 0.5) / parameter.values.length;
  }
  const { low, high, log } = ends(parameter);
  const even = (raw: number): number => log ? Math.log(raw) : raw;
  const at = (raw: number): number => Math.min(1, Math.max(0, (even(raw) - low) / (high - low)));
  const number = value as number;
  return parameter.kind === "integer" ? (at(number) + at(number + 1)) / 2 : at(number);
}

/**
 * The configuration at positions.
 *
 * @param space The space.
 * @param positions Of every parameter, there or not, within [0, 1], `[parameters]`.
 */
export function configurationAt(space: Space, positions: readonly number[]): Configuration {
  const values: Record<string, Setting> = {};
  Object.entries(space).forEach(([name, parameter], i) => {
    if (isThere(parameter, values)) values[name] = valueAt(parameter, positions[i]);
  });
  return Object.freeze(values);
}

/**
 * Draws a configuration, each parameter from a stream of its own: one that is not there takes no number from the others.
 *
 * @param space From `defineSpace`.
 * @param stream Where from; it is not advanced.
 * @returns A value for each parameter that is there, frozen.
 *
 * @example
 * ```ts
 * import { random } from "@adaptrade/adaptrade";
 * import { defineSpace, drawConfiguration } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const space = defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1e-1 }, depth: { kind: "integer", min: 1, max: 3 } });
 * assertEquals(drawConfiguration(space, random(7)), drawConfiguration(space, random(7)));
 * ```
 */
export function drawConfiguration(space: Space, stream: Random): Configuration {
  return configurationAt(space, Object.keys(space).map((_, i) => stream.fork(i).uniform()));
}
