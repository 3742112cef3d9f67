/**
 * Forward, backward and R-operator sweeps of an MLP in float64, one loop after another as the formulas stand.
 * This is the reference that the fast engines are tested against; it refuses to be fast.
 * Twins: `kernels/wgsl/*.wgsl` and `kernels/wasm/network.ts`.
 * @module
 */
import { activate } from "../../net/activation.ts";
import type { Mlp } from "../../net/mlp.ts";
import { rowCoefficients } from "../layout.ts";
import type { LossShape, Samples } from "../problem.ts";
import { lossAt, lossByPhi, slopeByPhi } from "./loss.ts";

/** A forward pass, kept for the sweeps that follow. */
export interface Trace {
  /** a_l, inputs of each layer, `[layers][rows, inputs]`. */
  readonly inputs: readonly Float64Array[];
  /** z_l, affine outputs of each layer, `[layers][rows, outputs]`; the last is ŷ. */
  readonly affine: readonly Float64Array[];
}

/** Runs the network on `[rows, inputs]`. */
export function forwardTrace(net: Mlp, params: Float64Array, x: ArrayLike<number>): Trace {
  const rows = x.length / net.inputs;
  const inputs: Float64Array[] = [];
  const affine: Float64Array[] = [];
  let a = Float64Array.from(x);
  for (const layer of net.layers) {
    const z = new Float64Array(rows * layer.outputs);
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < layer.outputs; o++) {
        let sum = params[layer.bias + o];
        for (let i = 0; i < layer.inputs; i++) {
          sum += a[r * layer.inputs + i] * params[layer.weights + i * layer.outputs + o];
        }
        z[r * layer.outputs + o] = sum;
      }
    }
    inputs.push(a);
    affine.push(z);
    a = z.map((value) => activate(net.activation, value).value);
  }
  return { inputs, affine };
}

/** A loss with its first derivatives and the deltas that a Hessian-vector product needs again. */
export interface LossSweep {
  /** L(θ; D). */
  readonly loss: number;
  /** ∂L/∂θ, `[parameterCount]`. */
  readonly grad: Float64Array;
  /** ∂L/∂φ, `[3]`. */
  readonly gradPhi: Float64Array;
  /** The forward pass. */
  readonly trace: Trace;
  /** δ_l = ∂L/∂z_l, `[layers][rows, outputs]`. */
  readonly deltas: readonly Float64Array[];
}

/** A loss, the value of φ, and the samples it is taken over. */
export interface LossOver {
  /** The loss. */
  readonly shape: LossShape;
  /** φ, read by the learned loss alone. */
  readonly phi: ArrayLike<number>;
  /** The rows. */
  readonly samples: Samples;
}

/** L(θ; D) and its gradient, by backpropagation. */
export function lossSweep(net: Mlp, params: Float64Array, over: LossOver): LossSweep {
  const { shape, phi, samples } = over;
  const trace = forwardTrace(net, params, samples.x);
  const coefficients = rowCoefficients(samples, net.outputs);
  const last = net.layers.length - 1;
  const grad = new Float64Array(net.parameterCount);
  const gradPhi = new Float64Array(3);
  const deltas: Float64Array[] = new Array(net.layers.length);
  let loss = 0;
  let delta = new Float64Array(samples.rows * net.outputs);
  for (let i = 0; i < delta.length; i++) {
    const c = coefficients[Math.floor(i / net.outputs)];
    const predicted = trace.affine[last][i];
    const at = lossAt(shape, phi, predicted, samples.y[i]);
    loss += c * at.value;
    delta[i] = c * at.slope;
    if (shape.kind === "learned") {
      lossByPhi(shape.tau, phi, predicted, samples.y[i]).forEach((d, j) => gradPhi[j] += c * d);
    }
  }
  for (let l = last; l >= 0; l--) {
    deltas[l] = delta;
    addOuterProduct(grad, net, { layer: l, inputs: trace.inputs[l], delta });
    for (let i = 0; i < delta.length; i++) grad[net.layers[l].bias + i % net.layers[l].outputs] += delta[i];
    if (l === 0) break;
    const back = timesTransposed(net, l, { delta, weights: params });
    delta = back.map((value, i) => value * activate(net.activation, trace.affine[l - 1][i]).slope);
  }
  return { loss, grad, gradPhi, trace, deltas };
}

/** A Hessian-vector product, and what φ does to the directional derivative. */
export interface CurvatureSweep {
  /** H v, `[parameterCount]`. */
  readonly product: Float64Array;
  /** ∂/∂φ ⟨∇L, v⟩, `[3]`. */
  readonly byPhi: Float64Array;
}

