/**
 * An in-context learner: a small transformer reads the support pairs as a set, queries ask it (Müller et al. 2022).
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { drawParts } from "../model/init.ts";
import { type Parameters, partsOf, unflatten } from "../model/model.ts";
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Shape, Value } from "../program/value.ts";
import { buildMethod } from "./define_method.ts";
import type { Context, Method } from "./method.ts";
import { requireOutputs } from "./neural_process.ts";

/** What {@linkcode inContext} takes. */
export interface InContextOptions {
  /** Inputs of a row, at least 1. */
  readonly inputs: number;
  /** Width of the predictions: the targets of a row, or as many as the loss wants for them, at least 1. */
  readonly outputs: number;
  /** Width of a token (default 32); a multiple of `heads`. */
  readonly width?: number;
  /** Heads of attention, at least 1 (default 2). */
  readonly heads?: number;
  /** Layers, at least 1 (default 2). */
  readonly layers?: number;
  /** Whether rows are told by their age, the last being the youngest (default false: a set, whatever its order). */
  readonly ordered?: boolean;
  /** Loss of the predictions (default mse). */
  readonly loss?: LossConfig;
}

/** Hidden units of a layer's perceptron for each of its width. */
const WIDER = 2;
/** Added to a token's variance before its root. */
const LEAST_VARIANCE = 1e-5;
/** Added to a score for a row of weight 0: e to that is 0. */
const UNSEEN_SCORE = -1e9;
/** What a head takes off a score for each row of age, before softplus: about 0.05. */
const FIRST_AGEING = -3;

const KEYS = {
  inputs: true,
  outputs: true,
  width: true,
  heads: true,
  layers: true,
  ordered: true,
  loss: true,
} as const;
const ACTION = "Cannot build inContext";

function requireCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new RangeError(`${ACTION}: expected ${name} to be a whole number of at least 1, received ${String(value)}`);
}

/** The sizes of a learner, checked. */
interface Sizes {
  readonly inputs: number;
  readonly targets: number;
  readonly outputs: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly ordered: boolean;
}

function shapesOf({ inputs, targets, outputs, width, heads, layers, ordered }: Sizes): Record<string, Shape> {
  const shapes: Record<string, Shape> = { wx: [inputs, width], wy: [targets, width], b: [width] };
  for (let l = 0; l < layers; l++) {
    for (const name of ["wq", "wk", "wv", "wo"]) shapes[`${l}.${name}`] = [width, width];
    if (ordered) shapes[`${l}.age`] = [heads];
    Object.assign(shapes, {
      [`${l}.w1`]: [width, WIDER * width],
      [`${l}.b1`]: [WIDER * width],
      [`${l}.w2`]: [WIDER * width, width],
      [`${l}.b2`]: [width],
    });
  }
  return { ...shapes, wo: [width, outputs], bo: [outputs] };
}

/** Tokens of mean 0 and variance 1 (Ba et al. 2016), without gains: the products that read them have their own. */
function normed(g: Graph, tokens: Value): Value {
  const centred = g.sub(tokens, g.mean(tokens, 1, { keep: true }));
  return g.div(centred, g.sqrt(g.add(LEAST_VARIANCE, g.mean(g.square(centred), 1, { keep: true }))));
}

/** `[rows, width]` as `[heads, rows, width / heads]`. */
function byHead(g: Graph, rows: Value, heads: number): Value {
  const [count, width] = rows.shape;
  return g.transpose(g.reshape(rows, [count, heads, width / heads]), [1, 0, 2]);
}

/** What is added to the scores of the support's rows, `[heads, 1, rows]`: ages, and which rows are there. */
function scoreOffsets(g: Graph, { heads, ordered }: Sizes, at: { weights: Value; ageing: Value | undefined }): Value {
  const { weights, ageing } = at;
  const rows = weights.shape[0];
  const seen = g.step(weights);
  const logWeights = g.select(seen, g.log(g.select(seen, weights, 1)), UNSEEN_SCORE);
  const offsets = g.broadcast(g.reshape(logWeights, [1, 1, rows]), [heads, 1, rows]);
  if (!ordered) return offsets;
  const ages = g.constant(Float64Array.from({ length: rows }, (_, i) => rows - 1 - i), [1, 1, rows]);
  return g.sub(offsets, g.mul(g.reshape(g.softplus(ageing!), [heads, 1, 1]), ages));
}

/** One layer for tokens that ask a support's keys and values: attention, then a perceptron, each added to its input. */
function layer(
  g: Graph,
  part: (name: string) => Value,
  { tokens, keys, values, offsets }: { tokens: Value; keys: Value; values: Value; offsets: Value },
): Value {
  const [heads, , size] = keys.shape;
  const asked = byHead(g, g.matmul(normed(g, tokens), part("wq")), heads);
  const scores = g.add(g.mul(1 / Math.sqrt(size), g.matmul(asked, keys, { transposeB: true })), offsets);
  const heard = g.transpose(g.matmul(g.softmax(scores), values), [1, 0, 2]);
  const told = g.add(tokens, g.matmul(g.reshape(heard, tokens.shape), part("wo")));
  const hidden = g.gelu(g.add(g.matmul(normed(g, told), part("w1")), part("b1")));
  return g.add(told, g.add(g.matmul(hidden, part("w2")), part("b2")));
}

