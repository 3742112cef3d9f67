/**
 * Seeded randomness: small generators that give the same numbers on every machine.
 * It refuses to be cryptographic and never reads the clock.
 * @module
 */

/** A seeded stream of random numbers. Drawing advances it. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** Uniform integer in [0, bound). Throws a `RangeError` when `bound` is not a positive integer. */
  integer(bound: number): number;
  /** An independent stream for a named purpose; drawing from it leaves this one where it was. */
  fork(label: number): Random;
}

/** Mixes 32 bits into 32 well-spread bits (the finaliser of MurmurHash3). */
function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Opens a seeded stream (sfc32: Doty-Humphrey, PractRand).
 *
 * @param seed A safe integer.
 * @throws {RangeError} The seed is not a safe integer.
 *
 * @example
 * ```ts
 * import { random } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(random(7).uniform(), random(7).uniform());
 * ```
 */
export function random(seed: number): Random {
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`Cannot seed a random stream: seed must be a safe integer, got ${String(seed)}`);
  }
  const low = seed >>> 0;
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  let a = mix32(low ^ 0x9e3779b9);
  let b = mix32(high ^ 0x243f6a88);
  let c = mix32(low + 0xb7e15162);
  let counter = 1;
  let spare: number | undefined;
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  const uniform = (): number => bits() / 2 ** 32;
  return {
    uniform,
    normal(): number {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    integer(bound: number): number {
      if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
        throw new RangeError(`Cannot draw an integer: bound must be an integer in [1, 2^32], got ${String(bound)}`);
      }
      return Math.floor(uniform() * bound);
    },
    fork: (label: number): Random => random(mix32(low ^ mix32(label)) * 2 ** 21 + (mix32(high + label) >>> 11)),
  };
}
