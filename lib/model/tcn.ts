/**
 * A temporal convolutional network: causal, dilated, with residual connections (Bai, Kolter & Koltun 2018, section 3).
 * Only the last bar answers, so only the bars that it can see are computed.
 * @module
 */
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Shape, Value } from "../program/value.ts";
import { drawParts } from "./init.ts";
import { buildModel, type Model, type Parameters } from "./model.ts";
import { byTime, requireSizes, type SequenceOptions } from "./sequence.ts";

/** What {@linkcode tcn} takes. */
export interface TcnOptions extends SequenceOptions {
  /** Width of each layer, at least one. */
  readonly channels: readonly number[];
  /** Bars that a filter looks at, 2^l apart in layer l. */
  readonly taps: number;
}

/** Outputs of a layer at some bars: `[bars.length, rows, width]`. */
interface Sequence {
  readonly bars: readonly number[];
  readonly value: Value;
}

/** A sequence at other bars; zeros before the first bar. All must be among its own. */
function atBars(g: Graph, { bars, value }: Sequence, wanted: readonly number[]): Value {
  const [, rows, width] = value.shape;
  return g.concat(
    wanted.map((bar) => {
      const at = bars.indexOf(bar);
      return at < 0 ? g.constant(0, [1, rows, width]) : g.slice(value, 0, { start: at, end: at + 1 });
    }),
    0,
  );
}

/** Bars back of each tap of layer l: tap j looks (taps − 1 − j)·2^l back. */
function reach(taps: number, layer: number): number[] {
  return Array.from({ length: taps }, (_, j) => (taps - 1 - j) * 2 ** layer);
}

/** Bars at which each layer's output is needed for the last bar's answer, `[layers]`, ascending. */
function neededBars({ time, channels, taps }: TcnOptions): number[][] {
  const needed: number[][] = [[time - 1]];
  for (let l = channels.length - 1; l > 0; l--) {
    const seen = new Set(needed[0].flatMap((bar) => reach(taps, l).map((back) => bar - back)));
    needed.unshift([...seen].filter((bar) => bar >= 0).sort((a, b) => a - b));
  }
  return needed;
}

/** Shapes of the parts: `k0`, `b0`, `k1`, ... and the head. */
function partShapes({ features, channels, taps, outputs }: TcnOptions): Record<string, Shape> {
  const widths = [features, ...channels];
  const params: Record<string, Shape> = {};
  channels.forEach((width, l) => {
    params[`k${l}`] = [taps, widths[l], width];
    params[`b${l}`] = [width];
  });
  return { ...params, wo: [widths[widths.length - 1], outputs], bo: [outputs] };
}

/**
 * A temporal convolutional network. Layer l filters with `taps` taps 2^l bars apart, tanh behind it, and adds its input where
 * the widths agree; a linear layer answers from the last bar. Rows are `[time][features]`, oldest first. Parts: `k{l}`
 * [taps, in, out] (tap j looks (taps − 1 − j)·2^l bars back), `b{l}` [out], `wo` [width, outputs], `bo` [outputs].
 *
 * @param options Widths.
 * @returns A frozen model of `time · features` inputs.
 * @throws {RangeError} A width is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { tcn } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const net = tcn({ time: 20, features: 10, channels: [16, 16], taps: 3, outputs: 1 });
 * assertEquals(net.parts.map(({ name }) => name), ["k0", "b0", "k1", "b1", "wo", "bo"]);
 * ```
 */
export function tcn(options: TcnOptions): Model {
  const keys = { time: true, features: true, channels: true, taps: true, outputs: true } as const;
  requireKnownKeys("Cannot build tcn", "options", options, keys);
  const { time, features, taps, outputs } = options;
  const channels = [...options.channels ?? []];
  if (channels.length === 0) throw new RangeError("Cannot build tcn: expected channels to hold at least one width");
  requireSizes("tcn", { time, features, channels, taps, outputs });
  const params = partShapes(options);
  const needed = neededBars(options);
  return buildModel({
    kind: "tcn",
    inputs: time * features,
    outputs,
    params,
    options: { time, features, channels: Object.freeze(channels), taps, outputs },
    init: (stream) => drawParts(params, stream),
    apply(g: Graph, p: Parameters, x: Value): Value {
      const rows = x.shape[0];
      let before: Sequence = { bars: Array.from({ length: time }, (_, t) => t), value: byTime(g, options, x) };
      channels.forEach((width, l) => {
        const bars = needed[l];
        const inputs = before.value.shape[2];
        const seen = reach(taps, l).map((back) => atBars(g, before, bars.map((bar) => bar - back)));
        const flat = g.reshape(g.concat(seen, 2), [bars.length * rows, taps * inputs]);
        const filtered = g.matmul(flat, g.reshape(p[`k${l}`], [taps * inputs, width]));
        const out = g.reshape(g.tanh(g.add(filtered, p[`b${l}`])), [bars.length, rows, width]);
        before = { bars, value: inputs === width ? g.add(atBars(g, before, bars), out) : out };
      });
      return g.add(g.matmul(g.reshape(before.value, [rows, before.value.shape[2]]), p.wo), p.bo);
    },
  });
}
