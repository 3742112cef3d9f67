/**
 * Names of the activation functions, which `lib/program/derived.ts` and its primitives define, and two of them as numbers.
 * @module
 */

/** Name of a hidden-layer activation. `gelu` is the tanh form (Hendrycks & Gimpel 2016, eq. 2). */
export type Activation = "relu" | "tanh" | "gelu" | "silu" | "softplus" | "sigmoid" | "identity";

/** Every activation. */
export const ACTIVATIONS: readonly Activation[] = [
  "relu",
  "tanh",
  "gelu",
  "silu",
  "softplus",
  "sigmoid",
  "identity",
];

/** The logistic function 1 / (1 + e⁻ᶻ), without overflow. */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const e = Math.exp(z);
  return e / (1 + e);
}

/** log(1 + eᶻ), without overflow. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}
