/**
 * Values that simplification does not see through. What is built of a value may be simplified to what that one is made of (a slice
 * of a concatenation is one of its parts), and would then not depend on it: a gradient by it would be zero, and wrong.
 * @module
 */
import type { Graph } from "./graph_type.ts";
import type { Op, Value } from "./value.ts";

/** Operations whose results some rewrite takes apart. */
const SEEN_THROUGH: ReadonlySet<Op> = new Set<Op>([
  "fill",
  "constant",
  "sum",
  "broadcast",
  "reshape",
  "transpose",
  "slice",
  "concat",
  "stop",
]);

function isSeenThrough({ op, inputs }: Value): boolean {
  // A number times a value is one factor of a product with another number.
  return SEEN_THROUGH.has(op) || op === "mul" && inputs.some(({ op }) => op === "fill");
}

/**
 * The same numbers as a value that all that is built of it depends on: take this one in place of x, and gradients by it.
 *
 * @param g The graph.
 * @param x Any value of it.
 * @returns x itself where nothing sees through it, else a copy.
 *
 * @example
 * ```ts
 * import { createGraph, grad, interpreter, opaque, toProgram } from "@adaptrade/adaptrade/program";
 * import { assertEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const both = opaque(g, g.concat([g.input("a", [1]), g.input("b", [1])], 0));
 * const [slope] = grad(g, g.sum(g.square(g.at(both, 0, 1))), [both]);
 * assertEquals(interpreter(toProgram({ slope }))({ a: [1], b: [3] }).slope, Float64Array.of(0, 6));
 * ```
 */
export function opaque(g: Graph, x: Value): Value {
  return isSeenThrough(x) ? g.after(x, x) : x;
}
