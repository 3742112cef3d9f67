/**
 * A program: values in the order in which they are computed, without what no output needs. Plain data, free of the graph
 * that it was built in: it can be printed, hashed, kept and sent to another thread.
 * @module
 */
import { refuse } from "./errors.ts";
import { ancestors, type AttributesOf, type ProgramOp, type Shape, type Value } from "./value.ts";

/** One computed value; `inputs` are indices of earlier ones. */
export interface NodeOf<O extends ProgramOp> {
  /** The operation. */
  readonly op: O;
  /** Indices of its inputs in `Program.nodes`. */
  readonly inputs: readonly number[];
  /** What it takes besides. */
  readonly attributes: AttributesOf[O];
  /** Sizes by axis. */
  readonly shape: Shape;
}

/** One computed value of a program; `op` says which attributes it has. */
export type ProgramNode = { readonly [O in ProgramOp]: NodeOf<O> }[ProgramOp];

/** Values to compute, in order, with the names of what goes in and out. */
export interface Program {
  /** In the order in which they are computed. */
  readonly nodes: readonly ProgramNode[];
  /** Index of each input by name, in the order in which they were first taken. */
  readonly inputs: Readonly<Record<string, number>>;
  /** Index of each output by name. */
  readonly outputs: Readonly<Record<string, number>>;
}

/** Requires that what values are made of is of one graph: ids say which value is meant within one alone. */
function requireOneGraph(ordered: readonly Value[], outputs: readonly Value[]): void {
  const byId: Value[] = [];
  for (const value of ordered) byId[value.id] = value;
  const isOwn = (value: Value): boolean => byId[value.id] === value;
  if (outputs.every(isOwn) && ordered.every(({ inputs }) => inputs.every(isOwn))) return;
  refuse("make a program", "outputs of one graph", "some of another");
}

/**
 * The program that computes some values and what they need, and nothing else.
 *
 * @param outputs What to compute, by name.
 * @returns Frozen plain data.
 * @throws {TypeError} There is no output, or they are of several graphs.
 *
 * @example
 * ```ts
 * import { createGraph, printProgram, toProgram } from "@adaptrade/adaptrade/program";
 * import { assertEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const x = g.input("x", [2]);
 * g.exp(x);
 * assertEquals(printProgram(toProgram({ y: g.mul(x, x) })), "%0 = input x : [2]\n%1 = mul %0 %0 : [2]\ny = %1");
 * ```
 */
export function toProgram(outputs: Readonly<Record<string, Value>>): Program {
  const wanted = Object.values(outputs);
  if (wanted.length === 0) refuse("make a program", "at least one output", "none");
  const ordered = ancestors(wanted);
  requireOneGraph(ordered, wanted);
  const index = new Int32Array(ordered[ordered.length - 1].id + 1);
  const nodes: ProgramNode[] = [];
  for (const { id, op, inputs, attributes, shape } of ordered) {
    index[id] = op === "segment" ? index[inputs[0].id] : nodes.length;
    if (op === "segment") continue;
    nodes.push({ op, inputs: inputs.map(({ id }) => index[id]), attributes, shape } as ProgramNode);
  }
  const inputs: Record<string, number> = {};
  nodes.forEach((node, i) => {
    if (node.op === "input") inputs[node.attributes.name] = i;
  });
  return Object.freeze({
    nodes: Object.freeze(nodes),
    inputs: Object.freeze(inputs),
    outputs: Object.freeze(
      Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, index[value.id]])),
    ),
  });
}
