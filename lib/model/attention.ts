/**
 * One head of attention over the bars of a row: the last bar asks (Vaswani et al. 2017, eq. 1).
 * @module
 */
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import { drawParts } from "./init.ts";
import { buildModel, type Model, type Parameters } from "./model.ts";
import { requireSizes, type SequenceOptions } from "./sequence.ts";

/** What {@linkcode attention} takes. */
export interface AttentionOptions extends SequenceOptions {
  /** Width of the embedding, at least 1. */
  readonly width: number;
}

/**
 * Attention over the bars of a row: `e = x·we + be + pos`, `a = softmax(q·k / √width)` with q from the last bar, and a linear
 * layer on `e_last + Σ a·v`. Rows are `[time][features]`, oldest first. Parts: `we` [features, width], `be` [width], `pos`
 * [time, width], `wq`, `wk`, `wv` [width, width], `wo` [width, outputs], `bo` [outputs].
 *
 * @param options Widths.
 * @returns A frozen model of `time · features` inputs.
 * @throws {RangeError} A width is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { attention } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(attention({ time: 20, features: 10, width: 16, outputs: 1 }).inputs, 200);
 * ```
 */
export function attention(options: AttentionOptions): Model {
  const keys = { time: true, features: true, width: true, outputs: true } as const;
  requireKnownKeys("Cannot build attention", "options", options, keys);
  const { time, features, width, outputs } = options;
  requireSizes("attention", { time, features, width, outputs });
  const params = {
    we: [features, width],
    be: [width],
    pos: [time, width],
    wq: [width, width],
    wk: [width, width],
    wv: [width, width],
    wo: [width, outputs],
    bo: [outputs],
  };
  return buildModel({
    kind: "attention",
    inputs: time * features,
    outputs,
    params,
    layers: [["we", "be", "pos"], ["wq", "wk", "wv"], ["wo", "bo"]],
    options: { time, features, width, outputs },
    init: (stream) => drawParts(params, stream),
    apply(g: Graph, p: Parameters, x: Value): Value {
      const rows = x.shape[0];
      const bars = g.reshape(x, [rows, time, features]);
      const place = g.add(p.pos, p.be);
      const last = g.add(g.matmul(g.at(bars, 1, time - 1), p.we), g.at(place, 0, time - 1));
      // Products with e = x·we + place are products with x and with place: e, and its gradients, are never made for all bars.
      // Likewise q·(e·wk) = (q·wkᵀ)·e and Σ a·(e·wv) = (Σ a·e)·wv.
      const asked = g.matmul(g.matmul(last, p.wq), p.wk, { transposeB: true });
      const byBar = g.matmul(bars, g.reshape(g.matmul(asked, p.we, { transposeB: true }), [rows, features, 1]));
      const scores = g.add(g.reshape(byBar, [rows, time]), g.matmul(asked, place, { transposeB: true }));
      const a = g.softmax(g.mul(1 / Math.sqrt(width), scores));
      const seen = g.reshape(g.matmul(g.reshape(a, [rows, 1, time]), bars), [rows, features]);
      const mixed = g.add(g.matmul(seen, p.we), g.matmul(a, place));
      return g.add(g.matmul(g.add(last, g.matmul(mixed, p.wv)), p.wo), p.bo);
    },
  });
}
