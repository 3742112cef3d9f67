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
import type { WgslCall } from "../wgsl.ts";

function oneShape(name: string): (shapes: readonly Shape[]) => Shape {
  return (shapes) => {
    if (!shapes.every((shape) => sameShape(shape, shapes[0]))) {
      refuse(name, "inputs of one shape", shapes.map(showShape).join(" and "));
    }
    return shapes[0];
  };
}

/** A formula in WGSL of the inputs' same elements. */
function formula<O extends ElementwiseOp>(text: (...operands: string[]) => string): (call: WgslCall<O>) => string {
  return ({ write, at, shapes }) => text(...shapes.map((_, k) => write.load(k, at)));
}

/** A function of one input. */
interface Unary {
  /** In float64. */
  readonly value: (x: number) => number;
  /** In float32 lanes. */
  readonly lanes: <V>(s: lanes.Lanes<V>, x: V) => V;
  /** In WGSL. */
  readonly wgsl: (x: string) => string;
  /** Upstream times the derivative, of the input x and the result y; absent where there is none. */
  readonly slope?: (g: Graph, at: { readonly x: Value; readonly y: Value; readonly upstream: Value }) => Value;
}

function unary<O extends ElementwiseOp>(name: O, { value, lanes, wgsl, slope }: Unary): Primitive<O> {
  return {
    elementwise: true,
    shape: oneShape(name),
    value({ out, ins: [x] }): void {
      for (let i = 0; i < out.length; i++) out[i] = value(x[i]);
    },
    lanes: (s, [x]) => lanes(s, x),
    gradient: (g, y, upstream) => [slope ? slope(g, { x: y.inputs[0], y: y as Value, upstream }) : null],
    wgsl: formula(wgsl),
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
  wgsl: formula((a, b) => `${a} + ${b}`),
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
  wgsl: formula((a, b) => `${a} * ${b}`),
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
  wgsl: formula((condition, a, b) => `select(${b}, ${a}, ${condition} != 0.0)`),
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
  recip: unary("recip", {
    value: (x) => 1 / x,
    lanes: (s, x) => s.div(s.number(1), x),
    wgsl: (x) => `1.0 / ${x}`,
    slope: (g, { y, upstream }) => g.neg(g.mul(upstream, g.mul(y, y))),
  }),
  exp: unary("exp", {
    value: Math.exp,
    lanes: lanes.exp,
    wgsl: (x) => `exp(${x})`,
    slope: (g, { y, upstream }) => g.mul(upstream, y),
  }),
  log: unary("log", {
    value: Math.log,
    lanes: lanes.log,
    wgsl: (x) => `log(${x})`,
    slope: (g, { x, upstream }) => g.mul(upstream, g.recip(x)),
  }),
  tanh: unary("tanh", {
    value: Math.tanh,
    lanes: lanes.tanh,
    wgsl: (x) => `tanh_of(${x})`,
    slope: (g, { y, upstream }) => g.mul(upstream, g.sub(1, g.mul(y, y))),
  }),
  // log(1 + eˣ): an operation of its own, because no form in exp and log is smooth at 0 and safe from overflow.
  softplus: unary("softplus", {
    value: softplusOf,
    lanes: lanes.softplus,
    wgsl: (x) => `softplus_of(${x})`,
    slope: (g, { x, upstream }) => g.mul(upstream, g.sigmoid(x)),
  }),
  sqrt: unary("sqrt", {
    value: Math.sqrt,
    lanes: (s, x) => s.sqrt(x),
    wgsl: (x) => `sqrt(${x})`,
    slope: (g, { y, upstream }) => g.mul(upstream, g.mul(0.5, g.recip(y))),
  }),
  abs: unary("abs", {
    value: Math.abs,
    lanes: (s, x) => s.abs(x),
    wgsl: (x) => `abs(${x})`,
    slope: (g, { x, upstream }) => g.mul(upstream, g.sign(x)),
  }),
  sign: unary("sign", { value: Math.sign, lanes: signOf, wgsl: (x) => `sign_of(${x})` }),
  // 1 above 0, else 0 (NaN too).
  step: unary("step", {
    value: (x) => x > 0 ? 1 : 0,
    lanes: (s, x) => s.and(s.gt(x, s.number(0)), s.number(1)),
    wgsl: (x) => `select(0.0, 1.0, ${x} > 0.0)`,
  }),
  select,
  // The same value, through which no gradient flows.
  stop: { ...unary("stop", { value: (x) => x, lanes: (_, x) => x, wgsl: (x) => x }), moves: true },
};
