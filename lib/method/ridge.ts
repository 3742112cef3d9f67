/**
 * A ridge head: learned features, a linear answer solved in closed form on the support set (Bertinetto et al. 2019).
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { applyModel, type Model } from "../model/model.ts";
import { deriveModel } from "../model/models.ts";
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import { buildMethod } from "./define_method.ts";
import type { Method } from "./method.ts";

/** What {@linkcode ridge} takes. */
export interface RidgeOptions {
  /** The features: outputs are their number. A column of ones is added. */
  readonly net: Model;
  /** Loss on query rows (default mse); the head itself is always the least squares one. */
  readonly loss?: LossConfig;
}

/** Features with a column of ones, `[rows, features + 1]`. */
function features(g: Graph, net: Model, at: { readonly theta: Value; readonly x: Value }): Value {
  return g.concat([applyModel(g, net, at), g.constant(1, [at.x.shape[0], 1])], 1);
}

/**
 * Ridge regression on learned features, R2-D2 (Bertinetto et al. 2019, eq. 4 to 6): with S the features of the support rows and a
 * column of ones, `head = (SᵀWS + e^logRidge·I)⁻¹ SᵀWY`, predictions `Q·head`. It is what a linear head's inner loop with decay
 * comes to after infinitely many steps. Features and ridge are learned over tasks; the column of ones is shrunk, too.
 *
 * For regression on few rows: no inner rate to choose, no step that diverges. Not for classes, of which it knows the squared error
 * alone, nor where the targets are not about linear in features that tasks share. The solve costs features³ a task.
 *
 * @param options The features and the loss.
 * @returns A method that learns `theta` `[net.parameterCount]` and `logRidge` `[1]`.
 * @throws {TypeError} `net` is no model.
 * @throws {RangeError} The loss has φ, or wants several outputs a target.
 *
 * @example
 * ```ts
 * import { adaptPredict, metaInit, mlp, openEngine, ridge } from "@adaptrade/adaptrade";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
 * const state = metaInit(ridge({ net }), { values: { theta: [1, 0], logRidge: -12 } });
 * const support = { rows: 3, x: Float32Array.of(0, 1, 2), y: Float32Array.of(1, 3, 5) };
 * const [[predicted]] = await adaptPredict(engine, state, [{ support, x: Float32Array.of(10) }]);
 * assertAlmostEquals(predicted, 21, 1e-2);
 * ```
 */
export function ridge(options: RidgeOptions): Method {
  requireKnownKeys("Cannot build ridge", "options", options, { net: true, loss: true });
  const { loss = { kind: "mse" } } = options;
  const net = deriveModel(options.net);
  return buildMethod({
    name: "ridge",
    inputs: net.inputs,
    learnables: { theta: [net.parameterCount], logRidge: [1] },
    init: (stream) => ({ theta: net.init(stream), logRidge: [0] }),
    loss,
    adapt(g, { theta, logRidge }, { x, y, weights }) {
      const s = features(g, net, { theta, x });
      const size = s.shape[1];
      const weighed = g.mul(s, g.reshape(weights, [weights.shape[0], 1]));
      const identity = g.constant(Float64Array.from({ length: size ** 2 }, (_, i) => i % (size + 1) === 0 ? 1 : 0), [
        size,
        size,
      ]);
      const normal = g.add(g.matmul(weighed, s, { transposeA: true }), g.mul(g.exp(logRidge), identity));
      return { head: g.solve(normal, g.matmul(weighed, y, { transposeA: true })) };
    },
    predict: (g, { theta }, { head }, x) => g.matmul(features(g, net, { theta, x }), head),
  }, { net, loss });
}
