/**
 * From fused steps to kernel calls: which views each kernel reads by which strides, what is copied because no stride reads it,
 * and which values are written straight into the concatenation or the outputs that they end in.
 * @module
 */
import { fuse, type Fused, type Step } from "../../../program/fuse.ts";
import { stridesOf } from "../../../program/primitives/strides.ts";
import type { Program } from "../../../program/program.ts";
import type { NodeOf } from "../../../program/program.ts";
import { type Shape, sizeOf } from "../../../program/value.ts";
import { readsInOrder, squeezed, type View } from "../../../program/views.ts";
import { type ProductForm, productForm, type Strides } from "./product_form.ts";
import type { Call, Location, Operation, Ref, RowsSpec, Spec } from "./spec.ts";

/** A program as kernel calls over blocks of numbers. */
export interface Lowered {
  /** Kernel calls in order. */
  readonly calls: readonly Call[];
  /** Elements of each block that calls write, by block; leaves are not among them. */
  readonly sizes: ReadonlyMap<number, number>;
  /** The block that holds all outputs, and where each lies in it. */
  readonly outputs: { readonly block: number; readonly at: Readonly<Record<string, number>>; readonly size: number };
}

/** Elements to which places are aligned: a cache line. */
export const ALIGN = 16;

/** A size up to the next place. */
export function padded(size: number): number {
  return Math.ceil(size / ALIGN) * ALIGN;
}

/** Axes of size 1 gone, neighbours joined where every operand walks them as one. */
export function collapsed(
  domain: Shape,
  strides: readonly (readonly number[])[],
): { domain: number[]; strides: number[][] } {
  const shape: number[] = [];
  const result: number[][] = strides.map(() => []);
  domain.forEach((length, axis) => {
    if (length === 1) return;
    const joins = shape.length > 0 &&
      strides.every((list, k) => result[k][shape.length - 1] === list[axis] * length);
    if (joins) {
      shape[shape.length - 1] *= length;
      strides.forEach((list, k) => result[k][shape.length - 1] = list[axis]);
    } else {
      shape.push(length);
      strides.forEach((list, k) => result[k].push(list[axis]));
    }
  });
  return { domain: shape, strides: result };
}

/** Strides along axes longer than 1. */
function squeezedStrides(shape: Shape, strides: readonly number[]): number[] {
  return strides.filter((_, axis) => shape[axis] !== 1);
}

/** The strides of a squeezed view along the axes of `shape`: 0 along those of size 1. */
function expandedStrides(strides: readonly number[], shape: Shape): number[] {
  let next = 0;
  return shape.map((length) => length === 1 ? 0 : strides[next++]);
}

/** A view whose strides are those of `[batch, rows, columns]`. */
interface Matrices extends View {
  readonly shape: readonly [number, number, number];
  readonly strides: Strides;
}

/** A stack of matrices, its leading axes joined; copied where they do not join. */
function matrices(view: View, shape: Shape, turned: boolean, dense: (view: View, shape: Shape) => View): Matrices {
  const leading = shape.slice(0, -2);
  const batch = collapsed(leading, [view.strides.slice(0, -2)]);
  const usable = batch.domain.length > 1 ? dense(view, shape) : view;
  const stride = collapsed(leading, [usable.strides.slice(0, -2)]).strides[0][0] ?? 0;
  const [[rows, columns], [row, column]] = [shape.slice(-2), usable.strides.slice(-2)];
  const count = sizeOf(leading);
  return turned
    ? { ...usable, shape: [count, columns, rows], strides: [stride, column, row] }
    : { ...usable, shape: [count, rows, columns], strides: [stride, row, column] };
}

/** Rows for columns. */
function flipped({ root, at, shape: [batch, rows, columns], strides: [leading, row, column] }: Matrices): Matrices {
  return { root, at, shape: [batch, columns, rows], strides: [leading, column, row] };
}

