/**
 * The primitives that take many elements to one: sum and max. Reduced axes keep size 1.
 * @module
 */
import type { Primitive } from "../primitive.ts";
import type { Shape } from "../value.ts";
import { requireAxis } from "./arrangement.ts";
import { stridesOf, walk } from "./strides.ts";

/** Strides of a reduced array, 0 along what was reduced. */
function reducedStrides(outShape: Shape, from: Shape): number[] {
  return stridesOf(outShape).map((stride, axis) => outShape[axis] === from[axis] ? stride : 0);
}

/** The sum over axes, in the order in which elements lie. */
export const sum: Primitive<"sum"> = {
  shape([from], { axes }): Shape {
    for (const axis of axes) requireAxis("sum", from, axis);
    return from.map((length, axis) => axes.includes(axis) ? 1 : length);
  },
  value({ out, outShape, ins: [x], shapes: [from] }): void {
    out.fill(0);
    walk(from, reducedStrides(outShape, from), (i, at) => out[at] += x[i]);
  },
  gradient: (g, { inputs: [x] }, upstream) => [g.broadcast(upstream, x.shape)],
};

/** The largest element along an axis; elements that share it share the gradient equally, as in PyTorch's amax. */
export const max: Primitive<"max"> = {
  shape([from], { axis }): Shape {
    requireAxis("max", from, axis);
    return from.map((length, i) => i === axis ? 1 : length);
  },
  value({ out, outShape, ins: [x], shapes: [from] }): void {
    out.fill(-Infinity);
    walk(from, reducedStrides(outShape, from), (i, at) => out[at] = Math.max(out[at], x[i]));
  },
  gradient(g, node, upstream) {
    const [x] = node.inputs;
    const largest = g.stop(g.sub(1, g.step(g.sub(g.broadcast(node, x.shape), x))));
    const count = g.sum(largest, node.attributes.axis, { keep: true });
    return [g.mul(largest, g.div(upstream, count))];
  },
};
