/**
 * Which numbers of a program are stored, and how every other value reads them: reshape, stop, slice, transpose and broadcast
 * only choose strides, so they cost nothing. A reshape whose strides do not exist is stored as a copy.
 * @module
 */
import { stridesOf } from "./primitives/strides.ts";
import { PRIMITIVES } from "./primitives.ts";
import type { Program, ProgramNode } from "./program.ts";
import { type Shape, sizeOf } from "./value.ts";

/** How a value reads what is stored: element (i, j, ...) lies at `at` + i·strides[0] + j·strides[1] + ... of node `root`. */
export interface View {
  /** The stored node. */
  readonly root: number;
  /** First element. */
  readonly at: number;
  /** Elements from one index of an axis to the next. */
  readonly strides: readonly number[];
}

/** Strides by which a view of `shape` reads as `to`, row-major; undefined where there are none. */
export function reshapedStrides(shape: Shape, strides: readonly number[], to: Shape): number[] | undefined {
  const result = new Array<number>(to.length).fill(0);
  const from = shape.flatMap((length, axis) => length === 1 ? [] : [axis]);
  const into = to.flatMap((length, axis) => length === 1 ? [] : [axis]);
  let [i, j] = [0, 0];
  while (i < from.length && j < into.length) {
    const [startI, startJ] = [i, j];
    let [sizeI, sizeJ] = [shape[from[i++]], to[into[j++]]];
    while (sizeI !== sizeJ) {
      if (sizeI < sizeJ) sizeI *= shape[from[i++]];
      else sizeJ *= to[into[j++]];
    }
    for (let k = startI; k + 1 < i; k++) {
      if (strides[from[k]] !== strides[from[k + 1]] * shape[from[k + 1]]) return undefined;
    }
    let stride = strides[from[i - 1]];
    for (let k = j - 1; k >= startJ; k--) {
      result[into[k]] = stride;
      stride *= to[into[k]];
    }
  }
  return result;
}

function viewOf(program: Program, node: ProgramNode, views: readonly View[]): View | undefined {
  const [input] = node.inputs;
  const view = views[input];
  switch (node.op) {
    case "stop":
      return view;
    case "reshape": {
      const strides = reshapedStrides(program.nodes[input].shape, view.strides, node.shape);
      return strides && { ...view, strides };
    }
    case "slice":
      return { ...view, at: view.at + node.attributes.start * view.strides[node.attributes.axis] };
    case "transpose":
      return { ...view, strides: node.attributes.order.map((axis) => view.strides[axis]) };
    case "broadcast": {
      const from = program.nodes[input].shape;
      return { ...view, strides: view.strides.map((stride, axis) => from[axis] === node.shape[axis] ? stride : 0) };
    }
    default:
      return undefined;
  }
}

/**
 * The view of every node; those that are stored have themselves as root.
 *
 * @param program Whose nodes.
 * @returns Views by node.
 */
export function viewsOf(program: Program): View[] {
  const views: View[] = [];
  program.nodes.forEach((node, i) => {
    views.push(viewOf(program, node, views) ?? { root: i, at: 0, strides: stridesOf(node.shape) });
  });
  return views;
}

/** Whether a view reads all of its root in order, so that element i of it is element i of the root. */
export function readsInOrder(view: View, shape: Shape, rootShape: Shape): boolean {
  if (view.at !== 0) return false;
  let dense = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && view.strides[axis] !== dense) return false;
    dense *= shape[axis];
  }
  return dense === sizeOf(rootShape);
}

/** Whether the operation works element by element (a stop, which only renames, does not). */
export function isMapped(node: ProgramNode): boolean {
  return node.op !== "stop" && PRIMITIVES[node.op as keyof typeof PRIMITIVES]?.elementwise === true;
}

/** A shape without its axes of size 1. */
export function squeezed(shape: Shape): number[] {
  return shape.filter((length) => length !== 1);
}

/** Whether two shapes are equal but for axes of size 1. */
export function alike(a: Shape, b: Shape): boolean {
  let [i, j] = [0, 0];
  for (;;) {
    while (a[i] === 1) i++;
    while (b[j] === 1) j++;
    if (a[i] !== b[j]) return false;
    if (i >= a.length) return true;
    i++;
    j++;
  }
}
