/**
 * Matching networks: a prediction is an average of the support's targets, weighed by likeness (Vinyals et al. 2016).
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { LIKELIHOOD } from "../loss/distribution.ts";
import { applyModel, type Model } from "../model/model.ts";
import { deriveModel } from "../model/models.ts";
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import { buildMethod } from "./define_method.ts";
import type { Method } from "./method.ts";

/** What {@linkcode matching} takes. */
export interface MatchingOptions {
  /** The embedding f, of queries and support alike. */
  readonly net: Model;
  /** `crossEntropy` (default) for one-hot targets: predictions are then probabilities, not logits. `mse`, ... for numbers. */
  readonly loss?: LossConfig;
}

/** Keeps the length of an embedding of zeros above 0. */
const LEAST_SQUARE = 1e-12;

/** Score of a row of weight 0, below every cosine that a scale can stretch. */
const UNSEEN_SCORE = -1e9;

/** log of how sharply likeness is told apart at the start: e^2 ≈ 7 in cosines that lie in [−1, 1]. */
const FIRST_LOG_SCALE = 2;

/** Embeddings of length 1, `[rows, width]`. */
function directions(g: Graph, net: Model, at: { readonly theta: Value; readonly x: Value }): Value {
  const embedded = applyModel(g, net, at);
  return g.div(embedded, g.sqrt(g.add(g.sum(g.square(embedded), 1, { keep: true }), LEAST_SQUARE)));
}

/**
 * Matching networks without full-context embeddings (Vinyals et al. 2016, eq. 1): ŷ = Σ a(x, x_i) y_i over the support rows,
 * a = softmax of e^logScale · cos(f(x), f(x_i)) + log w_i; a row of weight 0 is not there. The scale is learned.
 *
 * For classes or numbers where few rows are alike and the like ones answer: a nearest neighbour that is learned. Every support row
 * is kept. Predictions stay within the support's targets: not where they must go beyond them.
 *
 * @param options The embedding and the loss.
 * @returns A method that learns `theta` `[net.parameterCount]` and `logScale` `[1]`.
 * @throws {TypeError} `net` is no model.
 * @throws {RangeError} The loss has φ, or wants several outputs a target.
 *
 * @example
 * ```ts
 * import { adaptPredict, matching, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 1, hidden: [8], outputs: 4, activation: "tanh" });
 * const support = { rows: 3, x: Float32Array.of(-1, 0, 1), y: Float32Array.of(2, 3, 4) };
 * const state = metaInit(matching({ net, loss: { kind: "mse" } }));
 * const [[predicted]] = await adaptPredict(engine, state, [{ support, x: Float32Array.of(5) }]);
 * assert(predicted > 2 && predicted < 4);
 * ```
 */
export function matching(options: MatchingOptions): Method {
  requireKnownKeys("Cannot build matching", "options", options, { net: true, loss: true });
  const { loss = { kind: "crossEntropy" } } = options;
  const net = deriveModel(options.net);
  return buildMethod({
    name: "matching",
    inputs: net.inputs,
    learnables: { theta: [net.parameterCount], logScale: [1] },
    init: (stream) => ({ theta: net.init(stream), logScale: [FIRST_LOG_SCALE] }),
    // Averages of one-hot targets are probabilities already.
    loss: loss.kind === "crossEntropy" ? LIKELIHOOD : loss,
    adapt: (g, { theta }, { x, y, weights }) => ({ keys: directions(g, net, { theta, x }), targets: y, weights }),
    predict(g, { theta, logScale }, { keys, targets, weights }, x) {
      const likeness = g.matmul(directions(g, net, { theta, x }), keys, { transposeB: true });
      // A row of weight 0 must not be the largest either: beside a likeness of its own all others could round to 0.
      const scores = g.select(g.step(weights), g.mul(g.exp(logScale), likeness), UNSEEN_SCORE);
      // w·eˢ in place of e^(s + log w): no infinity where a weight is 0. The largest is a constant that cancels.
      const largest = g.stop(g.max(scores, 1, { keep: true }));
      const shares = g.mul(weights, g.exp(g.sub(scores, largest)));
      return g.div(g.matmul(shares, targets), g.sum(shares, 1, { keep: true }));
    },
  }, { net, loss });
}
