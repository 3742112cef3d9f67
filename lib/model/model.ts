/**
 * What a model is: named parts of one flat parameter vector, and a pure function over values that computes outputs from
 * inputs. It holds no weights. Built-in models are plain data too, so that a checkpoint can hold them by description.
 * @module
 */
import type { Random } from "../net/random.ts";
import { requireGiven } from "../program/errors.ts";
import type { Graph } from "../program/graph_type.ts";
import { type Shape, showShape, sizeOf, type Value } from "../program/value.ts";

/** A named part of the parameters. */
export interface ModelPart {
  /** Its name in `apply`. */
  readonly name: string;
  /** Its shape, row-major. */
  readonly shape: Shape;
  /** Index of its first number in the flat vector. */
  readonly start: number;
  /** Index behind its last. */
  readonly end: number;
}

/** A stretch of the flat vector that shares a learning rate where rates are kept a layer. */
export interface ModelGroup {
  /** Index of its first parameter. */
  readonly start: number;
  /** Index behind its last. */
  readonly end: number;
}

/** Parts by name, as values of their shapes. */
export type Parameters = Readonly<Record<string, Value>>;

/** A differentiable model. Parameters are ONE flat vector: parts one after another, each row-major. */
export interface Model {
  /** What it is: `mlp`, `lstm`, ..., or the name that its maker gave it. */
  readonly kind: string;
  /** Inputs of a row. */
  readonly inputs: number;
  /** Outputs of a row. */
  readonly outputs: number;
  /** Length of the flat parameter vector. */
  readonly parameterCount: number;
  /** The parts, in the order in which they lie. */
  readonly parts: readonly ModelPart[];
  /** Layers for learning rates, from input to output; the last is the head. */
  readonly groups: readonly ModelGroup[];
  /** Options that make it again, by `kind`; absent where `apply` came from outside. */
  readonly options?: object;
  /** Draws initial parameters, `[parameterCount]`. */
  init(stream: Random): Float32Array;
  /** Outputs `[rows, outputs]` of inputs `[rows, inputs]`. Pure. */
  apply(g: Graph, parameters: Parameters, x: Value): Value;
}

/** What {@linkcode buildModel} takes. */
export interface ModelMaking {
  /** See {@linkcode Model.kind}. */
  readonly kind: string;
  /** See {@linkcode Model.inputs}. */
  readonly inputs: number;
  /** See {@linkcode Model.outputs}. */
  readonly outputs: number;
  /** Shapes by name, in the order in which they lie. */
  readonly params: Readonly<Record<string, Shape>>;
  /** Names of the parts of each layer, in order (default: a vector belongs to what stands before it). */
  readonly layers?: readonly (readonly string[])[] | undefined;
  /** See {@linkcode Model.options}. */
  readonly options?: object;
  /** See {@linkcode Model.init}. */
  readonly init: Model["init"];
  /** See {@linkcode Model.apply}. */
  readonly apply: Model["apply"];
}

/** Where parts of these shapes lie, one after another. */
export function partsOf(shapes: Readonly<Record<string, Shape>>): readonly ModelPart[] {
  let end = 0;
  return Object.freeze(
    Object.entries(shapes).map(([name, shape]) => {
      const start = end;
      end += sizeOf(shape);
      return Object.freeze({ name, shape: Object.freeze([...shape]), start, end });
    }),
  );
}

function groupsOf(parts: readonly ModelPart[], layers: ModelMaking["layers"]): readonly ModelGroup[] {
  const firsts = layers
    ? new Set(layers.map(([name]) => name))
    : new Set(parts.filter(({ shape }, i) => i === 0 || shape.length > 1).map(({ name }) => name));
  const groups: { start: number; end: number }[] = [];
  for (const { name, start, end } of parts) {
    if (firsts.has(name)) groups.push({ start, end });
    else groups[groups.length - 1].end = end;
  }
  return Object.freeze(groups.map((group) => Object.freeze(group)));
}

/**
 * Makes a frozen model. `init` and `apply` are not enumerable: what is left when a model is cloned to another thread or
 * written as JSON is its description.
 */
export function buildModel(making: ModelMaking): Model {
  const { kind, inputs, outputs, params, layers, options, init, apply } = making;
  const parts = partsOf(params);
  const model = {
    kind,
    inputs,
    outputs,
    parameterCount: parts[parts.length - 1].end,
    parts,
    groups: groupsOf(parts, layers),
    ...(options ? { options: Object.freeze(options) } : {}),
  };
  return withMethods(model, { init, apply });
}

/** A frozen description with `init` and `apply` added so that enumeration does not see them. */
export function withMethods<T extends object>(
  description: T,
  methods: Pick<Model, "init" | "apply">,
): T & typeof methods {
  const hidden = { init: { value: methods.init }, apply: { value: methods.apply } };
  return Object.freeze(Object.defineProperties({ ...description }, hidden)) as T & typeof methods;
}

/** The parts of a flat vector by name. */
export function unflatten(g: Graph, parts: readonly ModelPart[], flat: Value): Parameters {
  return Object.fromEntries(
    parts.map(({ name, shape, start, end }) => [name, g.reshape(g.slice(flat, 0, { start, end }), shape)]),
  );
}

/** Outputs `[rows, outputs]` of a model whose parameters are a flat value `[parameterCount]`. */
export function applyModel(g: Graph, model: Model, at: { readonly theta: Value; readonly x: Value }): Value {
  const outputs = model.apply(g, unflatten(g, model.parts, at.theta), at.x);
  const wanted = [at.x.shape[0], model.outputs];
  requireGiven(g, outputs, {
    action: `apply the model ${model.kind}`,
    wanted: `outputs ${showShape(wanted)}`,
    shape: wanted,
  });
  return outputs;
}

/**
 * Whether a model is one of the library's that numbers, texts and lists describe: such models are alike where their options are,
 * and what they say of a row depends on no other.
 *
 * @param net Any model.
 * @returns False for a model of one's own, and for one made of other models.
 */
export function isPlain({ options }: Model): boolean {
  return options !== undefined &&
    Object.values(options).every((value) => typeof value !== "object" || Array.isArray(value));
}
