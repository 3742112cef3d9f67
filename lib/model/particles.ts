/**
 * Several copies of a model side by side, each with parameters of its own: what the rule `svgd` moves as one sample of a posterior.
 * It averages nothing; the loss `particles` says what the copies' outputs mean.
 * @module
 */
import { requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Shape, Value } from "../program/value.ts";
import { buildModel, type Model, type Parameters } from "./model.ts";
import { requireSizes } from "./sequence.ts";

/** What {@linkcode particles} takes. */
export interface ParticlesOptions {
  /** The model that is copied. */
  readonly net: Model;
  /** Copies M, at least 1. */
  readonly count: number;
}

/**
 * M copies of a model. Parameters are one copy's after another's, `[M][parameterCount]`, each drawn on its own; outputs of a row
 * are `[M][outputs]`.
 *
 * @param options The model and the number of copies.
 * @returns A frozen model.
 * @throws {RangeError} The count is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { mlp } from "@adaptrade/adaptrade";
 * import { particles } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * const net = particles({ net: mlp({ inputs: 4, hidden: [8], outputs: 2 }), count: 5 });
 * assertEquals([net.outputs, net.parameterCount], [10, 5 * (4 * 8 + 8 + 8 * 2 + 2)]);
 * ```
 */
export function particles(options: ParticlesOptions): Model {
  requireKnownKeys("Cannot build particles", "options", options, { net: true, count: true });
  const { net, count } = options;
  requireSizes("particles", { count });
  const copies = Array.from({ length: count }, (_, m) => m);
  const named = (m: number, name: string): string => `${m}.${name}`;
  const params: Record<string, Shape> = {};
  for (const m of copies) for (const { name, shape } of net.parts) params[named(m, name)] = shape;
  return buildModel({
    kind: "particles",
    inputs: net.inputs,
    outputs: count * net.outputs,
    params,
    layers: copies.flatMap((m) =>
      net.groups.map(({ start, end }) =>
        net.parts.filter((part) => part.start >= start && part.end <= end).map(({ name }) => named(m, name))
      )
    ),
    ...(net.options ? { options: { net, count } } : {}),
    init(stream) {
      const flat = new Float32Array(count * net.parameterCount);
      for (const m of copies) flat.set(net.init(stream), m * net.parameterCount);
      return flat;
    },
    apply(g: Graph, p: Parameters, x: Value): Value {
      const outputs = copies.map((m) =>
        net.apply(g, Object.fromEntries(net.parts.map(({ name }) => [name, p[named(m, name)]])), x)
      );
      return g.concat(outputs, 1);
    },
  });
}
