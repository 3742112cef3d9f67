/**
 * Long sequences in little memory: a step repeated over an axis, of which only some carries are kept. What the way back needs
 * of the steps between is computed again, a stretch at a time (Griewank 1992; Chen et al. 2016), at every order of derivative.
 * @module
 */
import { requireKnownKeys } from "../options.ts";
import { refuse, requireGiven } from "./errors.ts";
import type { Graph } from "./graph_type.ts";
import { markSegment, pack, unpack } from "./segment.ts";
import { showShape, type Value } from "./value.ts";

/** What {@linkcode scan} does with the carry and the elements. */
export interface ScanOptions<Carry> {
  /** The next carry, of the same names and shapes, of the last one, element `t` of the sequence, and t. It may use any other value of the graph. */
  readonly step: (carry: Carry, x: Value, t: number) => Carry;
  /** Steps from one kept carry to the next, at least 1 (default ⌈√length⌉, which needs the least memory). */
  readonly every?: number;
}

/** The values of a carry in the order of `names`, checked against one of their shapes. */
function valuesOf<Carry extends { readonly [K in keyof Carry]: Value }>(
  g: Graph,
  carry: Carry,
  { names, like }: { readonly names: readonly (keyof Carry & string)[]; readonly like: Carry },
): Value[] {
  const found = Object.keys(carry ?? {});
  if (found.length !== names.length || !names.every((name) => found.includes(name))) {
    refuse("scan", `a carry of ${names.join(", ")} from each step`, found.join(", ") || "none");
  }
  return names.map((name) => {
    const { shape } = like[name];
    requireGiven(g, carry[name], { action: "scan", wanted: `${name} of ${showShape(shape)} from each step`, shape });
    return carry[name];
  });
}

/**
 * Repeats a step over the first axis of a sequence: `carry = step(carry, xs[t], t)` for every t in order. Values and first
 * derivatives are those of the same steps written one after another, in float64 to the bit but where a graph would simplify or
 * share operations across a kept carry; higher derivatives are so to rounding. A gradient keeps one carry in `every` and computes the steps between again, so that
 * memory grows with the root of the length instead of the length, for about one more run of the steps an order of derivative;
 * gradients can be taken again, any number of times. The sequence itself, and what a step makes of other values alone, is kept.
 *
 * @param g The graph.
 * @param carry What goes into the first step, by name.
 * @param xs Elements one after another: `[time, ...]`.
 * @param options The step, and how many of them lie between kept carries.
 * @returns What comes out of the last step, in the shapes of `carry`.
 * @throws {TypeError} `xs` is a scalar, or a step returns other names or shapes than it was given.
 * @throws {RangeError} `every` is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { createGraph, grad, interpreter, scan, toProgram } from "@adaptrade/adaptrade/program";
 * import { assertEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const xs = g.input("xs", [4]);
 * const decay = g.input("decay", []);
 * const { mean } = scan(g, { mean: g.constant(0) }, xs, {
 *   step: ({ mean }, x) => ({ mean: g.add(g.mul(decay, mean), x) }),
 *   every: 2,
 * });
 * const [slope] = grad(g, mean, [decay]);
 * const run = interpreter(toProgram({ mean, slope }));
 * // 1·d³ + 2·d² + 3·d + 4 at d = 2
 * assertEquals(run({ xs: [1, 2, 3, 4], decay: [2] }), { mean: Float64Array.of(26), slope: Float64Array.of(23) });
 * ```
 */
export function scan<Carry extends { readonly [K in keyof Carry]: Value }>(
  g: Graph,
  carry: Carry,
  xs: Value,
  options: ScanOptions<Carry>,
): Carry {
  requireKnownKeys("Cannot scan", "options", options, { step: true, every: true });
  if (xs.shape.length === 0) refuse("scan", "a sequence [time, ...]", showShape(xs.shape));
  const [length] = xs.shape;
  const { step, every = Math.ceil(Math.sqrt(length)) } = options;
  if (!Number.isInteger(every) || every < 1) {
    throw new RangeError(`Cannot scan: expected every to be a whole number of at least 1, received ${every}`);
  }
  const names = Object.keys(carry) as (keyof Carry & string)[];
  let kept = carry;
  for (let start = 0; start < length; start += every) {
    const since = g.count();
    const roots = valuesOf(g, kept, { names, like: carry });
    let last = kept;
    for (let t = start; t < Math.min(start + every, length); t++) {
      const x = g.at(xs, 0, t);
      roots.push(x);
      last = step(last, x, t);
      valuesOf(g, last, { names, like: carry });
    }
    const values = valuesOf(g, last, { names, like: carry });
    const parts = unpack(g, markSegment(g, pack(g, values), { roots, since }), values);
    kept = Object.fromEntries(names.map((name, i) => [name, parts[i]])) as unknown as Carry;
  }
  return kept;
}
