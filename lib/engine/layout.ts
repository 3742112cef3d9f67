/**
 * Index arithmetic that every engine shares: how rates and learnables lie in their flat arrays, and row coefficients.
 * @module
 */
import type { Mlp } from "../net/mlp.ts";
import type { LearnMask, RateShape, Samples } from "./problem.ts";

/** Rates in one row of logLr: 1, layers or parameters. */
export function ratesPerRow(net: Mlp, rate: RateShape): number {
  return rate.per === "scalar" ? 1 : rate.per === "layer" ? net.layers.length : net.parameterCount;
}

/** Length of logLr for an inner loop of `steps` steps. At least one row, so that 0 steps still have a rate. */
export function rateCount(net: Mlp, rate: RateShape, steps: number): number {
  return ratesPerRow(net, rate) * (rate.perStep ? Math.max(1, steps) : 1);
}

/** Row of logLr that step k uses; steps beyond the last row use the last. */
export function rateRow(net: Mlp, rate: RateShape, k: number, logLrLength: number): number {
  return rate.perStep ? Math.min(k, logLrLength / ratesPerRow(net, rate) - 1) : 0;
}

/** Where each learnable lies in `[params | logLr | phi | weightDecay]`, and whether it is learned. */
export function learnables(
  parameterCount: number,
  rates: number,
  learn: LearnMask,
): readonly { readonly start: number; readonly end: number; readonly learned: boolean }[] {
  const phi = parameterCount + rates;
  return [
    { start: 0, end: parameterCount, learned: learn.params },
    { start: parameterCount, end: phi, learned: learn.lr },
    { start: phi, end: phi + 3, learned: learn.loss },
    { start: phi + 3, end: phi + 4, learned: learn.weightDecay },
  ];
}

/** Index of the first parameter that the inner loop moves: 0, or the last layer's first for head-only adaptation. */
export function firstAdapted(net: Mlp, headOnly: boolean): number {
  return headOnly ? net.layers[net.layers.length - 1].weights : 0;
}

/** c_i = w_i / (outputs · Σ w), in float64: the factor of row i's per-output losses in L. `[rows]` */
export function rowCoefficients(samples: Samples, outputs: number): Float64Array {
  const { rows, weights } = samples;
  const coefficients = new Float64Array(rows);
  let total = 0;
  for (let i = 0; i < rows; i++) total += weights ? weights[i] : 1;
  for (let i = 0; i < rows; i++) coefficients[i] = (weights ? weights[i] : 1) / (outputs * total);
  return coefficients;
}
