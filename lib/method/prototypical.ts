/**
 * Prototypical networks: a class is the mean of its embedded support rows (Snell, Swersky & Zemel 2017).
 * @module
 */
import { applyModel, type Model } from "../model/model.ts";
import { deriveModel } from "../model/models.ts";
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import { buildMethod } from "./define_method.ts";
import type { Method } from "./method.ts";

/** What {@linkcode prototypical} takes. */
export interface PrototypicalOptions {
  /** The embedding f: outputs are its width, not the classes. */
  readonly net: Model;
}

/** The logit of a class that the support set does not hold: it is never forecast, and a query row of it costs as much. */
const ABSENT_LOGIT = -1e9;

/**
 * Prototypical networks (Snell et al. 2017, eq. 1 and 2): `c_k` is the weighted mean of f(x) over the support rows of class k,
 * logits are `−‖f(x) − c_k‖²`, judged by cross entropy. Targets are one-hot `[rows, classes]`, or probabilities; a task's width
 * says how many classes. With f the identity it is the nearest centroid exactly.
 *
 * For a few classes with several rows each, where adapting must cost one pass; train with as many rows a class as there will be.
 * Not where a class is more than one cloud: a mean stands for it. A class without support rows is never forecast.
 *
 * @param options The embedding.
 * @returns A method that learns `theta` `[net.parameterCount]`.
 * @throws {TypeError} `net` is no model.
 *
 * @example
 * ```ts
 * import { adapt, metaInit, mlp, openEngine, predict, prototypical } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(prototypical({ net: mlp({ inputs: 1, hidden: [], outputs: 1 }) }), { params: Float32Array.of(1, 0) });
 * const support = { rows: 2, x: Float32Array.of(-1, 1), y: Float32Array.of(1, 0, 0, 1) };
 * const [first, second] = await predict(engine, await adapt(engine, state, support), Float32Array.of(0.8));
 * assert(second > first);
 * ```
 */
export function prototypical(options: PrototypicalOptions): Method {
  requireKnownKeys("Cannot build prototypical", "options", options, { net: true });
  const net = deriveModel(options.net);
  return buildMethod({
    name: "prototypical",
    inputs: net.inputs,
    learnables: { theta: [net.parameterCount] },
    init: (stream) => ({ theta: net.init(stream) }),
    loss: { kind: "crossEntropy" },
    adapt(g, { theta }, { x, y, weights }) {
      const shares = g.mul(y, g.reshape(weights, [weights.shape[0], 1]));
      const totals = g.reshape(g.sum(shares, 0), [y.shape[1], 1]);
      const present = g.step(totals);
      const sums = g.matmul(shares, applyModel(g, net, { theta, x }), { transposeA: true });
      return { prototypes: g.div(sums, g.select(present, totals, 1)), present };
    },
    predict(g: Graph, { theta }, { prototypes, present }, x) {
      const [classes, width] = prototypes.shape;
      const embedded = g.reshape(applyModel(g, net, { theta, x }), [x.shape[0], 1, width]);
      const distances = g.sum(g.square(g.sub(embedded, g.reshape(prototypes, [1, classes, width]))), 2);
      return g.select(g.reshape(present, [1, classes]), g.neg(distances), ABSENT_LOGIT);
    },
  }, { net });
}
