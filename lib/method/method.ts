/**
 * A method that learns from a task in one pass: what it learns over tasks, how it reads a support set, and how it answers. It
 * runs no inner loop; `problem.ts` is the problem of those that do.
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { lossOf, setLoss } from "../loss/losses.ts";
import { buildModel, type Model, type Parameters, partsOf, withMethods } from "../model/model.ts";
import type { Random } from "../net/random.ts";
import { refuse, requireGiven, requireGivenValues } from "../program/errors.ts";
import { grad } from "../program/grad.ts";
import { createGraph } from "../program/graph.ts";
import type { Graph } from "../program/graph_type.ts";
import { type Shape, showShape, sizeOf, type Value } from "../program/value.ts";
import type { RowValues } from "./row_values.ts";

/** What a method keeps of a support set, by name. */
export type Context = Readonly<Record<string, Value>>;

/** A way to learn from a task. Pure and symbolic; made by `prototypical()`, `ridge()`, ... or by `defineMethod()`. */
export interface Method {
  /** What it is: `prototypical`, ..., or the name that its maker gave it. */
  readonly kind: string;
  /** Inputs of a row. */
  readonly inputs: number;
  /** Width of what it predicts; absent where that is as wide as a task's targets, whatever these are. */
  readonly outputs?: number;
  /** Shapes of what is learned over tasks, by name; `theta` is a state's `params`. */
  readonly learnables: Readonly<Record<string, Shape>>;
  /** Loss of the predictions, on query rows. */
  readonly loss: LossConfig;
  /** Options that make it again, by `kind`; absent where its functions came from outside. */
  readonly options?: object;
  /** Draws initial values by name. */
  init(stream: Random): Readonly<Record<string, Float32Array>>;
  /** Reads a support set: `x` `[rows, inputs]`, `y` `[rows, targets]`, `weights` `[rows]`. */
  adapt(g: Graph, values: Parameters, support: RowValues): Context;
  /** Predictions `[rows, outputs]` at `x` `[rows, inputs]`. */
  predict(g: Graph, values: Parameters, context: Context, x: Value): Value;
}

/** Sizes of a task that a method's program is built for. */
export interface MethodRows {
  /** Rows of the support set. */
  readonly support: number;
  /** Rows of the query set, or inputs to predict. */
  readonly query: number;
  /** Targets of a row. */
  readonly targets: number;
}

/** Targets of a row; undefined where tasks decide. */
export function methodTargets({ outputs, loss }: Pick<Method, "outputs" | "loss">): number | undefined {
  return outputs === undefined ? undefined : lossOf(loss).targets(outputs);
}

/** What is learned, as inputs of a program by their names. */
function learnedInputs(g: Graph, { learnables }: Method): Parameters {
  return Object.fromEntries(
    Object.entries(learnables).map(([name, shape]) => [name, g.reshape(g.input(name, [sizeOf(shape)]), shape)]),
  );
}

function setInputs(g: Graph, { inputs }: Method, set: { name: string; rows: number; targets: number }): RowValues {
  const { name, rows, targets } = set;
  return {
    x: g.input(`${name}.x`, [rows, inputs]),
    y: g.input(`${name}.y`, [rows, targets]),
    weights: g.input(`${name}.weights`, [rows]),
  };
}

/** What the method reads of a support set. */
function contextOf(
  g: Graph,
  method: Method,
  at: { readonly values: Parameters; readonly support: RowValues },
): Context {
  const context = method.adapt(g, at.values, at.support);
  requireGivenValues(g, context, {
    action: `read a support set by the method ${method.kind}`,
    wanted: "values by name",
  });
  return context;
}

/** Predictions, of the width that the method promised. */
function predictions(
  g: Graph,
  method: Method,
  at: { readonly values: Parameters; readonly context: Context; readonly x: Value; readonly targets: number },
): Value {
  const { values, context, x, targets } = at;
  const found = method.predict(g, values, context, x);
  const wanted = [x.shape[0], method.outputs ?? targets];
  requireGiven(g, found, {
    action: `predict by the method ${method.kind}`,
    wanted: `predictions ${showShape(wanted)}`,
    shape: wanted,
  });
  return found;
}

/** Weighted mean loss of predictions, a scalar. */
function lossAt(g: Graph, { loss }: Method, predicted: Value, { y, weights }: RowValues): Value {
  return setLoss(g, lossOf(loss), { predicted, target: y, phi: g.constant(0), weights });
}

