/**
 * Settings with a configuration laid over them: a parameter called `meta.lr` is the `lr` of `meta`. It knows no setting by name.
 * @module
 */
import type { Configuration } from "../space.ts";

type Plain = { readonly [name: string]: unknown };

function withPart(settings: Plain, [first, ...rest]: readonly string[], value: unknown): Plain {
  if (rest.length === 0) return { ...settings, [first]: value };
  return { ...settings, [first]: withPart((settings[first] ?? {}) as Plain, rest, value) };
}

/**
 * Lays a configuration over settings.
 *
 * @param settings Any; they stay as they are.
 * @param configuration Values by path.
 */
export function configured<T extends object>(settings: T, configuration: Configuration): T {
  return Object.entries(configuration).reduce<Plain>(
    (now, [path, value]) => withPart(now, path.split("."), value),
    settings as Plain,
  ) as T;
}