/** H v by Pearlmutter's R-operator (Pearlmutter 1994, section 3): tangents forward, then tangents of the deltas back. */
export function curvatureSweep(
  net: Mlp,
  at: { readonly params: Float64Array; readonly over: LossOver; readonly sweep: LossSweep },
  vector: Float64Array,
): CurvatureSweep {
  const { params, over: { shape, phi, samples }, sweep: { trace, deltas } } = at;
  const last = net.layers.length - 1;
  const coefficients = rowCoefficients(samples, net.outputs);
  const tangentInputs: Float64Array[] = [];
  const tangentAffine: Float64Array[] = [];
  let ra = new Float64Array(samples.rows * net.inputs);
  for (const [l, layer] of net.layers.entries()) {
    const rz = new Float64Array(samples.rows * layer.outputs);
    for (let r = 0; r < samples.rows; r++) {
      for (let o = 0; o < layer.outputs; o++) {
        let sum = vector[layer.bias + o];
        for (let i = 0; i < layer.inputs; i++) {
          const w = layer.weights + i * layer.outputs + o;
          sum += ra[r * layer.inputs + i] * params[w] + trace.inputs[l][r * layer.inputs + i] * vector[w];
        }
        rz[r * layer.outputs + o] = sum;
      }
    }
    tangentInputs.push(ra);
    tangentAffine.push(rz);
    ra = rz.map((value, i) => value * activate(net.activation, trace.affine[l][i]).slope);
  }
  const product = new Float64Array(net.parameterCount);
  const byPhi = new Float64Array(3);
  let rdelta: Float64Array = new Float64Array(samples.rows * net.outputs);
  for (let i = 0; i < rdelta.length; i++) {
    const c = coefficients[Math.floor(i / net.outputs)];
    const predicted = trace.affine[last][i];
    rdelta[i] = c * lossAt(shape, phi, predicted, samples.y[i]).curvature * tangentAffine[last][i];
    if (shape.kind === "learned") {
      slopeByPhi(shape.tau, phi, predicted, samples.y[i]).forEach((d, j) => byPhi[j] += c * d * tangentAffine[last][i]);
    }
  }
  for (let l = last; l >= 0; l--) {
    addOuterProduct(product, net, { layer: l, inputs: tangentInputs[l], delta: deltas[l] });
    addOuterProduct(product, net, { layer: l, inputs: trace.inputs[l], delta: rdelta });
    for (let i = 0; i < rdelta.length; i++) product[net.layers[l].bias + i % net.layers[l].outputs] += rdelta[i];
    if (l === 0) break;
    const back = timesTransposed(net, l, { delta: deltas[l], weights: params });
    const rback = timesTransposed(net, l, { delta: rdelta, weights: params });
    const vback = timesTransposed(net, l, { delta: deltas[l], weights: vector });
    rdelta = rback.map((value, i) => {
      const { slope, curvature } = activate(net.activation, trace.affine[l - 1][i]);
      return (value + vback[i]) * slope + back[i] * curvature * tangentAffine[l - 1][i];
    });
  }
  return { product, byPhi };
}

/** grad of layer l's weights += inputsᵀ · delta. */
function addOuterProduct(
  grad: Float64Array,
  net: Mlp,
  term: { readonly layer: number; readonly inputs: Float64Array; readonly delta: Float64Array },
): void {
  const layer = net.layers[term.layer];
  const rows = term.delta.length / layer.outputs;
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < layer.inputs; i++) {
      for (let o = 0; o < layer.outputs; o++) {
        grad[layer.weights + i * layer.outputs + o] += term.inputs[r * layer.inputs + i] *
          term.delta[r * layer.outputs + o];
      }
    }
  }
}

/** delta · Wᵀ of layer l, `[rows, inputs]`. */
function timesTransposed(
  net: Mlp,
  l: number,
  term: { readonly delta: Float64Array; readonly weights: Float64Array },
): Float64Array {
  const layer = net.layers[l];
  const rows = term.delta.length / layer.outputs;
  const result = new Float64Array(rows * layer.inputs);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < layer.inputs; i++) {
      let sum = 0;
      for (let o = 0; o < layer.outputs; o++) {
        sum += term.delta[r * layer.outputs + o] * term.weights[layer.weights + i * layer.outputs + o];
      }
      result[r * layer.inputs + i] = sum;
    }
  }
  return result;
}
