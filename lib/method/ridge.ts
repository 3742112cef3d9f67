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
  /**
   * Loss on query rows (default mse); the head itself is always the least squares one. With `gaussian` predictions are means and
   * log variances, these in closed form.
   */
  readonly loss?: LossConfig;
  /** Targets of a row, at least 1, which the gaussian loss must know (default 1; any number with other losses). */
  readonly targets?: number;
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
 * With the gaussian loss it is Bayesian linear regression on those features: noise of variance σ² = e^logNoise, learned over tasks,
 * and weights of variance σ²/e^logRidge before the support is seen give `σ²·(1 + q(SᵀWS + e^logRidge·I)⁻¹qᵀ)` at features q (Bishop
 * 2006, eq. 3.59; over tasks Harrison et al. 2018): it grows where the support says nothing.
 *
 * For regression on few rows: no inner rate to choose, no step that diverges. Not for classes, of which it knows the squared error
 * alone, nor where the targets are not about linear in features that tasks share. The solve costs features³ a task.
 *
 * @param options The features and the loss.
 * @returns A method that learns `theta` `[net.parameterCount]`, `logRidge` `[1]` and, with the gaussian loss, `logNoise` `[1]`.
 * @throws {TypeError} `net` is no model.
 * @throws {RangeError} The loss has φ, or wants several outputs a target and is not gaussian, or targets is out of range.
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
  requireKnownKeys("Cannot build ridge", "options", options, { net: true, loss: true, targets: true });
  const { loss = { kind: "mse" }, targets } = options;
  if (targets !== undefined && (!Number.isInteger(targets) || targets < 1)) {
    throw new RangeError(
      `Cannot build ridge: expected targets to be a whole number of at least 1, received ${String(targets)}`,
    );
  }
  const net = deriveModel(options.net);
  const tellsVariance = loss.kind === "gaussian";
  const outputs = tellsVariance ? 2 * (targets ?? 1) : targets;
  return buildMethod({
    name: "ridge",
    inputs: net.inputs,
    ...(outputs === undefined ? {} : { outputs }),
    learnables: { theta: [net.parameterCount], logRidge: [1], ...(tellsVariance ? { logNoise: [1] } : {}) },
    init: (stream) => ({ theta: net.init(stream), logRidge: [0], ...(tellsVariance ? { logNoise: [0] } : {}) }),
    loss,
    adapt(g, { theta, logRidge }, { x, y, weights }) {
      const s = features(g, net, { theta, x });
      const size = s.shape[1];
      const weighed = g.mul(s, g.reshape(weights, [weights.shape[0], 1]));
      const identity = g.constant(
        Float64Array.from({ length: size ** 2 }, (_, i) => i % (size + 1) === 0 ? 1 : 0),
        [size, size],
      );
      const normal = g.add(g.matmul(weighed, s, { transposeA: true }), g.mul(g.exp(logRidge), identity));
      const head = g.solve(normal, g.matmul(weighed, y, { transposeA: true }));
      const context: Record<string, Value> = tellsVariance ? { head, inverse: g.solve(normal, identity) } : { head };
      return context;
    },
    predict(g, { theta, logNoise }, { head, inverse }, x) {
      const q = features(g, net, { theta, x });
      const means = g.matmul(q, head);
      if (!tellsVariance) return means;
      const doubt = g.sum(g.mul(g.matmul(q, inverse), q), 1, { keep: true });
      const logVariance = g.add(logNoise, g.log(g.add(1, doubt)));
      return g.concat([means, g.broadcast(logVariance, means.shape)], 1);
    },
  }, { net, loss, ...(targets === undefined ? {} : { targets }) });
}
