/**
 * A promise beside what settles it: `Promise.withResolvers`, which Node 20 lacks.
 * @module
 */

/** A promise, and what settles it. */
export interface Promised<T> {
  /** The promise. */
  readonly promise: Promise<T>;
  /** Fulfils it. */
  readonly resolve: (value: T) => void;
  /** Rejects it. */
  readonly reject: (reason: unknown) => void;
}

/** Makes one. */
export function promised<T>(): Promised<T> {
  let settle!: Omit<Promised<T>, "promise">;
  const promise = new Promise<T>((resolve, reject) => settle = { resolve, reject });
  return { promise, ...settle };
}
