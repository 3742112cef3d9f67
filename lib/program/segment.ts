/**
 * Segments: values whose gradient computes again what lies between them and their inputs, instead of keeping it. A segment is a
 * mark in the graph alone; in a program it is its result, and what is computed again stands where it is needed.
 * What lies between depends on the segment's roots, so that copies of the roots suffice to keep it from being merged with
 * what was computed before. It knows no derivative: `grad.ts` walks what is built here.
 * @module
 */
import type { Graph } from "./graph_type.ts";
import { ancestors, sizeOf, type Value, type ValueOf } from "./value.ts";

function isNumber({ op }: Value): boolean {
  return op === "fill" || op === "constant";
}

/** Values one after another in one vector; `unpack` has them back. */
export function pack(g: Graph, values: readonly Value[]): Value {
  return g.concat(values.map((value) => g.reshape(value, [sizeOf(value.shape)])), 0);
}

/** The values of `pack`, in the shapes of those that were packed. */
export function unpack(g: Graph, packed: Value, like: readonly Value[]): Value[] {
  let start = 0;
  return like.map(({ shape }) => {
    const end = start + sizeOf(shape);
    const part = g.reshape(g.slice(packed, 0, { start, end }), shape);
    start = end;
    return part;
  });
}

/** Where a segment begins. */
export interface SegmentStart {
  /** What is copied before the segment is computed again. */
  readonly roots: readonly Value[];
  /** What all between depends on: the roots (default), or copies of them, which lie between then. */
  readonly seeds?: readonly Value[];
  /** What has a smaller id was there before, and is no part of the segment though it depend on a root. */
  readonly since: number;
}

/** Marks what leads from a start to a result; the result itself where no root is there or nothing depends on one. */
export function markSegment(g: Graph, result: Value, { roots, seeds = roots, since }: SegmentStart): Value {
  const real = [...new Set(roots.filter((root) => root.op !== "fill"))];
  const seeded = seeds.filter((seed) => seed.op !== "fill");
  if (seeded.length === 0) return result;
  const active = new Set<Value>(seeded);
  const known = new Set<Value>(real);
  const others = new Set<Value>();
  for (const value of ancestors([result], Math.min(since, ...seeded.map(({ id }) => id)))) {
    if (known.has(value)) continue;
    if (value.id >= since && value.inputs.some((input) => active.has(input))) active.add(value);
    if (!active.has(value)) continue;
    for (const input of value.inputs) {
      if (!active.has(input) && !known.has(input) && !isNumber(input)) others.add(input);
    }
  }
  return active.has(result) && !known.has(result) ? g.segment(result, real, [...others]) : result;
}

/** A segment computed again. */
export interface Again {
  /** Its result. */
  readonly result: Value;
  /** What lay between the first time, in order. */
  readonly inside: readonly Value[];
  /** The same computed again. */
  readonly between: readonly Value[];
  /** The roots, each with its copy. */
  readonly copies: ReadonlyMap<Value, Value>;
}

/** Computes a segment again from copies of its roots, once `earlier` is there. */
export function computeAgain(g: Graph, segment: ValueOf<"segment">, earlier: Value): Again {
  const [first, ...edge] = segment.inputs;
  const copies = new Map(edge.slice(0, segment.attributes.roots).map((root) => [root, g.after(root, earlier)]));
  const made = new Map<Value, Value>([...edge.map((value) => [value, value] as const), ...copies]);
  const reached = new Set<Value>();
  const visit = (value: Value): void => {
    if (!made.has(value) && !isNumber(value)) reached.add(value);
  };
  visit(first);
  for (const value of reached) value.inputs.forEach(visit);
  const inside = [...reached].sort((a, b) => a.id - b.id);
  for (const value of inside) made.set(value, g.like(value, value.inputs.map((input) => made.get(input) ?? input)));
  return { result: made.get(first)!, inside, between: inside.map((value) => made.get(value)!), copies };
}
