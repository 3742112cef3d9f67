/**
 * How learning rates lie in their flat array, and which parameters adapt.
 * @module
 */
import type { Model } from "../model/model.ts";
import type { RateShape } from "./problem.ts";

type Shaped = Pick<Model, "groups" | "parameterCount">;

/** Rates in one row of logLr: 1, layers or parameters. */
export function ratesPerRow(net: Shaped, rate: RateShape): number {
  return rate.per === "scalar" ? 1 : rate.per === "layer" ? net.groups.length : net.parameterCount;
}

/** Length of logLr for an inner loop of `steps` steps. At least one row, so that 0 steps still have a rate. */
export function rateCount(net: Shaped, rate: RateShape, steps: number): number {
  return ratesPerRow(net, rate) * (rate.perStep ? Math.max(1, steps) : 1);
}

/** Row of logLr that step k uses; steps beyond the last row use the last. */
export function rateRow(net: Shaped, rate: RateShape, k: number, logLrLength: number): number {
  return rate.perStep ? Math.min(k, logLrLength / ratesPerRow(net, rate) - 1) : 0;
}

/** Index of the first parameter that the inner loop moves: 0, or the last group's first for head-only adaptation. */
export function firstAdapted(net: Pick<Model, "groups">, headOnly: boolean): number {
  return headOnly ? net.groups[net.groups.length - 1].start : 0;
}