interface Homes {
  /** Where a stored node lies. */
  locate(root: number): Location;
  /** Parts of concatenations, as `node input`, that lie there already. */
  readonly inPlace: ReadonlySet<string>;
  /** Outputs that must be copied. */
  readonly copied: readonly string[];
  readonly outputs: Lowered["outputs"];
}

/** Decides which stored nodes are written straight into what takes them. */
function findHomes({ program, views, stored }: Fused, order: readonly string[]): Homes {
  const { nodes } = program;
  const home = new Map<number, Location>();
  const inPlace = new Set<string>();
  const whole = (input: number): boolean => {
    const { root } = views[input];
    return stored[root] && !home.has(root) && readsInOrder(views[input], nodes[input].shape, nodes[root].shape);
  };
  nodes.forEach((node, i) => {
    if (node.op !== "concat" || sizeOf(node.shape.slice(0, node.attributes.axis)) > 1) return;
    let at = 0;
    node.inputs.forEach((input, k) => {
      if (whole(input)) {
        home.set(views[input].root, { block: i, at });
        inPlace.add(`${i} ${k}`);
      }
      at += sizeOf(nodes[input].shape);
    });
  });
  const block = nodes.length;
  const at: Record<string, number> = {};
  const copied: string[] = [];
  let size = 0;
  for (const name of order) {
    const output = program.outputs[name];
    at[name] = size;
    if (whole(output)) home.set(views[output].root, { block, at: size });
    else copied.push(name);
    size += padded(sizeOf(nodes[output].shape));
  }
  const locate = (root: number): Location => {
    const place = home.get(root);
    if (!place) return { block: root, at: 0 };
    const outer = locate(place.block);
    return { block: outer.block, at: outer.at + place.at };
  };
  return { locate, inPlace, copied, outputs: { block, at, size } };
}

