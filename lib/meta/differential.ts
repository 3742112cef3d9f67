/**
 * The differential core as public functions: forward, gradient, Hessian-vector product, meta-gradient.
 * They check their arguments and hand them to the engine.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { LossShape, Samples, Task } from "../engine/problem.ts";
import { deriveMlp, type Mlp } from "../net/mlp.ts";
import type { LossConfig } from "./config.ts";
import { DEFAULT_PHI, resolveConfig } from "./resolve.ts";
import type { MetaState } from "./state.ts";
import { checkInputs, checkSamples, checkTasks, checkVector } from "./validate.ts";

/**
 * Runs a network forward.
 *
 * @param engine Where to run it.
 * @param net The network.
 * @param params Its parameters, `[parameterCount]`.
 * @param x Inputs, `[rows, inputs]`.
 * @returns Outputs, `[rows, outputs]`.
 * @throws {TypeError} A length does not fit the network.
 * @throws {RangeError} A value is not finite.
 */
export async function forward(
  engine: Engine,
  net: Mlp,
  params: Float32Array,
  x: Float32Array,
): Promise<Float32Array> {
  const shape = deriveMlp(net);
  checkVector("Cannot run forward", "params", params, shape.parameterCount);
  checkInputs("Cannot run forward", "x", x, shape);
  return await engine.forward(shape, params, x);
}

/** A loss and its gradients. */
export interface LossGradient {
  /** L(θ; D). */
  readonly loss: number;
  /** ∂L/∂θ, `[parameterCount]`. */
  readonly grad: Float32Array;
  /** ∂L/∂φ, `[3]`; only for the learned loss. */
  readonly gradPhi?: Float32Array;
}

/**
 * The weighted loss L(θ; D) = Σ_i w_i Σ_o ℓ(ŷ_io, y_io) / (O Σ_i w_i) and its gradient, by backpropagation.
 *
 * @param engine Where to run it.
 * @param net The network.
 * @param loss The per-sample loss; φ of the learned loss is read from it.
 * @param params Parameters, `[parameterCount]`.
 * @param samples The rows.
 * @returns The loss and its gradients.
 * @throws {TypeError} A length does not fit the network.
 * @throws {RangeError} A value is not finite.
 */
export async function lossGradient(
  engine: Engine,
  net: Mlp,
  loss: LossConfig,
  params: Float32Array,
  samples: Samples,
): Promise<LossGradient> {
  const action = "Cannot take the loss gradient";
  const shape = deriveMlp(net);
  checkVector(action, "params", params, shape.parameterCount);
  checkSamples(action, "samples", samples, shape);
  const { gradPhi, ...result } = await engine.lossGradient(shape, shapeOf(loss), { params, phi: phiOf(loss) }, samples);
  return loss.kind === "learned" ? { ...result, gradPhi } : result;
}

/**
 * The Hessian of L(θ; D) by θ, times a vector: Pearlmutter's R-operator (Pearlmutter 1994), never a finite difference.
 *
 * @param engine Where to run it.
 * @param net The network.
 * @param loss The per-sample loss.
 * @param params Parameters, `[parameterCount]`.
 * @param samples The rows.
 * @param vector What to multiply, `[parameterCount]`.
 * @returns H v, `[parameterCount]`.
 * @throws {TypeError} A length does not fit the network.
 * @throws {RangeError} A value is not finite.
 */
export async function hessianVectorProduct(
  engine: Engine,
  net: Mlp,
  loss: LossConfig,
  params: Float32Array,
  samples: Samples,
  vector: Float32Array,
): Promise<Float32Array> {
  const action = "Cannot take a Hessian-vector product";
  const shape = deriveMlp(net);
  checkVector(action, "params", params, shape.parameterCount);
  checkVector(action, "vector", vector, shape.parameterCount);
  checkSamples(action, "samples", samples, shape);
  return await engine.hessianVectorProduct(shape, shapeOf(loss), { params, phi: phiOf(loss) }, samples, vector);
}

/** The gradient of the meta-loss by everything learnable. */
export interface MetaGradientResult {
  /** Mean meta-loss over the tasks. */
  readonly loss: number;
  /** Each task's meta-loss, `[tasks]`. */
  readonly taskLosses: Float32Array;
  /** By θ_0, `[parameterCount]`. */
  readonly params: Float32Array;
  /** By log α, the shape of `state.logLr`; zeros for Reptile and implicit gradients. */
  readonly logLr: Float32Array;
  /** By φ, `[3]`; only for the learned loss. */
  readonly phi?: Float32Array;
  /** By ω; zero for Reptile and implicit gradients. */
  readonly weightDecay: number;
}

/**
 * The gradient that an outer step would take, whether or not each part is being learned.
 *
 * @param engine Where to run it.
 * @param state Where to take it; schedules are read at `state.step`.
 * @param tasks At least one task.
 * @returns Means over the tasks.
 * @throws {TypeError} A width or length does not fit the network.
 * @throws {RangeError} The batch is empty, or a value is not finite.
 */
export async function metaGradientOf(
  engine: Engine,
  state: MetaState,
  tasks: readonly Task[],
): Promise<MetaGradientResult> {
  checkTasks("Cannot take the meta-gradient", tasks, state.config.net);
  const { inner, gradientAt } = resolveConfig(state.config);
  const { phi, ...result } = await engine.metaGradient(inner, gradientAt(state.step), state, tasks);
  return inner.loss.kind === "learned" ? { ...result, phi } : result;
}

function shapeOf(loss: LossConfig): LossShape {
  switch (loss.kind) {
    case "huber":
      return { kind: "huber", delta: loss.delta };
    case "learned":
      return { kind: "learned", tau: loss.tau };
    default:
      return { kind: "mse" };
  }
}

function phiOf(loss: LossConfig): Float32Array {
  return Float32Array.from(loss.kind === "learned" ? loss.phi ?? DEFAULT_PHI : DEFAULT_PHI);
}
