/**
 * What each input contributed to one output, by integrated gradients, of any model and on any engine. Of a perceptron the first
 * layer's bias gradient of a batch is the mean of ∂ŷ/∂z over its rows, and ∂ŷ/∂x = W₁·∂ŷ/∂z; of another model the inputs are
 * shifted by parameters of their own.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import type { LossConfig } from "../loss/config.ts";
import { type SmoothForecast, weighedOutputs } from "../loss/loss.ts";
import { forecastsClasses, lossOf } from "../loss/losses.ts";
import { buildModel, type Model } from "../model/model.ts";
import { isMlp, type Mlp } from "../net/mlp.ts";
import { checkLoss } from "./check_parts.ts";
import { forward, lossGradient } from "./differential.ts";

/** Where one output is explained. */
export interface AttributionPoint {
  /** Inputs, `[inputs]`. */
  readonly x: Float32Array;
  /** Inputs that count as saying nothing, `[inputs]` (default zeros: the support's mean, once scaled). */
  readonly baseline?: Float32Array;
  /** Points on the way from the baseline, at least 1 (default 128). */
  readonly points?: number | undefined;
  /** What is explained, as weights of the model's outputs, `[outputs]` (default `[1]`, the only one); not with `loss`. */
  readonly weights?: readonly number[];
  /**
   * The loss that says what the outputs mean: explained is the point forecast then, such as the median of quantiles, and of classes a
   * probability.
   */
  readonly loss?: LossConfig;
  /** Which target's forecast, or which class's probability, where a loss is given (default the first target, the class likeliest at x). */
  readonly target?: number | undefined;
}

/** An output split over the inputs. */
export interface Attribution {
  /** Contribution of each input, in units of the output, `[inputs]`. */
  readonly contributions: Float64Array;
  /** Output at the baseline. */
  readonly atBaseline: number;
  /** Output at x. */
  readonly atInput: number;
  /** atInput − atBaseline − Σ contributions: the error of the sum over points. */
  readonly residual: number;
}

/**
 * Integrated gradients `(x_i − b_i)·∫₀¹ ∂ŷ/∂x_i(b + s(x − b)) ds` by the midpoint rule (Sundararajan, Taly & Yan 2017, eq. 1 and
 * 3): they add up to the change of the output (completeness).
 *
 * @param engine Where to run it.
 * @param net A model.
 * @param params Its parameters, `[parameterCount]`.
 * @param at Inputs, baseline, points and, where there is more than one output, what of them is explained.
 * @throws {TypeError} A length does not fit the model, or `weights` and `loss` are both given.
 * @throws {RangeError} A value is not finite, or there is no such target.
 *
 * @example
 * ```ts
 * import { mlp, openEngine } from "@adaptrade/adaptrade";
 * import { integratedGradients } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 2, hidden: [], outputs: 1 });
 * const { contributions } = await integratedGradients(engine, net, Float32Array.of(3, -1, 5), { x: Float32Array.of(1, 2) });
 * assertEquals([...contributions].map((one) => Math.round(one)), [3, -2]);
 * ```
 *
 * @example What makes a class likely
 * ```ts
 * import { adapt, maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { integratedGradients } from "@adaptrade/adaptrade/online";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const loss = { kind: "crossEntropy" } as const;
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [], outputs: 2 }), loss, inner: { steps: 20, lr: 1 } }));
 * const support = { rows: 2, x: Float32Array.of(-1, 1), y: Float32Array.of(1, 0, 0, 1) };
 * const { net, params } = await adapt(engine, state, support);
 * const at = await integratedGradients(engine, net, params, { x: Float32Array.of(1), loss, target: 1 });
 * assertAlmostEquals(at.atInput - at.atBaseline, at.contributions[0], 1e-4); // of the second class's probability
 * ```
 */
export async function integratedGradients(
  engine: Engine,
  net: Model,
  params: Float32Array,
  at: AttributionPoint,
): Promise<Attribution> {
  const { inputs, outputs } = net;
  const { x, baseline = new Float32Array(inputs), points = 128 } = at;
  if (x.length !== inputs || baseline.length !== inputs) {
    throw new TypeError(`Cannot attribute: expected ${inputs} inputs, received ${x.length} and ${baseline.length}`);
  }
  if (!Number.isInteger(points) || points < 1) {
    throw new RangeError(
      `Cannot attribute: expected points to be an integer of at least 1, received ${String(points)}`,
    );
  }
  // The points, then both ends; only the points enter the gradient.
  const path = new Float32Array((points + 2) * inputs);
  for (let p = 0; p < points; p++) {
    const share = (p + 0.5) / points;
    for (let i = 0; i < inputs; i++) path[p * inputs + i] = baseline[i] + share * (x[i] - baseline[i]);
  }
  path.set(baseline, points * inputs);
  path.set(x, (points + 1) * inputs);
  const along = await forward(engine, net, params, path);
  const rows = Array.from({ length: points + 2 }, (_, row) => along.subarray(row * outputs, (row + 1) * outputs));
  const explained = rows.map(explainedOf(outputs, rows[points + 1], at));
  const slopes = await meanSlopes(engine, net, params, {
    rows: points,
    x: path.subarray(0, points * inputs),
    y: slopeTargets(rows.slice(0, points), explained),
  });
  const contributions = slopes.map((slope, i) => (x[i] - baseline[i]) * slope);
  const [atBaseline, atInput] = [explained[points].value, explained[points + 1].value];
  const total = contributions.reduce((sum, value) => sum + value, 0);
  return { contributions, atBaseline, atInput, residual: atInput - atBaseline - total };
}

