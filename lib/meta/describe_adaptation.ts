/**
 * What an adaptation changed, and whether it collapsed: a report for a person who wonders why it does not learn.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import { adapt, ADAPT_KEYS, type AdaptOptions } from "./adapt.ts";
import { lossGradient } from "./differential.ts";
import { predict } from "./predict.ts";
import type { MetaState } from "./state.ts";
import { requireKnownKeys } from "../options.ts";

/** One layer's part in an adaptation. */
export interface LayerChange {
  /** Layer, 0 is the first. */
  readonly layer: number;
  /** ‖θ_K − θ_0‖ over the layer. */
  readonly change: number;
  /** The same divided by ‖θ_0‖; null where θ_0 is zero. */
  readonly relativeChange: number | null;
  /** ‖∇L_support(θ_0)‖ over the layer. */
  readonly gradient: number;
}

/** What {@linkcode describeAdaptation} gives. */
export interface AdaptationReport {
  /** Layers from input to output. */
  readonly layers: readonly LayerChange[];
  /** Indices of the parameters whose support gradient at θ_0 is exactly zero (dead units, unused inputs). */
  readonly withoutGradient: readonly number[];
  /** Variance over the support rows of the predictions (mean over outputs), before and after adapting. */
  readonly predictionVariance: { readonly before: number; readonly after: number };
  /** Weighted mse on the support set: before, after, and of predicting zero; mse whatever loss the config adapts on. */
  readonly loss: { readonly before: number; readonly after: number; readonly zero: number };
  /** True when the adapted predictions vary less than a hundredth of the targets' deviation: a constant in effect. */
  readonly collapsed: boolean;
}

const COLLAPSE_RATIO = 0.01;

/**
 * Adapts to a support set and reports what moved.
 *
 * @param engine Where to run it.
 * @param state The learned start; it is not changed.
 * @param support What to adapt on; it is not changed.
 * @param options Steps, if other than the config's.
 * @returns Norms by layer, parameters without gradient, variances and losses.
 * @throws {TypeError} A width or length does not fit the network.
 */
export async function describeAdaptation(
  engine: Engine,
  state: MetaState,
  support: Samples,
  options: AdaptOptions = {},
): Promise<AdaptationReport> {
  requireKnownKeys("Cannot describe an adaptation", "options", options, ADAPT_KEYS);
  const { net, loss = { kind: "mse" } } = state.config;
  const adapted = await adapt(engine, state, support, options);
  const at = loss.kind === "learned"
    ? { ...loss, phi: [state.phi[0], state.phi[1], state.phi[2]] as [number, number, number] }
    : loss;
  const { grad } = await lossGradient(engine, net, at, state.params, support);
  const before = await predict(engine, state, support.x);
  const after = await predict(engine, adapted, support.x);
  const withoutGradient: number[] = [];
  grad.forEach((value, j) => value === 0 && withoutGradient.push(j));
  const layers = net.layers.map(({ weights, bias, outputs }, layer) => {
    const [from, to] = [weights, bias + outputs];
    const change = norm(from, to, (j) => adapted.params[j] - state.params[j]);
    const start = norm(from, to, (j) => state.params[j]);
    return {
      layer,
      change,
      relativeChange: start > 0 ? change / start : null,
      gradient: norm(from, to, (j) => grad[j]),
    };
  });
  const predictionVariance = { before: variance(before, net.outputs), after: variance(after, net.outputs) };
  const targets = variance(support.y, net.outputs);
  return {
    layers,
    withoutGradient,
    predictionVariance,
    loss: {
      before: meanSquare(before, support, net.outputs),
      after: meanSquare(after, support, net.outputs),
      zero: meanSquare(new Float32Array(support.y.length), support, net.outputs),
    },
    collapsed: predictionVariance.after < COLLAPSE_RATIO ** 2 * targets,
  };
}

function norm(from: number, to: number, at: (j: number) => number): number {
  let sum = 0;
  for (let j = from; j < to; j++) sum += at(j) ** 2;
  return Math.sqrt(sum);
}

/** Population variance over rows, mean over outputs. */
function variance(values: Float32Array, outputs: number): number {
  const rows = values.length / outputs;
  let total = 0;
  for (let o = 0; o < outputs; o++) {
    let [sum, squares] = [0, 0];
    for (let r = 0; r < rows; r++) sum += values[r * outputs + o];
    for (let r = 0; r < rows; r++) squares += (values[r * outputs + o] - sum / rows) ** 2;
    total += squares / rows;
  }
  return total / outputs;
}

function meanSquare(predicted: Float32Array, { rows, y, weights }: Samples, outputs: number): number {
  let [sum, total] = [0, 0];
  for (let r = 0; r < rows; r++) {
    const weight = weights ? weights[r] : 1;
    total += weight;
    for (let o = 0; o < outputs; o++) sum += weight * (predicted[r * outputs + o] - y[r * outputs + o]) ** 2;
  }
  return sum / (total * outputs);
}
