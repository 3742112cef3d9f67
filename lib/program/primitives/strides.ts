/**
 * Walking an array in another array's order.
 * @module
 */
import type { Shape } from "../value.ts";

/** Elements from one index of an axis to the next, row-major. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** Calls `visit(i, at)` for each element i of `shape` in order, where `at` is Σ index × stride. */
export function walk(shape: Shape, strides: readonly number[], visit: (i: number, at: number) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  let [i, at] = [0, 0];
  for (;;) {
    visit(i++, at);
    let axis = shape.length - 1;
    for (; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