/** Lowers a program whose outputs shall lie in an order. */
export function lower(program: Program, order: readonly string[] = Object.keys(program.outputs)): Lowered {
  const fused = fuse(program);
  const { nodes } = program;
  const { views, stored } = fused;
  const homes = findHomes(fused, order);
  const calls: Call[] = [];
  const sizes = new Map<number, number>([[homes.outputs.block, homes.outputs.size]]);
  const copies = new Map<string, View>();
  let blocks = nodes.length + 1;

  const place = ({ root, at }: Pick<View, "root" | "at">): Location => {
    const { block, at: from } = homes.locate(root);
    return { block, at: from + at };
  };
  const emit = (spec: Spec, reads: readonly Location[], writes: readonly Location[]): void => {
    calls.push({ spec, reads, writes });
  };
  const copy = (view: View, shape: Shape, to: { location: Location; strides: readonly number[] }): void => {
    const node = nodes[view.root];
    if (node?.op === "fill") {
      const { domain, strides: [strides] } = collapsed(shape, [to.strides]);
      emit({ kind: "map", domain, loads: [], ops: [], stores: [{ value: `#${node.attributes.value}`, strides }] }, [], [
        to.location,
      ]);
      return;
    }
    const { domain, strides: [from, into] } = collapsed(shape, [view.strides, to.strides]);
    emit({ kind: "map", domain, loads: [from], ops: [], stores: [{ value: "l0", strides: into }] }, [place(view)], [
      to.location,
    ]);
  };
  /** A view as dense numbers: itself, or a copy that later calls share. */
  const dense = (view: View, shape: Shape): View => {
    const strides = stridesOf(shape);
    const isDense = shape.every((length, axis) => length === 1 || view.strides[axis] === strides[axis]);
    if (isDense && nodes[view.root]?.op !== "fill") return { ...view, strides };
    const key = `${view.root} ${view.at} ${view.strides} ${shape}`;
    const found = copies.get(key);
    if (found) return found;
    const made: View = { root: blocks++, at: 0, strides };
    sizes.set(made.root, sizeOf(shape));
    copies.set(key, made);
    copy(view, shape, { location: { block: made.root, at: 0 }, strides });
    return made;
  };

  /** The operations of some members, what they load, and a name for each result. */
  const body = (members: readonly number[], refs: Map<number, Ref>): { ops: Operation[]; loads: number[] } => {
    const ops: Operation[] = [];
    const loads: number[] = [];
    const known = new Map<string, Ref>();
    const refOf = (input: number): Ref => {
      const { root, at, strides } = views[input];
      const from = nodes[root];
      if (from.op === "fill") return `#${from.attributes.value}`;
      const made = refs.get(root);
      if (made) return made;
      const key = `${root} ${at} ${squeezedStrides(nodes[input].shape, strides)}`;
      const ref = known.get(key) ?? `l${loads.push(input) - 1}`;
      known.set(key, ref);
      return ref;
    };
    for (const member of members) {
      ops.push({ op: nodes[member].op, ins: nodes[member].inputs.map(refOf) });
      refs.set(member, `o${ops.length - 1}`);
    }
    return { ops, loads };
  };

  const map = ({ members }: Step): void => {
    const refs = new Map<number, Ref>();
    const { ops, loads } = body(members, refs);
    const kept = members.filter((member) => stored[member]);
    const shape = squeezed(nodes[members[0]].shape);
    const { domain, strides } = collapsed(shape, [
      ...loads.map((input) => squeezedStrides(nodes[input].shape, views[input].strides)),
      ...kept.map(() => stridesOf(shape)),
    ]);
    const stores = kept.map((member, k) => ({ value: refs.get(member)!, strides: strides[loads.length + k] }));
    emit(
      { kind: "map", domain, loads: strides.slice(0, loads.length), ops, stores },
      loads.map((input) => place(views[input])),
      kept.map((member) => place({ root: member, at: 0 })),
    );
  };

  const reduce = ({ node: i, members }: Step): void => {
    const node = nodes[i!];
    const [input] = node.inputs;
    const refs = new Map<number, Ref>();
    const { ops, loads } = body(members, refs);
    const value = refs.get(views[input].root) ?? "l0";
    if (members.length === 0) loads.push(input);
    const from = nodes[input].shape;
    const out = stridesOf(node.shape).map((stride, axis) => node.shape[axis] === from[axis] ? stride : 0);
    const { domain, strides } = collapsed(squeezed(from), [
      ...loads.map((load) => squeezedStrides(nodes[load].shape, views[load].strides)),
      squeezedStrides(from, out),
    ]);
    emit(
      {
        kind: node.op as "sum" | "max",
        domain,
        loads: strides.slice(0, loads.length),
        ops,
        stores: [{ value, strides: strides[loads.length] }],
      },
      loads.map((load) => place(views[load])),
      [place({ root: i!, at: 0 })],
    );
  };

  /** What a product multiplies. */
  const sidesOf = (i: number): { readonly k: number; readonly a: Matrices; readonly b: Matrices } => {
    const { inputs: [left, right], attributes: { transposeA, transposeB } } = nodes[i] as NodeOf<"matmul">;
    const sides = [[left, transposeA], [right, transposeB]] as const;
    const [a, b] = sides.map(([input, turned]) => {
      const [view, { shape }] = [views[input], nodes[input]];
      // A fill lies nowhere; a product reads numbers.
      return matrices(nodes[view.root].op === "fill" ? dense(view, shape) : view, shape, turned, dense);
    });
    return { k: a.shape[2], a, b };
  };

  const product = ({ node: i, joined = [], members }: Step): void => {
    const { shape } = nodes[i!];
    const [m, n] = shape.slice(-2);
    const batch = sizeOf(shape.slice(0, -2));
    const all = [i!, ...joined.map((other) => other.product)].map(sidesOf);
    const formOf = ({ k, a, b }: typeof all[number], dotted: boolean): ProductForm =>
      productForm({ m, n, k, dotted }, a.strides, b.strides);
    // Terms of one sum are computed in one way.
    const dotted = all.every((sides) => formOf(sides, true).dots);
    const forms = all.map((sides) => formOf(sides, dotted));
    const [form] = forms;
    const pack = (packed: boolean, view: View, size: Shape): Location =>
      place(packed ? dense(view, view.strides[0] === 0 ? [1, ...size.slice(1)] : size) : view);
    const reads = all.flatMap(({ k, a, b }, t) => {
      const { packA, packB } = forms[t];
      const [first, second] = form.swapped ? [flipped(b), flipped(a)] : [a, b];
      return [pack(packA, first, [batch, form.m, k]), pack(packB, second, [batch, k, form.n])];
    });

    const refs = new Map<number, Ref>([i!, ...joined.map(({ sum }) => sum)].map((node) => [node, "a"]));
    const { ops, loads } = body(members.filter((member) => !refs.has(member)), refs);
    const over = (strides: readonly number[]): readonly number[] => {
      const [leading, row, column] = [strides.length > 2 ? strides[0] : 0, ...strides.slice(-2)];
      return form.swapped ? [leading, column, row] : [leading, row, column];
    };
    const views3 = loads.map((input) => {
      const strides = expandedStrides(squeezedStrides(nodes[input].shape, views[input].strides), shape);
      return matrices({ ...views[input], strides }, shape, false, dense);
    });
    const kept = [i!, ...members].filter((member) => stored[member]);
    const out = [batch > 1 ? m * n : 0, n > 1 || m > 1 ? n : 0, 1];
    emit(
      {
        kind: "product",
        domain: [batch, form.m, form.n],
        terms: forms.map(({ a, b }, t) => ({ k: all[t].k, a, b })),
        dots: form.dots,
        loads: views3.map(({ strides }) => over(strides)),
        ops,
        stores: kept.map((member) => ({ value: refs.get(member)!, strides: over(out) })),
      },
      [...reads, ...views3.map(place)],
      kept.map((member) => place({ root: member, at: 0 })),
    );
  };

  const move = ({ node: i }: Step): void => {
    const node = nodes[i!];
    const location = place({ root: i!, at: 0 });
    const whole = (input: number): Location => place(dense(views[input], nodes[input].shape));
    const spec = (rows: number, [from, width]: Shape): Omit<RowsSpec, "kind"> => ({ rows, from, width });
    switch (node.op) {
      case "concat": {
        const strides = stridesOf(node.shape);
        let at = 0;
        node.inputs.forEach((input, k) => {
          const { shape } = nodes[input];
          const to = { location: { ...location, at: location.at + at }, strides };
          if (!homes.inPlace.has(`${i} ${k}`)) copy(views[input], shape, to);
          at += shape[node.attributes.axis] * strides[node.attributes.axis];
        });
        break;
      }
      case "gather":
      case "scatter":
        emit(
          { kind: node.op, ...spec(node.shape[0], nodes[node.inputs[0]].shape) },
          node.inputs.map(whole),
          [location],
        );
        break;
      case "solve": {
        const [n] = node.shape;
        const scratch = blocks++;
        sizes.set(scratch, n * n);
        emit({ kind: "solve", ...spec(n, node.shape) }, node.inputs.map(whole), [location, { block: scratch, at: 0 }]);
        break;
      }
      default: {
        // A reshape that no strides read: its input's numbers, densely.
        const [input] = node.inputs;
        copy(views[input], nodes[input].shape, { location, strides: stridesOf(nodes[input].shape) });
      }
    }
  };

  for (const step of fused.steps) {
    if (step.kind === "reduce") reduce(step);
    else if (step.kind === "move") move(step);
    else if (step.node === undefined) map(step);
    else product(step);
  }
  for (const name of homes.copied) {
    const output = program.outputs[name];
    const { shape } = nodes[output];
    const location = { block: homes.outputs.block, at: homes.outputs.at[name] };
    copy(views[output], shape, { location, strides: stridesOf(shape) });
  }
  nodes.forEach(({ shape }, i) => {
    if (stored[i] && homes.locate(i).block === i) sizes.set(i, sizeOf(shape));
  });
  return { calls, sizes, outputs: homes.outputs };
}
