/**
 * Losses whose outputs describe a distribution: classes, quantiles, a normal one.
 * @module
 */
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import type { LossConfig } from "./config.ts";
import { type Loss, weighedOutputs } from "./loss.ts";

/** Added to a probability before its logarithm. */
const LEAST_PROBABILITY = 1e-9;

/** −Σ y·log(ŷ + 1e-9) of outputs that are probabilities themselves. */
export const LIKELIHOOD: Extract<LossConfig, { readonly kind: "custom" }> = Object.freeze({
  kind: "custom",
  name: "likelihood",
  row: (g: Graph, predicted: Value, target: Value) =>
    g.neg(g.sum(g.mul(target, g.log(g.add(predicted, LEAST_PROBABILITY))), 1)),
});

/** −Σ y·log softmax(ŷ) over classes. */
export function crossEntropy(): Loss {
  return {
    phi: [],
    targets: (outputs) => outputs,
    row: (g, { predicted, target }) => {
      const logits = g.sub(predicted, g.logSumExp(predicted, 1, { keep: true }));
      return g.neg(g.sum(g.mul(target, logits), 1));
    },
    point: (outputs) => [outputs.indexOf(Math.max(...outputs))],
    smooth(outputs, which) {
      const largest = Math.max(...Array.from(outputs));
      const powers = Array.from(outputs, (logit) => Math.exp(logit - largest));
      const total = powers.reduce((sum, power) => sum + power, 0);
      const value = powers[which] / total;
      return { value, slopes: powers.map((power, k) => value * ((k === which ? 1 : 0) - power / total)) };
    },
  };
}

/** Mean over targets and levels of τe + s·softplus(−e/s), e = y − ŷ (smooth pinball: Koenker & Bassett 1978, smoothed). */
export function quantile(levels: readonly number[], smooth: number): Loss {
  const count = levels.length;
  const median = medianWeights(levels);
  return {
    phi: [],
    targets: (outputs) => outputs % count === 0 ? outputs / count : undefined,
    row(g, { predicted, target }) {
      const [rows, targets] = target.shape;
      const e = g.sub(g.reshape(target, [rows, targets, 1]), g.reshape(predicted, [rows, targets, count]));
      const soft = g.mul(smooth, g.softplus(g.mul(-1 / smooth, e)));
      return g.mean(g.add(g.mul(g.constant(levels), e), soft), [1, 2]);
    },
    point: (outputs) =>
      Array.from(
        { length: outputs.length / count },
        (_, i) => median.reduce((sum, weight, q) => weight === 0 ? sum : sum + weight * outputs[i * count + q], 0),
      ),
    smooth: (outputs, which) =>
      weighedOutputs(outputs, Object.fromEntries(median.map((weight, q) => [which * count + q, weight]))),
  };
}

/** Weights of the levels' outputs that give the median: level 0.5, or a point on the line between its neighbours. */
function medianWeights(levels: readonly number[]): readonly number[] {
  const above = levels.findIndex((level) => level >= 0.5);
  const at = above < 0 ? levels.length - 1 : above;
  const share = above <= 0 ? 1 : (0.5 - levels[at - 1]) / (levels[at] - levels[at - 1]);
  return levels.map((_, q) => q === at ? share : q === at - 1 ? 1 - share : 0);
}

/** Mean over targets of ½(log v + (y − μ)²/v), v = eˢ + floor: outputs are `[means | s]`. */
export function gaussian(floor: number): Loss {
  return {
    phi: [],
    targets: (outputs) => outputs % 2 === 0 ? outputs / 2 : undefined,
    row(g, { predicted, target }) {
      const targets = target.shape[1];
      const mean = g.slice(predicted, 1, { end: targets });
      const variance = g.add(g.exp(g.slice(predicted, 1, { start: targets })), floor);
      const missed = g.div(g.square(g.sub(target, mean)), variance);
      return g.mean(g.mul(0.5, g.add(g.log(variance), missed)), 1);
    },
    point: (outputs) => outputs.subarray(0, outputs.length / 2),
    smooth: (outputs, which) => weighedOutputs(outputs, { [which]: 1 }),
  };
}
