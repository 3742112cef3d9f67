/**
 * Losses that judge each output by the target beside it: mse, huber, logistic, and the learned one.
 * @module
 */
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import { sigmoid } from "../net/activation.ts";
import { type Loss, type LossRow, weighedOutputs } from "./loss.ts";

/** φ unless a config gives one: symmetric and nearly mse (softplus(0.5413) = 1, softplus(−3) = 0.049). */
export const DEFAULT_PHI: readonly [number, number, number] = [-3, 0.5413, 0];

/** Mean over targets of a function of each pair. */
function pointwise(each: (g: Graph, at: LossRow) => Value, phi: readonly number[] = []): Loss {
  return {
    phi,
    targets: (outputs) => outputs,
    row: (g, at) => g.mean(each(g, at), 1),
    point: (outputs) => outputs,
    smooth: (outputs, which) => weighedOutputs(outputs, { [which]: 1 }),
  };
}

/** e². */
export function mse(): Loss {
  return pointwise((g, { predicted, target }) => g.square(g.sub(predicted, target)));
}

/** ½e² where |e| ≤ δ, else δ(|e| − ½δ) (Huber 1964). */
export function huber(delta: number): Loss {
  return pointwise((g, { predicted, target }) => {
    const e = g.sub(predicted, target);
    const size = g.abs(e);
    const beyond = g.mul(delta, g.sub(size, 0.5 * delta));
    return g.select(g.step(g.sub(size, delta)), beyond, g.mul(0.5, g.square(e)));
  });
}

/** softplus(ŷ) − y·ŷ: the negative log likelihood of y where σ(ŷ) is its probability. */
export function logistic(): Loss {
  return {
    ...pointwise((g, { predicted, target }) => g.sub(g.softplus(predicted), g.mul(target, predicted))),
    point: (outputs) => outputs.map(sigmoid),
    smooth(outputs, which) {
      const value = sigmoid(outputs[which]);
      return { value, slopes: Array.from(outputs, (_, o) => o === which ? value * (1 - value) : 0) };
    },
  };
}

/**
 * softplus(φ₁)·A·e² + softplus(φ₀)·τ·softplus(−ŷ·sign(y)/τ), with A = 1 + tanh φ₂ where the forecast is too low, else
 * 1 − tanh φ₂.
 */
export function learned(tau: number, phi: readonly number[] = DEFAULT_PHI): Loss {
  return pointwise((g, { predicted, target, phi }) => {
    const e = g.sub(predicted, target);
    const [direction, magnitude] = [0, 1].map((i) => g.softplus(g.at(phi, 0, i)));
    const tilt = g.tanh(g.at(phi, 0, 2));
    const asymmetry = g.select(g.step(g.neg(e)), g.add(1, tilt), g.sub(1, tilt));
    const wrong = g.mul(tau, g.softplus(g.mul(-1 / tau, g.mul(predicted, g.sign(target)))));
    return g.add(g.mul(g.mul(magnitude, asymmetry), g.square(e)), g.mul(direction, wrong));
  }, phi);
}
