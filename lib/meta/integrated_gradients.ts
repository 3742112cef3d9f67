/**
 * What each input contributed to one output, by integrated gradients, of any model and on any engine. Of a perceptron the first
 * layer's bias gradient of a batch is the mean of ∂ŷ/∂z over its rows, and ∂ŷ/∂x = W₁·∂ŷ/∂z; of another model the inputs are
 * shifted by parameters of their own.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import { buildModel, type Model } from "../model/model.ts";
import { isMlp, type Mlp } from "../net/mlp.ts";
import { forward, lossGradient } from "./differential.ts";

/** Where one output is explained. */
export interface AttributionPoint {
  /** Inputs, `[inputs]`. */
  readonly x: Float32Array;
  /** Inputs that count as saying nothing, `[inputs]` (default zeros: the support's mean, once scaled). */
  readonly baseline?: Float32Array;
  /** Points on the way from the baseline, at least 1 (default 128). */
  readonly points?: number | undefined;
  /** What is explained, as weights of the model's outputs, `[outputs]` (default `[1]`, the only one). */
  readonly weights?: readonly number[];
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
 * @param at Inputs, baseline, points and, of several outputs, their weights.
 * @throws {TypeError} A length does not fit the model.
 * @throws {RangeError} A value is not finite.
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
 */
export async function integratedGradients(
  engine: Engine,
  net: Model,
  params: Float32Array,
  at: AttributionPoint,
): Promise<Attribution> {
  const { inputs, outputs } = net;
  const { x, baseline = new Float32Array(inputs), points = 128, weights = [1] } = at;
  if (outputs !== weights.length) {
    throw new TypeError(`Cannot attribute: expected a network with ${weights.length} output, received ${outputs}`);
  }
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
  const slopes = await meanSlopes(engine, net, params, {
    rows: points,
    x: path.subarray(0, points * inputs),
    y: slopeTargets(along.subarray(0, points * outputs), weights),
  });
  const contributions = slopes.map((slope, i) => (x[i] - baseline[i]) * slope);
  const outputAt = (row: number): number =>
    weights.reduce((sum, weight, o) => sum + weight * along[row * outputs + o], 0);
  const [atBaseline, atInput] = [outputAt(points), outputAt(points + 1)];
  const total = contributions.reduce((sum, value) => sum + value, 0);
  return { contributions, atBaseline, atInput, residual: atInput - atBaseline - total };
}

/** Targets at which mse has the slopes `weights` by each row's outputs: 2(ŷ − y) over their number. */
export function slopeTargets(predicted: Float32Array, weights: readonly number[]): Float32Array {
  const outputs = weights.length;
  return predicted.map((value, i) => value - 0.5 * outputs * weights[i % outputs]);
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
