/**
 * The primitives that take many elements to one: sum and max. Reduced axes keep size 1.
 * @module
 */
import type { Form } from "../index_form.ts";
import type { Primitive } from "../primitive.ts";
import type { Shape } from "../value.ts";
import type { WgslCall, WgslWriter } from "../wgsl.ts";
import { requireAxis } from "./arrangement.ts";
import { stridesOf, walk } from "./strides.ts";

/** Strides of a reduced array, 0 along what was reduced. */
function reducedStrides(outShape: Shape, from: Shape): number[] {
  return stridesOf(outShape).map((stride, axis) => outShape[axis] === from[axis] ? stride : 0);
}

/** Nested loops in WGSL over the reduced axes, outermost first; `visit` writes what happens at each element. */
function overAxes(
  { write, at, shapes: [from] }: Pick<WgslCall<"sum" | "max">, "at" | "shapes"> & { readonly write: WgslWriter },
  axes: readonly number[],
  visit: (element: string) => void,
): void {
  const visitFrom = (rest: readonly number[], index: readonly Form[]): void => {
    if (rest.length === 0) return visit(write.load(0, index));
    write.loop(from[rest[0]], (k) => visitFrom(rest.slice(1), index.map((form, axis) => axis === rest[0] ? k : form)));
  };
  visitFrom(axes, at);
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
  wgsl(call): string {
    const total = call.write.variable("0.0");
    overAxes(call, call.attributes.axes, (element) => call.write.line(`${total} += ${element};`));
    return total;
  },
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
  wgsl(call): string {
    const { write, attributes: { axis }, at } = call;
    const first = write.load(0, at);
    const largest = write.variable(first);
    overAxes(call, [axis], (element) => {
      // What is no number stays: a NaN is taken, and then nothing is larger.
      write.line(`${largest} = select(${largest}, ${element}, ${element} > ${largest} || is_nan(${element}));`);
    });
    return largest;
  },
};
