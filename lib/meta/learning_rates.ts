/**
 * The learned rates in readable form.
 * @module
 */
import { rateRow, ratesPerRow } from "../method/rates.ts";
import { resolveConfig } from "./resolve.ts";
import type { MetaState } from "./state.ts";

/** The inner learning rates of one layer at one inner step. */
export interface LayerRate {
  /** Layer, 0 is the first. */
  readonly layer: number;
  /** Inner step, 0 is the first; rates not learned per step are listed once, at step 0. */
  readonly step: number;
  /** Mean α over the layer's parameters. */
  readonly mean: number;
  /** Smallest α. */
  readonly min: number;
  /** Largest α. */
  readonly max: number;
}

/**
 * The inner learning rates α = exp(logLr), by layer and step; zero where head-only adaptation leaves a layer alone, none where the rule reads no rate.
 *
 * @example
 * ```ts
 * import { learningRates, metaInit, metaSgd, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const state = metaInit(metaSgd({ net: mlp({ inputs: 1, hidden: [4], outputs: 1 }), inner: { steps: 5, lr: 0.05 } }));
 * assertEquals(learningRates(state).map(({ mean }) => mean.toFixed(3)), ["0.050", "0.050"]);
 * ```
 */
export function learningRates(state: MetaState): readonly LayerRate[] {
  const { inner } = resolveConfig(state.config);
  const { net, rate } = inner;
  if (state.logLr.length === 0) return Object.freeze([]);
  const width = ratesPerRow(net, rate);
  const rows = state.logLr.length / width;
  const result: LayerRate[] = [];
  for (let step = 0; step < rows; step++) {
    const base = rateRow(net, rate, step, state.logLr.length) * width;
    net.groups.forEach(({ start, end }, layer) => {
      const [from, to] = rate.per === "scalar" ? [0, 1] : rate.per === "layer" ? [layer, layer + 1] : [start, end];
      const still = inner.headOnly && layer < net.groups.length - 1;
      const rates = Array.from(state.logLr.subarray(base + from, base + to), (value) => still ? 0 : Math.exp(value));
      let [sum, min, max] = [0, Infinity, -Infinity];
      for (const value of rates) {
        sum += value;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
      result.push(Object.freeze({ layer, step, mean: sum / rates.length, min, max }));
    });
  }
  return Object.freeze(result);
}
