/**
 * Settings with a configuration laid over them: a parameter called `meta.lr` is the `lr` of `meta`. It knows no setting by name.
 * @module
 */
import type { Configuration } from "./space.ts";

type Plain = { readonly [name: string]: unknown };

function withPart(settings: Plain, [first, ...rest]: readonly string[], value: unknown): Plain {
  if (rest.length === 0) return { ...settings, [first]: value };
  return { ...settings, [first]: withPart((settings[first] ?? {}) as Plain, rest, value) };
}

/**
 * Lays a configuration over settings: what a built-in objective trains with, and how to train once more with what was found.
 *
 * @param settings Any; they stay as they are.
 * @param configuration Values by name; dots in a name lead into objects.
 * @returns A copy with these values in it.
 *
 * @example
 * ```ts
 * import { applyConfiguration } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const settings = { seeds: 3, meta: { lr: 0.001, steps: 600 } };
 * assertEquals(applyConfiguration(settings, { "meta.lr": 0.002 }), { seeds: 3, meta: { lr: 0.002, steps: 600 } });
 * ```
 */
export function applyConfiguration<T extends object>(settings: T, configuration: Configuration): T {
  return Object.entries(configuration).reduce<Plain>(
    (now, [path, value]) => withPart(now, path.split("."), value),
    settings as Plain,
  ) as T;
}
