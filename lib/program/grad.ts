/**
 * Reverse mode as a transformation: the gradient of a scalar is more values of the same graph, made of the same primitives,
 * so it can be taken again. It walks only what leads from the scalar to the values asked for.
 * @module
 */
import { refuse } from "./errors.ts";
import type { Graph } from "./graph_type.ts";
import type { Primitive } from "./primitive.ts";
import { isPrimitive, PRIMITIVES } from "./primitives.ts";
import { ancestors, type PrimitiveOp, showShape, type Value, type ValueOf } from "./value.ts";

/** The values between `scalar` and `wrt` that depend on `wrt`, in the order in which they were built. */
function between(scalar: Value, wrt: readonly Value[]): Value[] {
  const earliest = Math.min(...wrt.map(({ id }) => id));
  const active = new Set<Value>(wrt);
  return ancestors([scalar], earliest).filter((value) => {
    if (!active.has(value) && !value.inputs.some((input) => active.has(input))) return false;
    active.add(value);
    return true;
  });
}

function localGradients(g: Graph, value: Value, upstream: Value): readonly (Value | null)[] {
  if (!isPrimitive(value.op)) return [];
  const row = PRIMITIVES[value.op] as Primitive<PrimitiveOp>;
  return row.gradient(g, value as ValueOf<PrimitiveOp>, upstream);
}

/**
 * The gradient of a scalar by values of the same graph.
 *
 * @param g The graph.
 * @param scalar What to differentiate, of shape `[]`.
 * @param wrt By what; zeros come back for a value on which the scalar does not depend.
 * @returns One value for each of `wrt`, of its shape.
 * @throws {TypeError} `scalar` is no scalar.
 *
 * @example
 * ```ts
 * import { createGraph, grad, interpreter, toProgram } from "@adaptrade/adaptrade/program";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const x = g.input("x", []);
 * const [first] = grad(g, g.tanh(x), [x]);
 * const [second] = grad(g, first, [x]);
 * const t = Math.tanh(0.5);
 * assertAlmostEquals(interpreter(toProgram({ second }))({ x: [0.5] }).second[0], -2 * t * (1 - t * t));
 * ```
 */
export function grad(g: Graph, scalar: Value, wrt: readonly Value[]): Value[] {
  if (scalar.shape.length > 0) refuse("take a gradient", "a scalar []", showShape(scalar.shape));
  if (wrt.length === 0) return [];
  const path = between(scalar, wrt);
  const onPath = new Set(path);
  const upstream = new Map<Value, Value>([[scalar, g.constant(1)]]);
  for (let i = path.length - 1; i >= 0; i--) {
    const value = path[i];
    const arrived = upstream.get(value);
    if (!arrived) continue;
    localGradients(g, value, arrived).forEach((share, k) => {
      const input = value.inputs[k];
      if (!share || !onPath.has(input)) return;
      const before = upstream.get(input);
      upstream.set(input, before ? g.add(before, share) : share);
    });
  }
  return wrt.map((value) => (onPath.has(value) && upstream.get(value)) || g.constant(0, value.shape));
}
