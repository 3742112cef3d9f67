/**
 * The primitives that move numbers without computing: reshape, transpose, broadcast, slice, concat, gather; and scatter,
 * gather's adjoint, which adds where rows meet.
 * @module
 */
import { refuse } from "../errors.ts";
import { fixed, reshaped, shifted } from "../index_form.ts";
import type { Primitive } from "../primitive.ts";
import { sameShape, type Shape, showShape, sizeOf, type Value } from "../value.ts";
import { stridesOf, walk } from "./strides.ts";

/** Requires an axis of a shape. */
export function requireAxis(name: string, shape: Shape, axis: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
    refuse(name, `an axis of ${showShape(shape)}`, String(axis));
  }
}

/** The same numbers in another shape. */
export const reshape: Primitive<"reshape"> = {
  shape([from], { shape }): Shape {
    if (shape.some((length) => !Number.isInteger(length) || length < 1) || sizeOf(from) !== sizeOf(shape)) {
      refuse("reshape", `a shape of ${sizeOf(from)} elements for ${showShape(from)}`, showShape(shape));
    }
    return shape;
  },
  value: ({ out, ins: [x] }) => out.set(x),
  gradient: (g, { inputs: [x] }, upstream) => [g.reshape(upstream, x.shape)],
  moves: true,
  wgsl: ({ write, at, shape, shapes: [from] }) =>
    write.load(0, reshaped(shape, from, { index: at, split: write.split })),
};

/** The first input's numbers, no earlier than the second's: a copy, so that what is made of it is no value that there was. */
export const after: Primitive<"after"> = {
  shape: ([from]) => from,
  value: ({ out, ins: [x] }) => out.set(x),
  gradient: (_, __, upstream) => [upstream, null],
  wgsl: ({ write, at }) => write.load(0, at),
};

/** Axes in another order. */
export const transpose: Primitive<"transpose"> = {
  shape([from], { order }): Shape {
    if (order.length !== from.length || [...order].sort((a, b) => a - b).some((axis, i) => axis !== i)) {
      refuse("transpose", `an order of the ${from.length} axes of ${showShape(from)}`, showShape(order));
    }
    return order.map((axis) => from[axis]);
  },
  value({ out, outShape, ins: [x], shapes: [from], attributes: { order } }): void {
    const strides = stridesOf(from);
    walk(outShape, order.map((axis) => strides[axis]), (i, at) => out[i] = x[at]);
  },
  gradient(g, { attributes: { order } }, upstream) {
    const back = order.map(() => 0);
    order.forEach((axis, i) => back[axis] = i);
    return [g.transpose(upstream, back)];
  },
  moves: true,
  wgsl: ({ write, at, attributes: { order } }) => write.load(0, order.map((_, axis) => at[order.indexOf(axis)])),
};

/** Axes of size 1 repeated. */
export const broadcast: Primitive<"broadcast"> = {
  shape([from], { shape }): Shape {
    if (from.length !== shape.length || from.some((length, axis) => length !== 1 && length !== shape[axis])) {
      refuse("broadcast", `a shape whose axes of size 1 alone grow from ${showShape(from)}`, showShape(shape));
    }
    return shape;
  },
  value({ out, outShape, ins: [x], shapes: [from] }): void {
    const strides = stridesOf(from).map((stride, axis) => from[axis] === 1 ? 0 : stride);
    walk(outShape, strides, (i, at) => out[i] = x[at]);
  },
  gradient(g, { inputs: [x], shape }, upstream) {
    const axes = shape.flatMap((length, axis) => x.shape[axis] === length ? [] : [axis]);
    return [g.sum(upstream, axes, { keep: true })];
  },
  moves: true,
  wgsl: ({ write, at, shapes: [from] }) => write.load(0, at.map((form, axis) => from[axis] === 1 ? fixed(0) : form)),
};

/** A stretch of one axis. */
export const slice: Primitive<"slice"> = {
  shape([from], { axis, start, end }): Shape {
    requireAxis("slice", from, axis);
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start >= end || end > from[axis]) {
      refuse("slice", `0 ≤ start < end ≤ ${from[axis]} on axis ${axis} of ${showShape(from)}`, `${start} to ${end}`);
    }
    return from.map((length, i) => i === axis ? end - start : length);
  },
  value({ out, ins: [x], shapes: [from], attributes: { axis, start, end } }): void {
    const inner = sizeOf(from.slice(axis + 1));
    const [row, part] = [from[axis] * inner, (end - start) * inner];
    for (let at = 0, from = start * inner; at < out.length; at += part, from += row) {
      out.set(x.subarray(from, from + part), at);
    }
  },
  gradient(g, { inputs: [x], attributes: { axis, start, end } }, upstream) {
    return [g.pad(upstream, axis, { before: start, after: x.shape[axis] - end })];
  },
  moves: true,
  wgsl: ({ write, at, attributes: { axis, start } }) =>
    write.load(0, at.map((form, i) => i === axis ? shifted(form, start) : form)),
};

