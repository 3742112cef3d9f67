/**
 * A long short-term memory over the bars of a row, and its cell, which memories and learned optimisers use too
 * (Hochreiter & Schmidhuber 1997; gates as in PyTorch, with one bias).
 * @module
 */
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import { scan } from "../program/scan.ts";
import type { Shape, Value } from "../program/value.ts";
import { drawParts } from "./init.ts";
import { buildModel, type Model, type Parameters } from "./model.ts";
import { byTime, requireSizes, type SequenceOptions } from "./sequence.ts";

/** What a cell carries from step to step, `[rows, hidden]` each; absent before the first step, where both are 0. */
export interface CellState {
  /** h, its output. */
  readonly hidden: Value;
  /** c, its memory. */
  readonly cell: Value;
}

/** Parts of a cell, named with a prefix: `wx` [inputs, 4·hidden], `wh` [hidden, 4·hidden], `b` [4·hidden]. */
export function cellParts(inputs: number, hidden: number, prefix = ""): Record<string, Shape> {
  return {
    [`${prefix}wx`]: [inputs, 4 * hidden],
    [`${prefix}wh`]: [hidden, 4 * hidden],
    [`${prefix}b`]: [4 * hidden],
  };
}

/**
 * One step: gates in the order input, forget, cell, output; `c' = σ(f)·c + σ(i)·tanh(g)`, `h' = σ(o)·tanh(c')`.
 *
 * @param z x·wx + b, `[rows, 4·hidden]`: the caller takes the product for all steps at once where it can.
 */
export function cellStep(
  g: Graph,
  wh: Value,
  { z, state }: { readonly z: Value; readonly state?: CellState | undefined },
): CellState {
  const size = wh.shape[0];
  const sums = state ? g.add(z, g.matmul(state.hidden, wh)) : z;
  // σ(x) = ½ + ½ tanh(½x): one tanh for all four gates.
  const halves = g.constant(
    Float64Array.from({ length: 4 * size }, (_, i) => Math.floor(i / size) === CANDIDATE ? 1 : 0.5),
  );
  const squashed = g.tanh(g.mul(sums, halves));
  const part = (k: number): Value => g.slice(squashed, 1, { start: k * size, end: (k + 1) * size });
  const gate = (k: number): Value => g.add(0.5, g.mul(0.5, part(k)));
  const fresh = g.mul(gate(0), part(CANDIDATE));
  const cell = state ? g.add(g.mul(gate(1), state.cell), fresh) : fresh;
  return { hidden: g.mul(gate(3), g.tanh(cell)), cell };
}

/** Place of the new content among the gates. */
const CANDIDATE = 2;

/** What {@linkcode lstm} takes. */
export interface LstmOptions extends SequenceOptions {
  /** Width of the memory, at least 1. */
  readonly hidden: number;
  /**
   * Bars from one kept state to the next, at least 1, where gradients shall compute the states between again: near the root
   * of `time`, memory grows with that root, for a program about twice as long. Absent (the default), all states are kept.
   */
  readonly every?: number;
}

/**
 * A long short-term memory that reads a row's bars from the oldest on; a linear layer answers from its last output. Rows are
 * `[time][features]`. Parts: `wx` [features, 4·hidden], `wh` [hidden, 4·hidden], `b` [4·hidden] (gates input, forget, cell,
 * output), `wo` [hidden, outputs], `bo` [outputs]. The forget gate's bias starts at 1 (Jozefowicz et al. 2015).
 *
 * @param options Widths.
 * @returns A frozen model of `time · features` inputs.
 * @throws {RangeError} A width is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { lstm } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const net = lstm({ time: 20, features: 10, hidden: 32, outputs: 1 });
 * assertEquals([net.inputs, net.parameterCount], [200, 5537]);
 * ```
 */
export function lstm(options: LstmOptions): Model {
  requireKnownKeys("Cannot build lstm", "options", options, {
    time: true,
    features: true,
    hidden: true,
    outputs: true,
    every: true,
  });
  const { time, features, hidden, outputs, every } = options;
  const checkpoints = every === undefined ? {} : { every };
  requireSizes("lstm", { time, features, hidden, outputs, ...checkpoints });
  const params = { ...cellParts(features, hidden), wo: [hidden, outputs], bo: [outputs] };
  return buildModel({
    kind: "lstm",
    inputs: time * features,
    outputs,
    params,
    layers: [["wx", "wh", "b"], ["wo", "bo"]],
    options: { time, features, hidden, outputs, ...checkpoints },
    init: (stream) =>
      drawParts(params, stream, {
        b: Float32Array.from({ length: 4 * hidden }, (_, i) => i >= hidden && i < 2 * hidden ? 1 : 0),
      }),
    apply(g: Graph, p: Parameters, x: Value): Value {
      const rows = x.shape[0];
      const bars = byTime(g, options, x);
      let state: CellState | undefined;
      if (every !== undefined) {
        const empty = g.constant(0, [rows, hidden]);
        const step = (state: CellState, bar: Value): CellState =>
          cellStep(g, p.wh, { z: g.add(g.matmul(bar, p.wx), p.b), state });
        state = scan<CellState>(g, { hidden: empty, cell: empty }, bars, { step, every });
      } else {
        const z = g.add(g.matmul(g.reshape(bars, [time * rows, features]), p.wx), p.b);
        for (let t = 0; t < time; t++) {
          state = cellStep(g, p.wh, { z: g.slice(z, 0, { start: t * rows, end: (t + 1) * rows }), state });
        }
      }
      return g.add(g.matmul(state!.hidden, p.wo), p.bo);
    },
  });
}
