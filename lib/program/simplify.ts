/**
 * Rewrites an operation while it is built, where the result is the same for every input: constants are computed, what
 * changes nothing goes, movements of data cancel.
 * It refuses `x · 0 → 0`: where x is data, a NaN or an infinity in it must stay visible.
 * @module
 */
import type { Graph } from "./graph_type.ts";
import { PRIMITIVES } from "./primitives.ts";
import { add, broadcast, concat, type Draft, matmul, mul, reshape, slice, stop, sum, transpose } from "./rewrites.ts";
import { type PrimitiveOp, type Shape, sizeOf, type Value } from "./value.ts";

/** Results up to this many elements are computed while building, where all inputs are constants. */
const FOLDED_SIZE = 4096;

const REWRITES: { readonly [O in PrimitiveOp]?: (g: Graph, draft: Draft<O>) => Value | undefined } = {
  add,
  mul,
  select: (_, { inputs: [condition, a, b] }) =>
    condition.op === "fill" ? (condition.attributes.value !== 0 ? a : b) : undefined,
  sum,
  broadcast,
  reshape,
  transpose,
  slice,
  concat,
  matmul,
  stop,
};

/** The numbers of a constant; undefined for other values. */
function numbersOf(value: Value): Float64Array | undefined {
  if (value.op === "fill") return new Float64Array(sizeOf(value.shape)).fill(value.attributes.value);
  return value.op === "constant" ? value.attributes.data : undefined;
}

function folded<O extends PrimitiveOp>(g: Graph, { op, inputs, attributes, shape }: Draft<O>): Value | undefined {
  // A copy is made to be another value than what it copies.
  if (op === "after") return undefined;
  if (!inputs.every((input) => input.op === "fill" || input.op === "constant")) return undefined;
  const { elementwise, value } = PRIMITIVES[op];
  // Fills of any size stay one number.
  const uniform = elementwise && inputs.every((input) => input.op === "fill");
  if (!uniform && inputs.some((input) => sizeOf(input.shape) > FOLDED_SIZE)) return undefined;
  if (!uniform && sizeOf(shape) > FOLDED_SIZE) return undefined;
  const one: Shape = [];
  const out = new Float64Array(uniform ? 1 : sizeOf(shape));
  value({
    out,
    outShape: uniform ? one : shape,
    ins: inputs.map((input) =>
      uniform && input.op === "fill" ? Float64Array.of(input.attributes.value) : numbersOf(input)!
    ),
    shapes: inputs.map((input) => uniform ? one : input.shape),
    attributes,
  });
  return uniform ? g.constant(out[0], shape) : g.constant(out, shape);
}

/** A value that equals the drafted one and is simpler, or undefined. The draft's shapes have been checked. */
export function simplify<O extends PrimitiveOp>(g: Graph, draft: Draft<O>): Value | undefined {
  return REWRITES[draft.op]?.(g, draft) ?? folded(g, draft);
}