/** What is explained, as a function of a row's outputs. */
function explainedOf(
  outputs: number,
  atInput: Float32Array,
  { weights, loss, target }: AttributionPoint,
): (row: Float32Array) => SmoothForecast {
  if (loss) {
    if (weights) throw new TypeError("Cannot attribute: expected weights or a loss, received both");
    checkLoss("loss", loss, { outputs });
    const which = explainedTarget("Cannot attribute", loss, { outputs: atInput, target });
    return (row) => lossOf(loss).smooth(row, which);
  }
  const { length } = weights ?? [1];
  if (target !== undefined) throw new TypeError("Cannot attribute: expected a loss beside target, received none");
  if (outputs !== length) {
    throw new TypeError(
      `Cannot attribute: expected a network with ${length} output${length === 1 ? "" : "s"}, received ${outputs}`,
    );
  }
  return (row) => weighedOutputs(row, weights ?? [1]);
}

/**
 * Which forecast of a row is explained: the one asked for, or else the first target's; of classes the likeliest.
 *
 * @throws {RangeError} There is none of that number.
 */
export function explainedTarget(
  action: string,
  loss: LossConfig,
  { outputs, target }: { readonly outputs: Float32Array; readonly target: number | undefined },
): number {
  const { targets, smooth } = lossOf(loss);
  const count = targets(outputs.length)!;
  if (target === undefined) {
    if (!forecastsClasses(loss)) return 0;
    const chances = Array.from({ length: count }, (_, which) => smooth(outputs, which).value);
    return chances.indexOf(Math.max(...chances));
  }
  if (Number.isInteger(target) && target >= 0 && target < count) return target;
  throw new RangeError(
    `${action}: expected target to be a whole number from 0 to ${count - 1}, received ${String(target)}`,
  );
}

/** Targets at which mse has these slopes by each row's outputs: 2(ŷ − y) over their number. */
export function slopeTargets(
  rows: readonly Float32Array[],
  explained: readonly Pick<SmoothForecast, "slopes">[],
): Float32Array {
  return Float32Array.from(
    rows.flatMap((row, r) => Array.from(row, (value, o) => value - 0.5 * row.length * explained[r].slopes[o])),
  );
}

/** Mean over rows of ∂ŷ/∂x, `[inputs]`. */
async function meanSlopes(engine: Engine, net: Model, params: Float32Array, at: Samples): Promise<Float64Array> {
  if (isMlp(net)) {
    return firstLayerSlopes(net, params, (await lossGradient(engine, net, { kind: "mse" }, params, at)).grad);
  }
  const model = shifted(net);
  const whole = new Float32Array(model.parameterCount);
  whole.set(params);
  const { grad } = await lossGradient(engine, model, { kind: "mse" }, whole, at);
  return Float64Array.from(grad.subarray(params.length));
}

/** W₁ times the gradient by the first layer's biases. */
function firstLayerSlopes({ inputs, layers: [first] }: Mlp, params: Float32Array, grad: Float32Array): Float64Array {
  return Float64Array.from({ length: inputs }, (_, i) => {
    let slope = 0;
    for (let o = 0; o < first.outputs; o++) {
      slope += params[first.weights + i * first.outputs + o] * grad[first.bias + o];
    }
    return slope;
  });
}

const SHIFTED = new WeakMap<Model, Model>();

/** The model with one more part, a shift of its inputs. */
function shifted(net: Model): Model {
  const known = SHIFTED.get(net);
  if (known) return known;
  const shift = `shift of ${net.kind}`;
  const model = buildModel({
    kind: `${net.kind} of shifted inputs`,
    inputs: net.inputs,
    outputs: net.outputs,
    params: { ...Object.fromEntries(net.parts.map(({ name, shape }) => [name, shape])), [shift]: [net.inputs] },
    init: () => new Float32Array(net.parameterCount + net.inputs),
    apply: (g, p, x) => net.apply(g, p, g.add(x, p[shift])),
  });
  SHIFTED.set(net, model);
  return model;
}
