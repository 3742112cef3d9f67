/**
 * The rewrites of single operations: each gives a simpler value that is equal for every input, or undefined.
 * @module
 */
import type { Graph } from "./graph_type.ts";
import { type AttributesOf, type PrimitiveOp, sameShape, type Shape, sizeOf, type Value } from "./value.ts";

/** An operation about to be built. */
export interface Draft<O extends PrimitiveOp> {
  /** Which. */
  readonly op: O;
  /** Of what. */
  readonly inputs: readonly Value[];
  /** With what besides. */
  readonly attributes: AttributesOf[O];
  /** Its shape. */
  readonly shape: Shape;
}

function isFill(value: Value, number: number): boolean {
  return value.op === "fill" && value.attributes.value === number;
}

/** x + 0 → x; parts of one vector, added one after another → added at once. */
export function add(g: Graph, { inputs: [a, b] }: Draft<"add">): Value | undefined {
  if (isFill(a, 0)) return b;
  if (isFill(b, 0)) return a;
  return interleaved(g, a, b) ?? added(g, a, b) ?? added(g, b, a);
}

/** (x + part) + other part → x + both. */
function added(g: Graph, sum: Value, part: Value): Value | undefined {
  if (sum.op !== "add" || part.op !== "concat") return undefined;
  const [x, y] = sum.inputs;
  for (const [other, found] of [[x, y], [y, x]]) {
    const both = interleaved(g, found, part);
    if (both) return g.add(other, both);
  }
  return undefined;
}

/**
 * Sum of two concatenations along one axis of which each is 0 where the other is not, or whose parts coincide: what the
 * gradients of a vector's parts come to. So the gradient of a flat parameter vector is written once, not once a part.
 */
function interleaved(g: Graph, a: Value, b: Value): Value | undefined {
  if (a.op !== "concat" || b.op !== "concat" || a.attributes.axis !== b.attributes.axis) return undefined;
  const { axis } = a.attributes;
  const parts: { readonly from: number; readonly value: Value }[] = [];
  for (const { inputs } of [a, b]) {
    let from = 0;
    for (const value of inputs) {
      if (!isFill(value, 0)) parts.push({ from, value });
      from += value.shape[axis];
    }
  }
  parts.sort((x, y) => x.from - y.from);
  const pieces: Value[] = [];
  let at = 0;
  const zeros = (to: number): void => {
    if (to > at) pieces.push(g.constant(0, a.shape.map((length, i) => i === axis ? to - at : length)));
  };
  for (let k = 0; k < parts.length; k++) {
    const { from, value } = parts[k];
    if (from < at) return undefined;
    zeros(from);
    const same = parts[k + 1]?.from === from && sameShape(parts[k + 1].value.shape, value.shape);
    pieces.push(same ? g.add(value, parts[++k].value) : value);
    at = from + value.shape[axis];
  }
  zeros(a.shape[axis]);
  return g.concat(pieces, axis);
}

/** x · 1 → x; c · (d · x) → (c · d) · x for numbers c and d. */
export function mul(g: Graph, { inputs: [a, b] }: Draft<"mul">): Value | undefined {
  if (isFill(a, 1)) return b;
  if (isFill(b, 1)) return a;
  const [c, x] = a.op === "fill" ? [a, b] : [b, a];
  if (c.op !== "fill" || x.op !== "mul") return undefined;
  const [d, y] = x.inputs[0].op === "fill" ? x.inputs : [x.inputs[1], x.inputs[0]];
  if (d.op !== "fill") return undefined;
  const product = c.attributes.value * d.attributes.value;
  return Number.isFinite(product) && product !== 0 ? g.mul(product, y) : undefined;
}

/** A constant and what has been stopped are themselves. */
export function stop(_: Graph, { inputs: [x] }: Draft<"stop">): Value | undefined {
  return x.op === "stop" || x.op === "fill" || x.op === "constant" ? x : undefined;
}

/** Sum over axes of size 1 → x; of a sum → one; of what was repeated → a multiple. */
export function sum(g: Graph, { inputs: [x], attributes: { axes }, shape }: Draft<"sum">): Value | undefined {
  const real = axes.filter((axis) => x.shape[axis] > 1);
  if (real.length === 0) return x;
  if (x.op === "fill") return g.constant(x.attributes.value * sizeOf(x.shape) / sizeOf(shape), shape);
  if (x.op === "sum") return g.sum(x.inputs[0], [...x.attributes.axes, ...real], { keep: true });
  if (x.op === "broadcast") {
    const [from] = x.inputs;
    const repeated = real.filter((axis) => from.shape[axis] === 1);
    if (repeated.length === 0) return undefined;
    const times = repeated.reduce((product, axis) => product * x.shape[axis], 1);
    const rest = from.shape.map((length, axis) => repeated.includes(axis) ? length : x.shape[axis]);
    return g.mul(times, g.sum(g.broadcast(from, rest), real, { keep: true }));
  }
  return real.length < axes.length ? g.sum(x, real, { keep: true }) : undefined;
}

