/**
 * The table of primitives: every operation that computes, one row each. Adding one touches its row and its test.
 * @module
 */
import type { Primitive } from "./primitive.ts";
import { after, broadcast, concat, gather, reshape, scatter, slice, transpose } from "./primitives/arrangement.ts";
import { ELEMENTWISE } from "./primitives/elementwise.ts";
import { matmul, solve } from "./primitives/product.ts";
import { max, sum } from "./primitives/reduction.ts";
import type { Op, PrimitiveOp } from "./value.ts";

/** Every primitive by name. */
export const PRIMITIVES: { readonly [O in PrimitiveOp]: Primitive<O> } = {
  ...ELEMENTWISE,
  sum,
  max,
  broadcast,
  reshape,
  transpose,
  slice,
  concat,
  matmul,
  gather,
  scatter,
  solve,
  after,
};

/** Whether an operation computes (inputs, fills and constants do not). */
export function isPrimitive(op: Op): op is PrimitiveOp {
  return op in PRIMITIVES;
}
