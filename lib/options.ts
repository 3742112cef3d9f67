/**
 * Checks the keys of options objects: a misspelt one is an error that names the nearest known one, never a default unsaid.
 * It looks at names alone; values are checked where they are read. Every folder of `lib/` may import it.
 * @module
 */

/** Every key of the options type `T`: the compiler refuses a list that lacks one or makes one up. */
export type OptionKeys<T> = { readonly [K in keyof Required<T>]: true };

/** The same for a union told apart by `kind`: one list a kind. */
export type KindKeys<T extends { readonly kind: string }> = {
  readonly [K in T["kind"]]: OptionKeys<Extract<T, { readonly kind: K }>>;
};

/** What a message calls a value that is not what was expected: its class, or its type. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") {
    return value.constructor === Object ? "an object" : value.constructor?.name ?? "object";
  }
  return typeof value;
}

/** Whether an object lists all that it is: a literal or an array, and no object of a class, whose functions lie elsewhere. */
export function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other, without regard to case. */
function editDistance(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()];
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}

/** The known key nearest to a word: one edit away, else one that holds it or is held by it (`fee`: `takerFee`), else by edits. */
function nearestKey(word: string, known: readonly string[]): string {
  const holds = (a: string, b: string): boolean => b.length >= 3 && a.toLowerCase().includes(b.toLowerCase());
  const distance = (key: string): number =>
    Math.min(editDistance(word, key), holds(key, word) || holds(word, key) ? 1.5 : Infinity);
  return known.reduce((best, key) => distance(key) < distance(best) ? key : best);
}

/**
 * Requires an options object to hold known keys alone.
 *
 * @param action What fails otherwise, as the message begins: `Cannot train`.
 * @param name The argument's name: `options`, `outer`.
 * @param options The object; undefined passes.
 * @param keys Every key that it may hold.
 * @throws {TypeError} It is no plain object, holds an unknown key (the message names the nearest known one), or as `signal` what is
 * no AbortSignal, such as its controller.
 *
 * @example
 * ```ts
 * import { assertThrows } from "@std/assert";
 * import { requireKnownKeys } from "./options.ts";
 *
 * const keys = { lr: true, clipNorm: true } as const;
 * requireKnownKeys("Cannot train", "outer", { lr: 0.1 }, keys);
 * assertThrows(
 *   () => requireKnownKeys("Cannot train", "outer", JSON.parse(`{ "clipNrom": 1 }`), keys),
 *   TypeError,
 *   'Cannot train: expected outer to hold lr, clipNorm, received "clipNrom"; did you mean "clipNorm"?',
 * );
 * ```
 */
export function requireKnownKeys<T extends object>(
  action: string,
  name: string,
  options: T | undefined,
  keys: NoInfer<OptionKeys<T>>,
): void {
  if (options === undefined) return;
  const known = Object.keys(keys);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const wanted = known.length > 0 ? ` { ${known.join(", ")} }` : "";
    throw new TypeError(`${action}: expected ${name} to be an object${wanted}, received ${describeValue(options)}`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (key === "signal" && value !== undefined && typeof value?.throwIfAborted !== "function") {
      throw new TypeError(`${action}: expected signal to be an AbortSignal, received ${describeValue(value)}`);
    }
    if (Object.hasOwn(keys, key)) continue;
    throw new TypeError(
      `${action}: expected ${name} to hold ${known.join(", ")}, received "${key}"; ` +
        `did you mean "${nearestKey(key, known)}"?`,
    );
  }
}

/**
 * {@linkcode requireKnownKeys} for an object whose `kind` says what it may hold. An unknown kind passes: whoever reads the
 * kind refuses it.
 *
 * @param action What fails otherwise.
 * @param name The argument's name.
 * @param options The object; undefined passes.
 * @param kinds Every key, by kind.
 * @throws {TypeError} It is no plain object, or holds a key that its kind does not have.
 */
export function requireKindKeys<T extends { readonly kind: string }>(
  action: string,
  name: string,
  options: T | undefined,
  kinds: NoInfer<KindKeys<T>>,
): void {
  const kind = options?.kind as T["kind"];
  const isKnown = typeof kind === "string" && Object.hasOwn(kinds, kind);
  if (isKnown) requireKnownKeys(action, `${name} (${kind})`, options, kinds[kind] as OptionKeys<T>);
  else if (options !== undefined && (typeof options !== "object" || options === null)) {
    throw new TypeError(`${action}: expected ${name} to be an object { kind }, received ${describeValue(options)}`);
  }
}

/**
 * The part of an options object that another function takes: for handing wide options on to one that refuses unknown keys.
 *
 * @param options Options of any kind; they are not changed.
 * @param keys Every key that the other function takes.
 * @returns A new object with those keys of `options` that are among them.
 */
export function pickKeys<K extends string, T extends { readonly [P in K]?: unknown }>(
  options: T,
  keys: { readonly [P in K]: true },
): Pick<T, K> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(keys, key))) as Pick<T, K>;
}
