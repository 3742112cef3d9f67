/**
 * What a primitive operation is: one row of the table in `primitives.ts`.
 * @module
 */
import type { Graph } from "./graph_type.ts";
import type { Lanes } from "./lanes.ts";
import type { AttributesOf, PrimitiveOp, Shape, Value, ValueOf } from "./value.ts";
import type { WgslCall } from "./wgsl.ts";

/** One evaluation in float64. */
export interface Call<O extends PrimitiveOp> {
  /** Where the result goes, row-major. */
  readonly out: Float64Array;
  /** Its shape. */
  readonly outShape: Shape;
  /** The inputs' numbers, row-major. */
  readonly ins: readonly Float64Array[];
  /** Their shapes. */
  readonly shapes: readonly Shape[];
  /** The operation's attributes. */
  readonly attributes: AttributesOf[O];
}

/** One operation: the shape of its result, its value in float64, its local gradients, and its text in WGSL. */
export interface Primitive<O extends PrimitiveOp> {
  /** True where each element of the result depends on the same element of the inputs alone. */
  readonly elementwise?: boolean;
  /** True where each element of the result is an element of the input, found by arithmetic on indices alone. */
  readonly moves?: boolean;
  /** Shape of the result; throws (by `refuse`) where the inputs do not fit. */
  shape(shapes: readonly Shape[], attributes: AttributesOf[O]): Shape;
  /** Computes the result; `out` may hold anything before, and never overlaps an input. */
  value(call: Call<O>): void;
  /** An elementwise operation's value in float32 lanes: its wasm column. */
  readonly lanes?: <V>(s: Lanes<V>, ins: readonly V[]) => V;
  /**
   * The gradient by each input, given `upstream`, the gradient by the result; null where there is none.
   * It is built of primitives, so that it can be differentiated again.
   */
  gradient(g: Graph, node: ValueOf<O>, upstream: Value): readonly (Value | null)[];
  /** The WGSL of one element of the result; absent for what is a kernel of its own (matmul, solve). */
  readonly wgsl?: (call: WgslCall<O>) => string;
}
