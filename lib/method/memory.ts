/**
 * A memory: an LSTM reads the support pairs one after another and a perceptron answers from what it remembers.
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { drawParts } from "../model/init.ts";
import { cellParts, type CellState, cellStep } from "../model/lstm.ts";
import { applyModel, partsOf, unflatten } from "../model/model.ts";
import type { Activation } from "../net/activation.ts";
import type { Random } from "../net/random.ts";
import { requireKnownKeys } from "../options.ts";
import { buildMethod } from "./define_method.ts";
import type { Method } from "./method.ts";
import { besideRows, joined, perceptronOf, requireOutputs, requireWidths } from "./neural_process.ts";

/** What {@linkcode memory} takes. */
export interface MemoryOptions {
  /** Inputs of a row, at least 1. */
  readonly inputs: number;
  /** Targets of a row, or the width of the predictions, which a loss may want more of. The decoder's last width tells which. */
  readonly outputs: number;
  /** Width of the memory, at least 1. */
  readonly hidden: number;
  /** Widths of the decoder, its input (inputs + hidden) and its output included. */
  readonly decoder: readonly number[];
  /** Activation behind every hidden layer of the decoder (default tanh). */
  readonly activation?: Activation;
  /** Loss of the predictions (default mse). */
  readonly loss?: LossConfig;
}

/**
 * A recurrent learner: h_i = LSTM(h_{i−1}, [x_i, y_i]) over the support rows in their order, predictions g(x, h_n) by a perceptron
 * (after Hochreiter et al. 2001 and Santoro et al. 2016, without the external store; every target is read with its own row, and
 * the query's never). Gates lie as in `lstm()`; the forget gate's bias starts at 1.
 *
 * For support rows that come in time, where the last ones tell more. The order matters: give rows from the oldest on. A row of weight
 * 0 is not there; other weights are all the same. Not for many rows: each is one step of the recurrence, unrolled.
 *
 * @param options Widths, activation and loss.
 * @returns A method that learns `theta`: the cell's parts `wx`, `wh`, `b`, then the decoder's weights as `mlp()` lays them out.
 * @throws {RangeError} Widths do not fit each other or the loss, or the loss has φ.
 *
 * @example
 * ```ts
 * import { adaptPredict, memory, metaInit, openEngine } from "@adaptrade/adaptrade";
 * import { assertNotEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(memory({ inputs: 1, outputs: 1, hidden: 8, decoder: [9, 16, 1] }));
 * const x = Float32Array.of(0.5);
 * const ordered = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const turned = { rows: 2, x: Float32Array.of(1, 0), y: Float32Array.of(3, 1) };
 * const [one, other] = await adaptPredict(engine, state, [{ support: ordered, x }, { support: turned, x }]);
 * assertNotEquals(one, other);
 * ```
 */
export function memory(options: MemoryOptions): Method {
  const action = "Cannot build memory";
  requireKnownKeys(action, "options", options, {
    inputs: true,
    outputs: true,
    hidden: true,
    decoder: true,
    activation: true,
    loss: true,
  });
  const { inputs, outputs, hidden, activation = "tanh", loss = { kind: "mse" } } = options;
  if (!Number.isInteger(hidden) || hidden < 1) {
    throw new RangeError(`${action}: expected hidden to be a whole number of at least 1, received ${String(hidden)}`);
  }
  const { width, targets } = requireOutputs(action, loss, options);
  const shapes = cellParts(inputs + targets, hidden);
  requireWidths(action, "decoder", options.decoder, { from: inputs + hidden, to: width });
  const decoder = perceptronOf(options.decoder, activation);
  const cell = partsOf(shapes);
  const split = cell[cell.length - 1].end;
  const firstBias = Float32Array.from({ length: 4 * hidden }, (_, i) => i >= hidden && i < 2 * hidden ? 1 : 0);
  return buildMethod({
    name: "memory",
    inputs,
    outputs: width,
    learnables: { theta: [split + decoder.parameterCount] },
    init: (stream: Random) => ({ theta: joined(drawParts(shapes, stream, { b: firstBias }), decoder.init(stream)) }),
    loss,
    adapt(g, { theta }, { x, y, weights }) {
      const { wx, wh, b } = unflatten(g, cell, g.slice(theta, 0, { end: split }));
      const z = g.add(g.matmul(g.concat([x, y], 1), wx), b);
      const there = g.reshape(g.step(weights), [x.shape[0], 1]);
      let state: CellState | undefined;
      for (let i = 0; i < x.shape[0]; i++) {
        const row = { start: i, end: i + 1 };
        const { hidden, cell } = cellStep(g, wh, { z: g.slice(z, 0, row), state });
        const read = g.slice(there, 0, row);
        state = {
          hidden: g.select(read, hidden, state?.hidden ?? 0),
          cell: g.select(read, cell, state?.cell ?? 0),
        };
      }
      return { remembered: state!.hidden };
    },
    predict: (g, { theta }, { remembered }, x) =>
      applyModel(g, decoder, { theta: g.slice(theta, 0, { start: split }), x: besideRows(g, x, remembered) }),
  }, { inputs, outputs, hidden, decoder: [...options.decoder], activation, loss });
}
