/**
 * Conditional neural processes: the mean of encoded support pairs conditions a decoder (Garnelo et al. 2018).
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { lossOf } from "../loss/losses.ts";
import { applyModel } from "../model/model.ts";
import type { Activation } from "../net/activation.ts";
import { type Mlp, mlp } from "../net/mlp.ts";
import type { Random } from "../net/random.ts";
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import { buildMethod } from "./define_method.ts";
import type { Method } from "./method.ts";

/** What {@linkcode neuralProcess} takes. */
export interface NeuralProcessOptions {
  /** Inputs of a row, at least 1. */
  readonly inputs: number;
  /** Targets of a row, or the width of the predictions: twice as many with the gaussian loss. The decoder's last width tells which. */
  readonly outputs: number;
  /** Widths of the encoder, its input (inputs + targets) and its output (of the summary) included. */
  readonly encoder: readonly number[];
  /** Widths of the decoder, its input (inputs + summary) and its output included. */
  readonly decoder: readonly number[];
  /** Activation behind every hidden layer of both (default tanh). */
  readonly activation?: Activation;
  /** Loss of the predictions (default gaussian with floor 1e-3: without one the variance collapses). */
  readonly loss?: LossConfig;
}

/** A perceptron of these widths. */
export function perceptronOf(widths: readonly number[], activation: Activation): Mlp {
  const [inputs, ...rest] = widths;
  return mlp({ inputs, hidden: rest.slice(0, -1), outputs: rest[rest.length - 1], activation });
}

/** Requires widths from one size to another, with at least one layer. */
export function requireWidths(
  action: string,
  name: string,
  widths: readonly number[],
  { from, to }: { readonly from: number; readonly to?: number },
): void {
  const fits = Array.isArray(widths) && widths.length >= 2 && widths[0] === from &&
    (to === undefined || widths[widths.length - 1] === to);
  if (fits) return;
  const wanted = `widths from ${from}${to === undefined ? "" : ` to ${to}`}, both included`;
  throw new RangeError(`${action}: expected ${name} to be ${wanted}, received [${String(widths)}]`);
}

/** The width of the predictions, a decoder's last, and the targets that they forecast; `outputs` must be one of the two. */
export function requireOutputs(
  action: string,
  loss: LossConfig,
  { outputs, decoder }: { readonly outputs: number; readonly decoder: readonly number[] },
): { readonly width: number; readonly targets: number } {
  const width = decoder?.[decoder.length - 1];
  const targets = lossOf(loss).targets(width);
  if (targets !== undefined && (outputs === width || outputs === targets)) return { width, targets };
  const wanted = targets === undefined
    ? `a decoder that ends as loss ${loss.kind} wants`
    : `outputs to be ${width} as the decoder's last width, or ${targets} as the targets`;
  throw new RangeError(`${action}: expected ${wanted}, received ${targets === undefined ? width : outputs}`);
}

/** Initial numbers of two parts one after another. */
export function joined(first: Float32Array, second: Float32Array): Float32Array {
  const both = new Float32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** One summary `[1, width]` beside every row of inputs. */
export function besideRows(g: Graph, x: Value, summary: Value): Value {
  return g.concat([x, g.broadcast(summary, [x.shape[0], summary.shape[1]])], 1);
}

/**
 * Conditional neural process (Garnelo et al. 2018, eq. 3 and 4): r = Σ w_i h(x_i, y_i) / Σ w_i over the support, predictions
 * g(x, r). With the gaussian loss these are means and log variances, trained to the likelihood of the query rows.
 *
 * For a distribution at every x from any number of rows, cheaply: a summary of fixed width, whatever their order. Not where one task
 * differs from the next in more than the summary can hold, and not beyond the range of inputs that it was trained on, where it is
 * confident all the same.
 *
 * @param options Widths, activation and loss.
 * @returns A method that learns `theta`: the encoder's weights, then the decoder's, each as `mlp()` lays them out.
 * @throws {RangeError} Widths do not fit each other or the loss, or the loss has φ.
 *
 * @example
 * ```ts
 * import { adaptPredict, metaInit, neuralProcess, openEngine } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(neuralProcess({ inputs: 1, outputs: 2, encoder: [2, 16, 8], decoder: [9, 16, 2] }));
 * const support = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const [meanAndLogVariance] = await adaptPredict(engine, state, [{ support, x: Float32Array.of(0.5) }]);
 * assertEquals(meanAndLogVariance.length, 2);
 * ```
 */
export function neuralProcess(options: NeuralProcessOptions): Method {
  const action = "Cannot build neuralProcess";
  requireKnownKeys(action, "options", options, {
    inputs: true,
    outputs: true,
    encoder: true,
    decoder: true,
    activation: true,
    loss: true,
  });
  const { inputs, outputs, activation = "tanh", loss = { kind: "gaussian", floor: 1e-3 } } = options;
  const { width, targets } = requireOutputs(action, loss, options);
  requireWidths(action, "encoder", options.encoder, { from: inputs + targets });
  const summary = options.encoder[options.encoder.length - 1];
  requireWidths(action, "decoder", options.decoder, { from: inputs + summary, to: width });
  const [encoder, decoder] = [options.encoder, options.decoder].map((widths) => perceptronOf(widths, activation));
  const split = encoder.parameterCount;
  return buildMethod({
    name: "neuralProcess",
    inputs,
    outputs: width,
    learnables: { theta: [split + decoder.parameterCount] },
    init: (stream: Random) => ({ theta: joined(encoder.init(stream), decoder.init(stream)) }),
    loss,
    adapt(g, { theta }, { x, y, weights }) {
      const pairs = applyModel(g, encoder, { theta: g.slice(theta, 0, { end: split }), x: g.concat([x, y], 1) });
      const total = g.sum(g.mul(pairs, g.reshape(weights, [weights.shape[0], 1])), 0, { keep: true });
      return { summary: g.div(total, g.sum(weights)) };
    },
    predict: (g, { theta }, context, x) =>
      applyModel(g, decoder, { theta: g.slice(theta, 0, { start: split }), x: besideRows(g, x, context.summary) }),
  }, { inputs, outputs, encoder: [...options.encoder], decoder: [...options.decoder], activation, loss });
}