/** A task's query loss and its gradient by everything that is learned, as inputs are: flat. */
export function methodGradient(g: Graph, method: Method, rows: MethodRows): Record<string, Value> {
  const { values, loss } = taskLoss(g, method, rows);
  const names = Object.keys(values);
  const slopes = grad(g, loss, names.map((name) => g.input(name, [sizeOf(method.learnables[name])])));
  return { loss, ...Object.fromEntries(names.map((name, i) => [name, slopes[i]])) };
}

/** A task's query loss alone. */
export function methodLoss(g: Graph, method: Method, rows: MethodRows): Record<string, Value> {
  return { loss: taskLoss(g, method, rows).loss };
}

function taskLoss(g: Graph, method: Method, rows: MethodRows): { values: Parameters; loss: Value } {
  const { targets } = rows;
  const values = learnedInputs(g, method);
  const support = setInputs(g, method, { name: "support", rows: rows.support, targets });
  const context = contextOf(g, method, { values, support });
  const query = setInputs(g, method, { name: "query", rows: rows.query, targets });
  const predicted = predictions(g, method, { values, context, x: query.x, targets });
  return { values, loss: lossAt(g, method, predicted, query) };
}

/** `outputs`, the predictions at `query.x` from a support set. */
export function methodPredictions(g: Graph, method: Method, rows: MethodRows): Record<string, Value> {
  const { targets } = rows;
  const values = learnedInputs(g, method);
  const support = setInputs(g, method, { name: "support", rows: rows.support, targets });
  const context = contextOf(g, method, { values, support });
  const x = g.input("query.x", [rows.query, method.inputs]);
  return { outputs: predictions(g, method, { values, context, x, targets }) };
}

/** `theta`, what is learned and what was read of a support set as one flat vector, and `losses`, its own rows' loss `[1]`. */
export function methodContext(
  g: Graph,
  method: Method,
  { support: rows, targets }: Pick<MethodRows, "support" | "targets">,
): Record<string, Value> {
  const values = learnedInputs(g, method);
  const support = setInputs(g, method, { name: "support", rows, targets });
  const context = contextOf(g, method, { values, support });
  const predicted = predictions(g, method, { values, context, x: support.x, targets });
  const flat = [...Object.values(values), ...Object.values(context)].map((value) =>
    g.reshape(value, [sizeOf(value.shape)])
  );
  return { theta: g.concat(flat, 0), losses: g.reshape(lossAt(g, method, predicted, support), [1]) };
}

const CONTEXT_MODELS = new WeakMap<Method, Map<string, Model>>();

/** The model that {@linkcode methodContext}'s flat vector is the parameters of: it answers as the method does after that support set. */
export function contextModel(method: Method, shape: Pick<MethodRows, "support" | "targets">): Model {
  const models = CONTEXT_MODELS.get(method) ?? new Map<string, Model>();
  CONTEXT_MODELS.set(method, models);
  const key = `${shape.support} ${shape.targets}`;
  const model = models.get(key) ?? buildContextModel(method, shape);
  models.set(key, model);
  return model;
}

function buildContextModel(method: Method, { support: rows, targets }: Pick<MethodRows, "support" | "targets">): Model {
  const g = createGraph();
  const support = setInputs(g, method, { name: "support", rows, targets });
  const context = contextOf(g, method, { values: learnedInputs(g, method), support });
  const names = Object.keys(context);
  return buildModel({
    kind: method.kind,
    inputs: method.inputs,
    outputs: method.outputs ?? targets,
    params: {
      ...method.learnables,
      ...Object.fromEntries(names.map((name) => [`context.${name}`, context[name].shape])),
    },
    init: () => refuse(`draw parameters of an adapted ${method.kind}`, "those that adapt() gave", "none"),
    apply: (graph, parameters, x) => {
      const read = Object.fromEntries(names.map((name) => [name, parameters[`context.${name}`]]));
      return predictions(graph, method, { values: parameters, context: read, x, targets });
    },
  });
}

/** What a method is where a model is asked for: widths and `theta`'s length. It answers nothing without a support set. */
export function methodNet({ kind, inputs, outputs = 1, learnables }: Method): Model {
  const unanswerable = (): never =>
    refuse(`run the method ${kind} forward`, "a support set to adapt to", "inputs alone");
  const parts = partsOf(learnables.theta ? { theta: learnables.theta } : {});
  const parameterCount = learnables.theta ? sizeOf(learnables.theta) : 0;
  const groups = Object.freeze([Object.freeze({ start: 0, end: parameterCount })]);
  return withMethods({ kind, inputs, outputs, parameterCount, parts, groups }, {
    init: unanswerable,
    apply: unanswerable,
  });
}