/** To its own shape → x; of a broadcast → one; of a number → the number. */
export function broadcast(g: Graph, { inputs: [x], shape }: Draft<"broadcast">): Value | undefined {
  if (sameShape(x.shape, shape)) return x;
  if (x.op === "fill") return g.constant(x.attributes.value, shape);
  return x.op === "broadcast" ? g.broadcast(x.inputs[0], shape) : undefined;
}

/** To its own shape → x; of a reshape → one; of a constant → a constant. */
export function reshape(g: Graph, { inputs: [x], shape }: Draft<"reshape">): Value | undefined {
  if (sameShape(x.shape, shape)) return x;
  if (x.op === "fill") return g.constant(x.attributes.value, shape);
  return x.op === "reshape" ? g.reshape(x.inputs[0], shape) : undefined;
}

/** In the order that stands → x; of a transpose → one; where axes of size 1 alone move → a reshape. */
export function transpose(
  g: Graph,
  { inputs: [x], attributes: { order }, shape }: Draft<"transpose">,
): Value | undefined {
  if (order.every((axis, i) => axis === i)) return x;
  if (x.op === "fill") return g.constant(x.attributes.value, shape);
  const long = order.filter((axis) => x.shape[axis] > 1);
  if (long.every((axis, i) => i === 0 || axis > long[i - 1])) return g.reshape(x, shape);
  if (x.op !== "transpose") return undefined;
  const { order: before } = x.attributes;
  return g.transpose(x.inputs[0], order.map((axis) => before[axis]));
}

/** The whole → x; of a slice → one; of a concatenation's parts → those parts. */
export function slice(
  g: Graph,
  { inputs: [x], attributes: { axis, start, end }, shape }: Draft<"slice">,
): Value | undefined {
  if (end - start === x.shape[axis]) return x;
  if (x.op === "fill") return g.constant(x.attributes.value, shape);
  if (x.op === "slice" && x.attributes.axis === axis) {
    const by = x.attributes.start;
    return g.slice(x.inputs[0], axis, { start: start + by, end: end + by });
  }
  if (x.op !== "concat" || x.attributes.axis !== axis) return undefined;
  const parts: Value[] = [];
  let at = 0;
  for (const part of x.inputs) {
    const [from, to] = [Math.max(start, at), Math.min(end, at + part.shape[axis])];
    if (from < to) parts.push(g.slice(part, axis, { start: from - at, end: to - at }));
    at += part.shape[axis];
  }
  return g.concat(parts, axis);
}

/** One value → it; concatenations along the same axis → one; neighbouring numbers and neighbouring slices → one. */
export function concat(g: Graph, { inputs, attributes: { axis } }: Draft<"concat">): Value | undefined {
  if (inputs.length === 1) return inputs[0];
  const flat = inputs.flatMap((x) => x.op === "concat" && x.attributes.axis === axis ? x.inputs : [x]);
  const merged: Value[] = [];
  for (const x of flat) {
    const joined = merged.length > 0 ? neighbours(g, axis, [merged[merged.length - 1], x]) : undefined;
    if (joined) merged[merged.length - 1] = joined;
    else merged.push(x);
  }
  return merged.length < inputs.length || flat.length > inputs.length ? g.concat(merged, axis) : undefined;
}

function neighbours(g: Graph, axis: number, [a, b]: readonly [Value, Value]): Value | undefined {
  if (a.op === "fill" && b.op === "fill" && Object.is(a.attributes.value, b.attributes.value)) {
    const length = a.shape[axis] + b.shape[axis];
    return g.constant(a.attributes.value, a.shape.map((size, i) => i === axis ? length : size));
  }
  if (a.op !== "slice" || b.op !== "slice" || a.inputs[0] !== b.inputs[0]) return undefined;
  const [first, second] = [a.attributes, b.attributes];
  if (first.axis !== axis || second.axis !== axis || first.end !== second.start) return undefined;
  return g.slice(a.inputs[0], axis, { start: first.start, end: second.end });
}

/** An operand whose last two axes were exchanged is read so. */
export function matmul(
  g: Graph,
  { inputs: [a, b], attributes: { transposeA, transposeB } }: Draft<"matmul">,
): Value | undefined {
  const [fromA, fromB] = [exchanged(a), exchanged(b)];
  if (!fromA && !fromB) return undefined;
  return g.matmul(fromA ?? a, fromB ?? b, {
    transposeA: fromA ? !transposeA : transposeA,
    transposeB: fromB ? !transposeB : transposeB,
  });
}

/** What a transpose of the last two axes was made of. */
function exchanged(x: Value): Value | undefined {
  if (x.op !== "transpose") return undefined;
  const { order } = x.attributes;
  const last = order.length - 1;
  const isSwap = order.every((axis, i) => axis === (i < last - 1 ? i : 2 * last - 1 - i));
  return isSwap ? x.inputs[0] : undefined;
}
