/**
 * Operations that are made of others: they need no row in the table and no code in an executor.
 * @module
 */
import { refuse, showReceived } from "./errors.ts";
import type { Axes, Graph, Operand, ReduceOptions } from "./graph_type.ts";
import type { Shape, Value } from "./value.ts";
import { sizeOf } from "./value.ts";

/** Names of the operations that are made of others. */
export type DerivedOp =
  | "sub"
  | "div"
  | "neg"
  | "square"
  | "sigmoid"
  | "relu"
  | "silu"
  | "gelu"
  | "maximum"
  | "minimum"
  | "mean"
  | "logSumExp"
  | "softmax"
  | "at"
  | "pad";

const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** The derived operations over a graph of primitives. */
export function derivedOps(g: Omit<Graph, DerivedOp>): Pick<Graph, DerivedOp> {
  const neg = (x: Operand): Value => g.mul(-1, x);
  const sub = (a: Operand, b: Operand): Value => g.add(a, neg(b));
  // By tanh: smooth everywhere and safe from overflow, in every derivative.
  const sigmoid = (x: Operand): Value => g.add(0.5, g.mul(0.5, g.tanh(g.mul(0.5, x))));
  const kept = (x: Value, axes?: Axes): { readonly shape: Shape; readonly shifted: Value; readonly largest: Value } => {
    const largest = g.stop(g.max(x, axes, { keep: true }));
    return { shape: largest.shape, shifted: sub(x, largest), largest };
  };
  return {
    neg,
    sub,
    sigmoid,
    div: (a, b) => g.mul(a, g.recip(b)),
    square: (x) => g.mul(x, x),
    relu: (x) => g.select(g.step(x), x, 0),
    silu: (x) => g.mul(x, sigmoid(x)),
    gelu(x): Value {
      const inner = g.mul(GELU_SCALE, g.add(x, g.mul(GELU_CUBIC, g.mul(x, g.mul(x, x)))));
      return g.mul(g.mul(0.5, x), g.add(1, g.tanh(inner)));
    },
    maximum: (a, b) => g.select(g.step(sub(a, b)), a, b),
    minimum: (a, b) => g.select(g.step(sub(b, a)), a, b),
    mean(x: Value, axes?: Axes, options?: ReduceOptions): Value {
      const total = g.sum(x, axes, options);
      return g.mul(sizeOf(total.shape) / sizeOf(x.shape), total);
    },
    logSumExp(x: Value, axes?: Axes, options?: ReduceOptions): Value {
      const { shifted, largest } = kept(x, axes);
      const total = g.sum(g.exp(shifted), axes, options);
      return g.add(g.log(total), g.reshape(largest, total.shape));
    },
    softmax(x: Value, axes: Axes = -1): Value {
      const e = g.exp(kept(x, axes).shifted);
      return g.mul(e, g.recip(g.sum(e, axes, { keep: true })));
    },
    at(x: Value, axis: number, index: number): Value {
      const row = g.slice(x, axis, { start: index, end: index + 1 });
      const from = axis < 0 ? axis + x.shape.length : axis;
      return g.reshape(row, x.shape.filter((_, i) => i !== from));
    },
    pad(x: Value, axis: number, { before = 0, after = 0 }): Value {
      if (!g.owns(x)) refuse("pad", "a value of this graph", showReceived(x));
      const at = axis < 0 ? axis + x.shape.length : axis;
      const zeros = (length: number): Value[] =>
        length === 0 ? [] : [g.constant(0, x.shape.map((size, i) => i === at ? length : size))];
      return g.concat([...zeros(before), x, ...zeros(after)], at);
    },
  };
}
