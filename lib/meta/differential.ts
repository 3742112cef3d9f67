/**
 * The differential core as public functions: forward, gradient, Hessian-vector product, meta-gradient.
 * They check their arguments and hand them to the engine.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Floats, MetaGradient, Samples, Task } from "../engine/problem.ts";
import { lossOf } from "../loss/losses.ts";
import { DEFAULT_PHI } from "../loss/pointwise.ts";
import type { Model } from "../model/model.ts";
import { deriveModel } from "../model/models.ts";
import { checkLoss } from "./check_parts.ts";
import type { LossConfig } from "./config.ts";
import { invariantGradient } from "./invariance.ts";
import { resolveConfig } from "./resolve.ts";
import { joinOthers, type MetaState } from "./state.ts";
import { checkInputs, checkSamples, checkTasks, checkVector, widthsOf } from "./validate.ts";
import { checkEngine, checkEngineAndState } from "./check_arguments.ts";

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
 *
 * @example
 * ```ts
 * import { forward, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const net = mlp({ inputs: 1, hidden: [], outputs: 1 }); // w x + b
 * assertEquals([...await forward(engine, net, Float32Array.of(2, 1), Float32Array.of(3))], [7]);
 * ```
 */
export async function forward(
  engine: Engine,
  net: Model,
  params: Float32Array,
  x: Float32Array,
): Promise<Float32Array> {
  checkEngine("Cannot run forward", engine);
  const model = deriveModel(net);
  checkVector("Cannot run forward", "params", params, model.parameterCount);
  checkInputs("Cannot run forward", "x", x, model);
  return await engine.forward(model, params, x);
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
 *
 * @example
 * ```ts
 * import { lossGradient, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const net = mlp({ inputs: 1, hidden: [], outputs: 1 }); // w x + b
 * const samples = { rows: 1, x: Float32Array.of(1), y: Float32Array.of(0) };
 * const { loss, grad } = await lossGradient(engine, net, { kind: "mse" }, Float32Array.of(2, 1), samples);
 * assertEquals([loss, ...grad], [9, 6, 6]); // (w + b)²
 * ```
 */
export async function lossGradient(
  engine: Engine,
  net: Model,
  loss: LossConfig,
  params: Float32Array,
  samples: Samples,
): Promise<LossGradient> {
  const action = "Cannot take the loss gradient";
  checkEngine(action, engine);
  const model = deriveModel(net);
  checkVector(action, "params", params, model.parameterCount);
  checkLoss("loss", loss, model);
  checkSamples(action, "samples", samples, widthsOf({ net: model, loss }));
  const { gradPhi, ...result } = await engine.lossGradient(model, loss, { params, phi: phiOf(loss) }, samples);
  return lossOf(loss).phi.length > 0 ? { ...result, gradPhi } : result;
}

/**
 * The Hessian of L(θ; D) by θ, times a vector: the gradient of ⟨∇L, v⟩ (cf. Pearlmutter 1994), never a finite difference.
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
 *
 * @example
 * ```ts
 * import { hessianVectorProduct, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const net = mlp({ inputs: 1, hidden: [], outputs: 1 }); // w x + b
 * const samples = { rows: 1, x: Float32Array.of(1), y: Float32Array.of(0) };
 * const at = Float32Array.of(2, 1);
 * const product = await hessianVectorProduct(engine, net, { kind: "mse" }, at, samples, Float32Array.of(1, 0));
 * assertEquals([...product], [2, 2]); // of (w + b)²
 * ```
 */
export async function hessianVectorProduct(
  engine: Engine,
  net: Model,
  loss: LossConfig,
  params: Float32Array,
  samples: Samples,
  vector: Float32Array,
): Promise<Float32Array> {
  const action = "Cannot take a Hessian-vector product";
  checkEngine(action, engine);
  const model = deriveModel(net);
  checkVector(action, "params", params, model.parameterCount);
  checkVector(action, "vector", vector, model.parameterCount);
  checkLoss("loss", loss, model);
  checkSamples(action, "samples", samples, widthsOf({ net: model, loss }));
  return await engine.hessianVectorProduct(model, loss, { params, phi: phiOf(loss) }, samples, vector);
}

/** The gradient of a meta-loss by what every learner has. */
export interface LearnedGradient {
  /** Mean meta-loss over the tasks; with `outer.invariance` the loss that it makes of them. */
  readonly loss: number;
  /** Each task's meta-loss, `[tasks]`. */
  readonly taskLosses: Float32Array;
  /** By θ_0, `[parameterCount]`. */
  readonly params: Float32Array;
  /** By log α, the shape of `state.logLr`; zeros for Reptile and implicit gradients. */
  readonly logLr: Float32Array;
  /** By φ; only where the loss has it. */
  readonly phi?: Float32Array;
  /** By ω; zero for Reptile and implicit gradients. */
  readonly weightDecay: number;
  /** By the inner rule's own numbers, or by all that a method learns beside its theta, one after another; only where there are some. */
  readonly rule?: Float32Array;
}

/** The gradient of the meta-loss by everything learnable. */
export interface MetaGradientResult extends LearnedGradient {
  /** By each of `state.values`, by name, in the engine's own precision. */
  readonly by: Readonly<Record<string, Float32Array | Float64Array>>;
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
 *
 * @example
 * ```ts
 * import { maml, metaGradientOf, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [], outputs: 1 }) }), { params: Float32Array.of(2, 1) });
 * const support = { rows: 1, x: Float32Array.of(1), y: Float32Array.of(3) }; // what the start forecasts already
 * const { loss, params } = await metaGradientOf(engine, state, [{ support, query: support }]);
 * assertEquals([loss, ...params], [0, 0, 0]);
 * ```
 */
export async function metaGradientOf(
  engine: Engine,
  state: MetaState,
  tasks: readonly Task[],
): Promise<MetaGradientResult> {
  checkEngineAndState("Cannot take the meta-gradient", engine, state);
  const { inner, gradientAt, invariance } = resolveConfig(state.config);
  checkTasks("Cannot take the meta-gradient", tasks, widthsOf(inner));
  const point = { inner, gradient: gradientAt(state.step), learner: state };
  const found =
    await (invariance
      ? invariantGradient(engine, point, { tasks, invariance })
      : engine.metaGradient(inner, point.gradient, state, tasks));
  return resultOf(state, found);
}

/** An engine's meta-gradient as the public functions give it. */
export function resultOf(state: MetaState, found: MetaGradient): MetaGradientResult {
  const all: Record<string, Floats> = {
    theta: found.params,
    logLr: found.logLr,
    phi: found.phi,
    weightDecay: Float64Array.of(found.weightDecay),
    ...found.others,
  };
  return {
    loss: found.loss,
    taskLosses: single(found.taskLosses),
    params: single(found.params),
    logLr: single(found.logLr),
    ...("phi" in state.values ? { phi: single(found.phi) } : {}),
    weightDecay: found.weightDecay,
    ...(state.others ? { rule: joinOthers(state, found.others!) } : {}),
    by: Object.fromEntries(Object.keys(state.values).map((name) => [name, all[name]])),
  };
}

/** In float32; itself where it is. */
function single(values: Floats): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

function phiOf(loss: LossConfig): Float32Array {
  const { phi } = lossOf(loss);
  return Float32Array.from(phi.length > 0 ? phi : DEFAULT_PHI);
}
