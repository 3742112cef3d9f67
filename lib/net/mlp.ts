/**
 * The shape of a multilayer perceptron and the layout of its parameters; it holds no weights.
 * Parameters are one flat array: layer after layer, weights [in][out] row-major, then bias [out].
 * @module
 */
import { buildModel, type Model, type Parameters, withMethods } from "../model/model.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Shape, Value } from "../program/value.ts";
import { type Activation, ACTIVATIONS } from "./activation.ts";
import { drawMlp } from "./draw_mlp.ts";
import { describeValue, type OptionKeys, requireKnownKeys } from "../options.ts";

/** One dense layer's place in the flat parameter array. */
export interface MlpLayer {
  /** Width of the layer's input. */
  readonly inputs: number;
  /** Width of the layer's output. */
  readonly outputs: number;
  /** Index of the first weight; weights are [inputs][outputs] row-major. */
  readonly weights: number;
  /** Index of the first bias, [outputs]. */
  readonly bias: number;
}

/** A frozen network shape, made by {@linkcode mlp}: a model whose parts are `w0`, `b0`, `w1`, ... */
export interface Mlp extends Model {
  /** A perceptron. */
  readonly kind: "mlp";
  /** Widths of the hidden layers; may be empty (a linear model). */
  readonly hidden: readonly number[];
  /** Activation behind every hidden layer; the last layer is linear. */
  readonly activation: Activation;
  /** `[inputs, ...hidden, outputs]`. */
  readonly widths: readonly number[];
  /** Layers from input to output, `[hidden.length + 1]`. */
  readonly layers: readonly MlpLayer[];
}

/** What {@linkcode mlp} takes. */
export interface MlpOptions {
  /** Number of input features, at least 1. */
  readonly inputs: number;
  /** Widths of the hidden layers, each at least 1; may be empty. */
  readonly hidden: readonly number[];
  /** Number of outputs, at least 1. */
  readonly outputs: number;
  /** Activation behind every hidden layer (default `relu`). */
  readonly activation?: Activation;
}

const MLP_KEYS: OptionKeys<MlpOptions> = { inputs: true, hidden: true, outputs: true, activation: true };

function requireWidth(name: string, width: unknown): number {
  if (typeof width !== "number" || !Number.isInteger(width) || width < 1) {
    throw new RangeError(`Cannot build a network: ${name} must be an integer of at least 1, got ${String(width)}`);
  }
  return width;
}

/**
 * Describes a multilayer perceptron: every hidden layer is dense with an activation, the last one dense and linear.
 *
 * @param options Widths and activation.
 * @returns A frozen shape with its parameter layout.
 * @throws {RangeError} A width is not a positive integer, or the activation is unknown.
 * @throws {TypeError} `hidden` is not an array.
 *
 * @example
 * ```ts
 * import { mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
 * assertEquals(net.parameterCount, 4929);
 * ```
 */
export function mlp(options: MlpOptions): Mlp {
  requireKnownKeys("Cannot build a network", "options", options, MLP_KEYS);
  const { inputs, hidden, outputs, activation = "relu" } = options;
  if (!Array.isArray(hidden)) {
    throw new TypeError(`Cannot build a network: hidden must be an array of widths, got ${typeof hidden}`);
  }
  if (!ACTIVATIONS.includes(activation)) {
    throw new RangeError(
      `Cannot build a network: activation must be one of ${ACTIVATIONS.join(", ")}, got ${String(activation)}`,
    );
  }
  const widths = [
    requireWidth("inputs", inputs),
    ...hidden.map((width, i) => requireWidth(`hidden[${i}]`, width)),
    requireWidth("outputs", outputs),
  ];
  const layers: MlpLayer[] = [];
  let offset = 0;
  for (let i = 0; i + 1 < widths.length; i++) {
    const [rows, columns] = [widths[i], widths[i + 1]];
    const bias = offset + rows * columns;
    layers.push(Object.freeze({ inputs: rows, outputs: columns, weights: offset, bias }));
    offset = bias + columns;
  }
  const model = buildModel({
    kind: "mlp",
    inputs,
    outputs,
    params: shapesOf(widths),
    options: { inputs, hidden: Object.freeze([...hidden]), outputs, activation },
    init: (stream) => drawMlp({ layers, activation, parameterCount: offset }, stream),
    apply: (g, p, x) => perceptron(g, p, { x, layers: layers.length, activation }),
  });
  const shape = { hidden: Object.freeze([...hidden]), activation, widths: Object.freeze(widths) };
  const made = withMethods({ ...model, kind: "mlp" as const, ...shape, layers: Object.freeze(layers) }, model);
  MADE.add(made);
  return made;
}

/** Whether a model is a perceptron made by {@linkcode mlp}. */
export function isMlp(net: Model): net is Mlp {
  return net.kind === "mlp" && net.options !== undefined;
}

/** Networks that {@linkcode mlp} made here: what is none of them came from JSON or another thread. */
const MADE = new WeakSet<Mlp>();

/**
 * A network as `mlp()` makes it, from one that may have been through JSON or `structuredClone`: its layout is derived again
 * from its widths, never taken on trust.
 *
 * @param net From {@linkcode mlp}, or its plain data: inputs, hidden, outputs, activation.
 * @throws {TypeError} It is no network, or claims another number of parameters than its widths give.
 * @throws {RangeError} A width or the activation is out of range.
 */
export function deriveMlp(net: Mlp): Mlp {
  if (MADE.has(net)) return net;
  if (typeof net !== "object" || net === null || !Array.isArray(net.hidden)) {
    throw new TypeError(`Cannot use the network: expected one from mlp(), received ${describeValue(net)}`);
  }
  const { inputs, hidden, outputs, activation, parameterCount } = net;
  const derived = mlp({ inputs, hidden, outputs, activation });
  if (parameterCount === undefined || parameterCount === derived.parameterCount) return derived;
  throw new TypeError(
    `Cannot use the network: expected ${derived.parameterCount} parameters of widths ${derived.widths.join(", ")}, ` +
      `received ${parameterCount}`,
  );
}

function shapesOf(widths: readonly number[]): Record<string, Shape> {
  return Object.fromEntries(
    widths.slice(1).flatMap((width, l): [string, Shape][] => [[`w${l}`, [widths[l], width]], [`b${l}`, [width]]]),
  );
}

/** Every hidden layer dense with an activation, the last one dense and linear. */
function perceptron(
  g: Graph,
  p: Parameters,
  net: { readonly x: Value; readonly layers: number; readonly activation: Activation },
): Value {
  let a = net.x;
  for (let l = 0; l < net.layers; l++) {
    const z = g.add(g.matmul(a, p[`w${l}`]), p[`b${l}`]);
    a = l === net.layers - 1 || net.activation === "identity" ? z : g[net.activation](z);
  }
  return a;
}