function partOf(p: Parameters, l: number): (name: string) => Value {
  return (name) => p[`${l}.${name}`];
}

/**
 * A transformer that learns in context, a prior-fitted network (Müller et al. 2022, section 4 and figure 2; the layers of Vaswani et
 * al. 2017 with the normalisation first): each support row is a token of its input and its target, tokens attend to one another,
 * queries are tokens of their input alone and attend to the support's. What it learned over tasks is how to learn; adapting is one
 * pass. A row of weight w counts as w rows; one of weight 0 is not there.
 *
 * For tasks from one distribution of which there is any amount, simulated ones among them: it comes near the posterior mean of the
 * distribution that it was trained on, and with the gaussian loss near its spread. Not for support sets far larger than those trained
 * on (cost grows with rows²), nor beyond the range of the tasks seen: nothing there pulls it back to the support.
 *
 * @param options Widths, whether rows are ordered, and the loss.
 * @returns A method that learns `theta`: the tokens' embedding, each layer, then the answer.
 * @throws {RangeError} Widths do not fit each other or the loss, or the loss has φ.
 *
 * @example
 * ```ts
 * import { adaptPredict, metaInit, openEngine } from "@adaptrade/adaptrade";
 * import { inContext } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(inContext({ inputs: 1, outputs: 2, width: 8, loss: { kind: "gaussian", floor: 1e-3 } }));
 * const support = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const [meanAndLogVariance] = await adaptPredict(engine, state, [{ support, x: Float32Array.of(0.5) }]);
 * assertEquals(meanAndLogVariance.length, 2);
 * ```
 */
export function inContext(options: InContextOptions): Method {
  requireKnownKeys(ACTION, "options", options, KEYS);
  const { inputs, outputs, width = 32, heads = 2, layers = 2, ordered = false, loss = { kind: "mse" } } = options;
  for (const [name, value] of Object.entries({ inputs, outputs, width, heads, layers })) requireCount(name, value);
  if (width % heads !== 0) {
    throw new RangeError(`${ACTION}: expected width to be a multiple of heads (${heads}), received ${width}`);
  }
  const { targets } = requireOutputs(ACTION, loss, { outputs, decoder: [width, outputs] });
  const sizes: Sizes = { inputs, targets, outputs, width, heads, layers, ordered };
  const shapes = shapesOf(sizes);
  const parts = partsOf(shapes);
  const ages = Object.fromEntries(
    Object.keys(shapes).filter((name) => name.endsWith(".age")).map((
      name,
    ) => [name, new Array(heads).fill(FIRST_AGEING)]),
  );
  const offsetsAt = (g: Graph, p: Parameters, l: number, weights: Value): Value =>
    scoreOffsets(g, sizes, { weights, ageing: p[`${l}.age`] });
  return buildMethod({
    name: "inContext",
    inputs,
    outputs,
    learnables: { theta: [parts[parts.length - 1].end] },
    init: (stream) => ({ theta: drawParts(shapes, stream, ages) }),
    loss,
    adapt(g, { theta }, { x, y, weights }) {
      const p = unflatten(g, parts, theta);
      let tokens = g.add(g.add(g.matmul(x, p.wx), g.matmul(y, p.wy)), p.b);
      const context: Record<string, Value> = {};
      for (let l = 0; l < layers; l++) {
        const part = partOf(p, l);
        const [keys, values] = ["wk", "wv"].map((name) => byHead(g, g.matmul(normed(g, tokens), part(name)), heads));
        const offsets = offsetsAt(g, p, l, weights);
        Object.assign(context, { [`${l}.keys`]: keys, [`${l}.values`]: values, [`${l}.offsets`]: offsets });
        // What the last layer makes of the support nobody asks for.
        if (l < layers - 1) tokens = layer(g, part, { tokens, keys, values, offsets });
      }
      return context;
    },
    predict(g, { theta }, context: Context, x) {
      const p = unflatten(g, parts, theta);
      let tokens = g.add(g.matmul(x, p.wx), p.b);
      for (let l = 0; l < layers; l++) {
        tokens = layer(g, partOf(p, l), {
          tokens,
          keys: context[`${l}.keys`],
          values: context[`${l}.values`],
          offsets: context[`${l}.offsets`],
        });
      }
      return g.add(g.matmul(normed(g, tokens), p.wo), p.bo);
    },
  }, { inputs, outputs, width, heads, layers, ordered, loss });
}