/** Inputs one after another along an axis. */
export const concat: Primitive<"concat"> = {
  shape(shapes, { axis }): Shape {
    requireAxis("concat", shapes[0], axis);
    const rest = (shape: Shape): Shape => shape.map((length, i) => i === axis ? 0 : length);
    if (!shapes.every((shape) => sameShape(rest(shape), rest(shapes[0])))) {
      refuse("concat", `shapes that differ on axis ${axis} alone`, shapes.map(showShape).join(" and "));
    }
    return shapes[0].map((length, i) => i === axis ? shapes.reduce((sum, shape) => sum + shape[axis], 0) : length);
  },
  value({ out, outShape, ins, shapes, attributes: { axis } }): void {
    const inner = sizeOf(outShape.slice(axis + 1));
    const row = outShape[axis] * inner;
    let place = 0;
    ins.forEach((x, k) => {
      const part = shapes[k][axis] * inner;
      for (let at = place, from = 0; from < x.length; at += row, from += part) {
        out.set(x.subarray(from, from + part), at);
      }
      place += part;
    });
  },
  gradient(g, { inputs, attributes: { axis } }, upstream) {
    let start = 0;
    return inputs.map(({ shape }) => {
      start += shape[axis];
      return g.slice(upstream, axis, { start: start - shape[axis], end: start });
    });
  },
  wgsl({ write, at, shapes, attributes: { axis } }): string {
    const value = write.variable("0.0");
    const place = write.integer(at[axis]);
    let start = 0;
    shapes.forEach((shape, k) => {
      const end = start + shape[axis];
      const head = k === 0
        ? `if (${place} < ${end}u)`
        : k < shapes.length - 1
        ? `else if (${place} < ${end}u)`
        : "else";
      const from = start;
      write.block(head, () => {
        const index = at.map((form, i) => i === axis ? shifted(form, -from) : form);
        write.line(`${value} = ${write.load(k, index)};`);
      });
      start = end;
    });
    return value;
  },
};

function requireRows(name: string, [from, index]: readonly Shape[], rows: number | undefined): void {
  if (from.length !== 2 || index.length !== 1 || (rows !== undefined && rows !== from[0])) {
    refuse(name, "rows [n, width] and an index [m]", `${showShape(from)} and ${showShape(index)}`);
  }
}

/** Rows of `[n, width]` by an index `[m]` that holds whole numbers; zeros where an index lies outside 0..n−1. */
export const gather: Primitive<"gather"> = {
  shape(shapes): Shape {
    requireRows("gather", shapes, undefined);
    return [shapes[1][0], shapes[0][1]];
  },
  value({ out, ins: [x, index], shapes: [[rows, width]] }): void {
    index.forEach((row, i) => {
      if (row >= 0 && row < rows) out.set(x.subarray(row * width, (row + 1) * width), i * width);
      else out.fill(0, i * width, (i + 1) * width);
    });
  },
  gradient(g, { inputs: [x, index] }, upstream) {
    return [g.scatter(upstream, index, x.shape[0]), null];
  },
  wgsl({ write, at: [row, column], shapes: [[rows]] }): string {
    const value = write.variable("0.0");
    const index = write.load(1, [row]);
    write.block(`if (${index} >= 0.0 && ${index} < ${rows}.0)`, () => {
      write.line(`${value} = ${write.load(0, [write.whole(`u32(${index})`), column])};`);
    });
    return value;
  },
};

/** Rows of `[m, width]` added up at their index among `rows` rows; those outside are dropped. */
export const scatter: Primitive<"scatter"> = {
  shape(shapes, { rows }): Shape {
    requireRows("scatter", shapes, shapes[1][0]);
    return [rows, shapes[0][1]];
  },
  value({ out, ins: [x, index], shapes: [[, width]], attributes: { rows } }): void {
    out.fill(0);
    index.forEach((row, i) => {
      if (!(row >= 0 && row < rows)) return;
      for (let j = 0; j < width; j++) out[row * width + j] += x[i * width + j];
    });
  },
  gradient: (g, { inputs: [, index] }, upstream): (Value | null)[] => [g.gather(upstream, index), null],
  wgsl({ write, at: [row, column], shapes: [[count]] }): string {
    const value = write.variable("0.0");
    const target = write.variable(`f32(${write.integer(row)})`);
    write.loop(count, (i) => {
      write.block(`if (${write.load(1, [i])} == ${target})`, () => {
        write.line(`${value} += ${write.load(0, [i, column])};`);
      });
    });
    return value;
  },
};
