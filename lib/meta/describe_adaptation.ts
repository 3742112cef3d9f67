/**
 * What an adaptation changed, and whether it collapsed: a report for a person who wonders why it does not learn.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import type { LossConfig } from "../loss/config.ts";
import { pointForecasts } from "../loss/losses.ts";
import { adapt, ADAPT_KEYS, type AdaptOptions } from "./adapt.ts";
import { lossGradient } from "./differential.ts";
import { adaptPredict, predict } from "./predict.ts";
import { resolveConfig } from "./resolve.ts";
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
  /** Layers from input to output; none of a method that reads the set in one pass. */
  readonly layers: readonly LayerChange[];
  /** Indices of the parameters whose support gradient at θ_0 is exactly zero (dead units, unused inputs). */
  readonly withoutGradient: readonly number[];
  /** Variance over the support rows of the point forecasts (mean over targets), before and after adapting. */
  readonly predictionVariance: { readonly before: number; readonly after: number };
  /** Weighted mse of the point forecasts on the support set: before, after, and of predicting zero; mse whatever loss the config adapts on. */
  readonly loss: { readonly before: number; readonly after: number; readonly zero: number };
  /** True when the adapted predictions vary less than a hundredth of the targets' deviation: a constant in effect. */
  readonly collapsed: boolean;
}

const COLLAPSE_RATIO = 0.01;

/**
 * Adapts to a support set and reports what moved. Of a method that reads the set in one pass no parameter moves: `layers` and
 * `withoutGradient` are empty, and "before" is what it answers when every row has the mean target, so that the rows tell nothing apart.
 * Such a method may keep its rows and answer each by itself: "after" is then no measure of skill.
 *
 * @param engine Where to run it.
 * @param state The learned start; it is not changed.
 * @param support What to adapt on; it is not changed.
 * @param options Steps, if other than the config's.
 * @returns Norms by layer, parameters without gradient, variances and losses.
 * @throws {TypeError} A width or length does not fit the network.
 * @throws {RangeError} Steps are out of range, or given for a method that makes none.
 *
 * @example
 * ```ts
 * import { describeAdaptation, maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [], outputs: 1 }), inner: { steps: 3, lr: 0.1 } }));
 * const { loss, layers } = await describeAdaptation(engine, state, { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) });
 * assert(loss.after < loss.before && layers[0].change > 0);
 * ```
 */
export async function describeAdaptation(
  engine: Engine,
  state: MetaState,
  support: Samples,
  options: AdaptOptions = {},
): Promise<AdaptationReport> {
  requireKnownKeys("Cannot describe an adaptation", "options", options, ADAPT_KEYS);
  const { net, loss, method } = resolveConfig(state.config).inner;
  if (method) return await describeReading(engine, state, support, { loss, options });
  const adapted = await adapt(engine, state, support, options);
  const at = "phi" in state.values ? { ...loss, phi: [...state.phi] } as LossConfig : loss;
  const { grad } = await lossGradient(engine, net, at, state.params, support);
  const [before, after] = await Promise.all([state, adapted].map((model) => predict(engine, model, support.x)));
  const withoutGradient: number[] = [];
  grad.forEach((value, j) => value === 0 && withoutGradient.push(j));
  const layers = net.groups.map(({ start: from, end: to }, layer) => {
    const change = norm(from, to, (j) => adapted.params[j] - state.params[j]);
    const start = norm(from, to, (j) => state.params[j]);
    return {
      layer,
      change,
      relativeChange: start > 0 ? change / start : null,
      gradient: norm(from, to, (j) => grad[j]),
    };
  });
  return { layers, withoutGradient, ...describeForecasts(loss, support, { before, after }) };
}

/** The same of a method that reads the support set in one pass: nothing moves, what it answers is compared. */
async function describeReading(
  engine: Engine,
  state: MetaState,
  support: Samples,
  { loss, options }: { readonly loss: LossConfig; readonly options: AdaptOptions },
): Promise<AdaptationReport> {
  const told = { ...support, y: meanTargets(support) };
  const [before, after] = await adaptPredict(
    engine,
    state,
    [told, support].map((one) => ({ support: one, x: support.x })),
    options,
  );
  return { layers: [], withoutGradient: [], ...describeForecasts(loss, support, { before, after }) };
}

/** Targets that all rows share: their weighted mean. */
function meanTargets({ rows, y, weights }: Samples): Float32Array {
  const width = y.length / rows;
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? rows;
  const mean = Array.from({ length: width }, (_, o) => {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += (weights?.[r] ?? 1) * y[r * width + o];
    return sum / total;
  });
  return y.map((_, i) => mean[i % width]);
}

/** Variances and losses of point forecasts out of a support set's outputs. */
function describeForecasts(
  loss: LossConfig,
  support: Samples,
  outputs: { readonly before: Float32Array; readonly after: Float32Array },
): Omit<AdaptationReport, "layers" | "withoutGradient"> {
  const [before, after] = [outputs.before, outputs.after]
    .map((found) => pointForecasts(loss, found, found.length / support.rows));
  const targets = pointTargets(loss, support.y, support.rows);
  const width = targets.length / support.rows;
  const predictionVariance = { before: variance(before, width), after: variance(after, width) };
  return {
    predictionVariance,
    loss: {
      before: meanSquare(before, targets, support),
      after: meanSquare(after, targets, support),
      zero: meanSquare(new Float32Array(targets.length), targets, support),
    },
    collapsed: predictionVariance.after < COLLAPSE_RATIO ** 2 * variance(targets, width),
  };
}

/** What point forecasts are compared with: of classes the index of the target's likeliest, else the targets. */
function pointTargets(loss: LossConfig, y: Float32Array, rows: number): Float32Array {
  return loss.kind === "crossEntropy" ? pointForecasts(loss, y, y.length / rows) : y;
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

function meanSquare(predicted: Float32Array, y: Float32Array, { rows, weights }: Samples): number {
  const width = y.length / rows;
  let [sum, total] = [0, 0];
  for (let r = 0; r < rows; r++) {
    const weight = weights ? weights[r] : 1;
    total += weight;
    for (let o = r * width; o < (r + 1) * width; o++) sum += weight * (predicted[o] - y[o]) ** 2;
  }
  return sum / (total * width);
}
