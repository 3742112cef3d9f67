/**
 * A model of one's own: shapes of its parameters and a function over values. It is as first-class as the built-in ones.
 * @module
 */
import { requireKnownKeys } from "../options.ts";
import type { Random } from "../net/random.ts";
import { createGraph } from "../program/graph.ts";
import type { Shape } from "../program/value.ts";
import { drawParts } from "./init.ts";
import { applyModel, buildModel, type Model } from "./model.ts";
import { requireDrawn, requireFunction, requireShapes, requireWidth } from "./require_parts.ts";

/** What {@linkcode defineModel} takes. */
export interface ModelDefinition {
  /** A name for messages and checkpoints (default `custom`). */
  readonly name?: string;
  /** Inputs of a row, at least 1. */
  readonly inputs: number;
  /** Outputs of a row, at least 1. */
  readonly outputs: number;
  /** Shapes by name. The flat parameter vector holds them in this order, each row-major. */
  readonly params: Readonly<Record<string, Shape>>;
  /** Names of each layer's parts, in order: what shares a rate a layer; the last is the head (default: a vector belongs to what stands before it). */
  readonly layers?: readonly (readonly string[])[];
  /** Initial numbers by name; parts left out are drawn (default: matrices by Glorot's variance, vectors zeros). */
  readonly init?: (stream: Random) => Readonly<Record<string, ArrayLike<number>>>;
  /** Outputs `[rows, outputs]` of inputs `[rows, inputs]`, for any number of rows. Pure. */
  readonly apply: Model["apply"];
}

const KEYS = { name: true, inputs: true, outputs: true, params: true, layers: true, init: true, apply: true } as const;
const ACTION = "Cannot define a model";

function checkLayers(params: ModelDefinition["params"], layers: ModelDefinition["layers"]): void {
  const names = Object.keys(params);
  if (layers && (layers.some((layer) => layer.length === 0) || layers.flat().join() !== names.join())) {
    throw new RangeError(
      `${ACTION}: expected layers to hold every name of params in order (${names.join(", ")}), received ${
        JSON.stringify(layers)
      }`,
    );
  }
}

function initial(
  { params, init }: ModelDefinition,
  stream: Random,
): Float32Array {
  return drawParts(params, stream, requireDrawn(ACTION, "init", { shapes: params, drawn: init?.(stream) }));
}

/**
 * Defines a model. Everything works on it as on `mlp()`: adaptation, exact meta-gradients of any inner order, checks.
 * `apply` is run once on two rows, so that shapes that do not fit are refused here.
 *
 * @param definition Widths, parameters and the function.
 * @returns A frozen model.
 * @throws {RangeError} A width, a shape or a layer is out of range.
 * @throws {TypeError} An operation's shapes do not fit, the outputs are not `[rows, outputs]`, or a part is of another type.
 *
 * @example
 * ```ts
 * import { defineModel } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const net = defineModel({
 *   inputs: 4,
 *   outputs: 1,
 *   params: { w: [4, 4], b: [4], out: [4, 1] },
 *   apply: (g, p, x) => g.matmul(g.add(x, g.tanh(g.add(g.matmul(x, p.w), p.b))), p.out),
 * });
 * assertEquals(net.parameterCount, 24);
 * ```
 */
export function defineModel(definition: ModelDefinition): Model {
  requireKnownKeys(ACTION, "definition", definition, KEYS);
  const { name = "custom", inputs, outputs, params, layers, apply } = definition;
  requireWidth(ACTION, "inputs", inputs);
  requireWidth(ACTION, "outputs", outputs);
  if (Object.keys(params ?? {}).length === 0) {
    throw new RangeError(`${ACTION}: expected params to name at least one part`);
  }
  requireShapes(ACTION, "params", params);
  requireFunction(ACTION, "apply", apply);
  checkLayers(params, layers);
  const model = buildModel({
    kind: name,
    inputs,
    outputs,
    params,
    layers,
    init: (stream) => initial(definition, stream),
    apply,
  });
  const g = createGraph();
  applyModel(g, model, { theta: g.input("theta", [model.parameterCount]), x: g.input("x", [2, inputs]) });
  return model;
}
