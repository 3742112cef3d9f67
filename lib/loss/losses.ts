/**
 * The one registry of losses: a config in, a loss out; and a set's loss, the weighted mean over its rows.
 * @module
 */
import { requireGiven } from "../program/errors.ts";
import type { Graph } from "../program/graph_type.ts";
import { showShape, type Value } from "../program/value.ts";
import type { CustomLoss, LossConfig } from "./config.ts";
import { crossEntropy, gaussian, LIKELIHOOD, quantile } from "./distribution.ts";
import { type Loss, type LossRow, weighedOutputs } from "./loss.ts";
import { overParticles } from "./particles.ts";
import { huber, learned, logistic, mse } from "./pointwise.ts";

/** Names of every loss. */
export const LOSS_KINDS: readonly LossConfig["kind"][] = [
  "mse",
  "huber",
  "learned",
  "crossEntropy",
  "logistic",
  "quantile",
  "gaussian",
  "particles",
  "custom",
];

function custom(config: CustomLoss): Loss {
  const { outputs: each = 1, phi = [] } = config;
  return {
    phi,
    targets: (outputs) => outputs % each === 0 ? outputs / each : undefined,
    row(g, { predicted, target, phi }) {
      const loss = config.row(g, predicted, target, phi);
      const wanted = [predicted.shape[0]];
      requireGiven(g, loss, {
        action: `take the loss ${config.name ?? "custom"}`,
        wanted: `a loss a row, ${showShape(wanted)}`,
        shape: wanted,
      });
      return loss;
    },
    point: (outputs) => outputs.filter((_, i) => i % each === 0),
    smooth: (outputs, which) => weighedOutputs(outputs, { [which * each]: 1 }),
  };
}

/** The loss that a config names; its values have been checked. */
export function lossOf(config: LossConfig): Loss {
  switch (config.kind) {
    case "mse":
      return mse();
    case "huber":
      return huber(config.delta);
    case "learned":
      return learned(config.tau, config.phi);
    case "crossEntropy":
      return crossEntropy();
    case "logistic":
      return logistic();
    case "quantile":
      return quantile(config.levels, config.smooth);
    case "gaussian":
      return gaussian(config.floor);
    case "particles":
      return overParticles(lossOf(config.of), config.count, config.judge ?? "each");
    case "custom":
      return custom(config);
  }
}

/** Whether a loss's targets are classes or probabilities, in [0, 1], and its forecasts with them. */
export function forecastsClasses(config: LossConfig): boolean {
  const { kind } = config.kind === "particles" ? config.of : config;
  return kind === "crossEntropy" || kind === "logistic" ||
    config.kind === "custom" && config.row === LIKELIHOOD.row;
}

/** Losses that are a negative log likelihood, so that particles have a mixture. */
const LIKELIHOODS: readonly LossConfig["kind"][] = ["gaussian", "crossEntropy", "logistic"];

/**
 * The loss of the query set unless a config gives one: the same; mse where φ shapes it, or it would shrink its own weights; of
 * particles what they forecast together.
 */
export function outerLossOf(config: LossConfig): LossConfig {
  if (config.kind === "particles") {
    return { ...config, judge: LIKELIHOODS.includes(config.of.kind) ? "mixture" : "mean" };
  }
  return lossOf(config).phi.length > 0 ? { kind: "mse" } : config;
}

/** Σ w_i ℓ_i / Σ w_i over rows, a scalar; `weights` are `[rows]`. */
export function setLoss(g: Graph, loss: Loss, at: LossRow & { readonly weights: Value }): Value {
  const total = g.sum(g.mul(at.weights, loss.row(g, at)));
  return g.div(total, g.sum(at.weights));
}

/**
 * The point forecasts in a model's outputs, as its loss means them: the outputs themselves, of quantiles the median, of a normal
 * distribution the mean, of logits the probability, of classes the index of the likeliest.
 *
 * @param config The loss.
 * @param outputs `[rows, width]`.
 * @param width Outputs a row.
 * @returns `[rows, targets]`; `[rows, 1]` for classes.
 *
 * @example
 * ```ts
 * import { pointForecasts } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = { kind: "quantile", levels: [0.1, 0.5, 0.9], smooth: 0.1 } as const;
 * assertEquals([...pointForecasts(loss, Float32Array.of(-1, 0.5, 2), 3)], [0.5]);
 * ```
 */
export function pointForecasts(config: LossConfig, outputs: Float32Array, width: number): Float32Array {
  const { point } = lossOf(config);
  const rows = Array.from(
    { length: outputs.length / width },
    (_, i) => point(outputs.subarray(i * width, (i + 1) * width)),
  );
  return Float32Array.from(rows.flatMap((row) => Array.from(row)));
}
