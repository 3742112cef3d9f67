/**
 * What φ of the learned loss means: what the loss multiplies each of its parts by. Twin of `learned` in `lib/loss/pointwise.ts`.
 * @module
 */

/** Names of the parts, in their order. */
export const LOSS_PARTS: readonly string[] = ["direction", "magnitude", "tilt"];

/**
 * Weight of a wrong direction (softplus φ₀), of the squared error (softplus φ₁), and how much more a forecast that is too low
 * weighs than one that is too high (tanh φ₂, −1 to 1).
 */
export function lossWeights(phi: readonly number[]): number[] {
  return [softplus(phi[0]), softplus(phi[1]), Math.tanh(phi[2])];
}

function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}
