/**
 * Reverse mode as a transformation: the gradient of a scalar is more values of the same graph, made of the same primitives,
 * so it can be taken again. It walks only what leads from the scalar to the values asked for; a segment it computes again, and
 * what comes of that is a segment in turn.
 * @module
 */
import { refuse, showReceived } from "./errors.ts";
import type { Graph } from "./graph_type.ts";
import type { Primitive } from "./primitive.ts";
import { isPrimitive, PRIMITIVES } from "./primitives.ts";
import { computeAgain, markSegment, pack, unpack } from "./segment.ts";
import { ancestors, type PrimitiveOp, showShape, type Value, type ValueOf } from "./value.ts";

/** Gradients that have arrived so far, by value. */
type Arrived = Map<Value, Value>;

/** What a way back knows. */
interface Way {
  readonly arrived: Arrived;
  /** What gradients may arrive at. */
  readonly targets: ReadonlySet<Value>;
  /** What was asked for. */
  readonly wrt: ReadonlySet<Value>;
}

/** Those of some values, in order, that are among `wrt` or depend on them. */
function leadingTo(values: readonly Value[], wrt: readonly Value[]): Value[] {
  const active = new Set<Value>(wrt);
  return values.filter((value) => {
    if (!active.has(value) && !value.inputs.some((input) => active.has(input))) return false;
    active.add(value);
    return true;
  });
}

function localGradients(g: Graph, value: Value, upstream: Value): readonly (Value | null)[] {
  if (!isPrimitive(value.op)) return [];
  const row = PRIMITIVES[value.op] as Primitive<PrimitiveOp>;
  return row.gradient(g, value as ValueOf<PrimitiveOp>, upstream);
}

function add(g: Graph, arrived: Arrived, to: Value, share: Value): void {
  const before = arrived.get(to);
  arrived.set(to, before ? g.add(before, share) : share);
}

/** Brings gradients back along values in order, to all of `targets`. */
function sweep(
  g: Graph,
  path: readonly Value[],
  { arrived, targets, wrt }: Way,
): void {
  for (let i = path.length - 1; i >= 0; i--) {
    const value = path[i];
    const upstream = arrived.get(value);
    if (!upstream) continue;
    if (value.op === "segment") sweepSegment(g, value, { arrived, targets, wrt });
    else {
      localGradients(g, value, upstream).forEach((share, k) => {
        if (share && targets.has(value.inputs[k])) add(g, arrived, value.inputs[k], share);
      });
    }
  }
}

/**
 * Computes a segment again and goes back through it. Sums over its uses go on inside where they stood outside, so that they
 * are those of the same steps without segments, to the bit.
 */
function sweepSegment(
  g: Graph,
  segment: ValueOf<"segment">,
  { arrived, targets, wrt }: Way,
): void {
  const upstream = arrived.get(segment as Value)!;
  const since = g.count();
  const { result, inside: first, between, copies } = computeAgain(g, segment, upstream);
  if (first.some((value) => wrt.has(value))) {
    refuse("take a gradient", "values from outside of the steps of scan", "one that a step made on its way");
  }
  const wanted = segment.inputs.slice(1).filter((input) => targets.has(input));
  const inside = wanted.map((input) => copies.get(input) ?? input);
  const path = leadingTo(between, inside);
  const within: Arrived = new Map();
  wanted.forEach((input, k) => {
    const before = arrived.get(input);
    if (before) within.set(inside[k], before);
  });
  add(g, within, result, upstream);
  sweep(g, path, { arrived: within, targets: new Set([...inside, ...path]), wrt });
  const changed = wanted.filter((input, k) => within.get(inside[k]) !== arrived.get(input));
  if (changed.length === 0) return;
  const totals = changed.map((input) => within.get(copies.get(input) ?? input)!);
  const roots = [...copies.keys()];
  const packed = markSegment(g, pack(g, totals), { roots, seeds: [...copies.values()], since });
  unpack(g, packed, changed).forEach((total, k) => arrived.set(changed[k], total));
}

/**
 * The gradient of a scalar by values of the same graph.
 *
 * @param g The graph.
 * @param scalar What to differentiate, of shape `[]`.
 * @param wrt By what: inputs, or values that are `opaque`; of others a simplification may have left what they are made of in their
 * place. Zeros come back for a value on which the scalar does not depend.
 * @returns One value for each of `wrt`, of its shape.
 * @throws {TypeError} `scalar` is no scalar, something is no value of the graph, or one of `wrt` was made on the way by a step of `scan`.
 *
 * @example
 * ```ts
 * import { createGraph, grad, interpreter, toProgram } from "@adaptrade/adaptrade/program";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const x = g.input("x", []);
 * const [first] = grad(g, g.tanh(x), [x]);
 * const [second] = grad(g, first, [x]);
 * const t = Math.tanh(0.5);
 * assertAlmostEquals(interpreter(toProgram({ second }))({ x: [0.5] }).second[0], -2 * t * (1 - t * t));
 * ```
 */
export function grad(g: Graph, scalar: Value, wrt: readonly Value[]): Value[] {
  for (const value of [scalar, ...wrt]) {
    if (!g.owns(value)) refuse("take a gradient", "values of this graph", showReceived(value));
  }
  if (scalar.shape.length > 0) refuse("take a gradient", "a scalar []", showShape(scalar.shape));
  if (wrt.length === 0) return [];
  const path = leadingTo(ancestors([scalar], Math.min(...wrt.map(({ id }) => id))), wrt);
  const targets = new Set(path);
  const arrived: Arrived = new Map([[scalar, g.constant(1)]]);
  sweep(g, path, { arrived, targets, wrt: new Set(wrt) });
  return wrt.map((value) => (targets.has(value) && arrived.get(value)) || g.constant(0, value.shape));
}
