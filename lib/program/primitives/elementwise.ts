/**
 * The primitives that work element by element on inputs of one shape. Each row is an operation's whole definition.
 * @module
 */
import { softplus as softplusOf } from "../../net/activation.ts";
import { refuse } from "../errors.ts";
import type { Graph } from "../graph_type.ts";
import * as lanes from "../lanes.ts";
import type { Primitive } from "../primitive.ts";
import { type ElementwiseOp, sameShape, type Shape, showShape, type Value } from "../value.ts";

function oneShape(name: string): (shapes: readonly Shape[]) => Shape {
  return (shapes) => {
    if (!shapes.every((shape) => sameShape(shape, shapes[0]))) {
      refuse(name, "inputs of one shape", shapes.map(showShape).join(" and "));
    }
    return shapes[0];
  };
}

/**
 * A function of one input, in float64 and in float32 lanes; `slope` gives upstream times the derivative, of the input x and the
 * result y.
 */
function unary<O extends ElementwiseOp>(
  name: O,
  value: (x: number) => number,
  wasm: <V>(s: lanes.Lanes<V>, x: V) => V,
  slope: (g: Graph, at: { readonly x: Value; readonly y: Value; readonly upstream: Value }) => Value | null,
): Primitive<O> {
  return {
    elementwise: true,
    shape: oneShape(name),
    value({ out, ins: [x] }): void {
      for (let i = 0; i < out.length; i++) out[i] = value(x[i]);
    },
    lanes: (s, [x]) => wasm(s, x),
    gradient: (g, y, upstream) => [slope(g, { x: y.inputs[0], y: y as Value, upstream })],
  };
}

/** A sum. */
const add: Primitive<"add"> = {
  elementwise: true,
  shape: oneShape("add"),
  value({ out, ins: [a, b] }): void {
    for (let i = 0; i < out.length; i++) out[i] = a[i] + b[i];
  },
  lanes: (s, [a, b]) => s.add(a, b),
  gradient: (_, __, upstream) => [upstream, upstream],
};

/** A product. */
const mul: Primitive<"mul"> = {
  elementwise: true,
  shape: oneShape("mul"),
  value({ out, ins: [a, b] }): void {
    for (let i = 0; i < out.length; i++) out[i] = a[i] * b[i];
  },
  lanes: (s, [a, b]) => s.mul(a, b),
  gradient: (g, { inputs: [a, b] }, upstream) => [g.mul(upstream, b), g.mul(upstream, a)],
};

/** The second input where the first is not 0, else the third; a gradient flows into the one that was chosen. */
const select: Primitive<"select"> = {
  elementwise: true,
  shape: oneShape("select"),
  value({ out, ins: [condition, a, b] }): void {
    for (let i = 0; i < out.length; i++) out[i] = condition[i] !== 0 ? a[i] : b[i];
  },
  lanes: (s, [condition, a, b]) => s.choose(s.ne(condition, s.number(0)), a, b),
  gradient: (g, { inputs: [condition] }, upstream) => [
    null,
    g.select(condition, upstream, 0),
    g.select(condition, 0, upstream),
  ],
};

/** −1, 0 or 1; NaN stays. */
function signOf<V>(s: lanes.Lanes<V>, x: V): V {
  const [zero, one] = [s.number(0), s.number(1)];
  const signs = s.sub(s.and(s.gt(x, zero), one), s.and(s.gt(zero, x), one));
  return s.choose(s.ne(x, x), x, signs);
}

/** Every elementwise primitive. */
export const ELEMENTWISE: { readonly [O in ElementwiseOp]: Primitive<O> } = {
  add,
  mul,
  recip: unary(
    "recip",
    (x) => 1 / x,
    (s, x) => s.div(s.number(1), x),
    (g, { y, upstream }) => g.neg(g.mul(upstream, g.mul(y, y))),
  ),
  exp: unary("exp", Math.exp, lanes.exp, (g, { y, upstream }) => g.mul(upstream, y)),
  log: unary("log", Math.log, lanes.log, (g, { x, upstream }) => g.mul(upstream, g.recip(x))),
  tanh: unary("tanh", Math.tanh, lanes.tanh, (g, { y, upstream }) => g.mul(upstream, g.sub(1, g.mul(y, y)))),
  // log(1 + eˣ): an operation of its own, because no form in exp and log is smooth at 0 and safe from overflow.
  softplus: unary("softplus", softplusOf, lanes.softplus, (g, { x, upstream }) => g.mul(upstream, g.sigmoid(x))),
  sqrt: unary(
    "sqrt",
    Math.sqrt,
    (s, x) => s.sqrt(x),
    (g, { y, upstream }) => g.mul(upstream, g.mul(0.5, g.recip(y))),
  ),
  abs: unary("abs", Math.abs, (s, x) => s.abs(x), (g, { x, upstream }) => g.mul(upstream, g.sign(x))),
  sign: unary("sign", Math.sign, signOf, () => null),
  // 1 above 0, else 0 (NaN too).
  step: unary("step", (x) => x > 0 ? 1 : 0, (s, x) => s.and(s.gt(x, s.number(0)), s.number(1)), () => null),
  select,
  // The same value, through which no gradient flows.
  stop: unary("stop", (x) => x, (_, x) => x, () => null),
};
