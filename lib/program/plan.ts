/**
 * Where a program's values lie: one arena, in which values that never live at the same time share their place.
 * Values that only rename numbers (reshape, stop, a slice that is one stretch) lie where their input does.
 * @module
 */
import { Arena } from "./arena.ts";
import type { Program, ProgramNode } from "./program.ts";
import { sizeOf } from "./value.ts";
import { groupBy } from "../group_by.ts";
import { requireKnownKeys } from "../options.ts";

/** Where a value lies. */
export interface Place {
  /** `arena`: at `at`; `given`: in the numbers of node `base` (an input, fill or constant), from `at` on. */
  readonly kind: "arena" | "given";
  /** The node whose numbers these are: itself, or the one that it is a view of. */
  readonly base: number;
  /** First element, counted from the arena's or the given numbers' start. */
  readonly at: number;
  /** Elements. */
  readonly size: number;
}

/** A program with a place for every value. */
export interface Plan {
  /** What is planned. */
  readonly program: Program;
  /** Place of each node. */
  readonly places: readonly Place[];
  /** Indices of the nodes to compute, in order: neither given nor views. */
  readonly steps: readonly number[];
  /** Elements of the arena. */
  readonly size: number;
}

/** Elements by which a view lies behind its input, or undefined where a node is no view. */
function viewOffset(program: Program, node: ProgramNode): number | undefined {
  if (node.op === "reshape" || node.op === "stop") return 0;
  if (node.op !== "slice") return undefined;
  const { axis, start } = node.attributes;
  const from = program.nodes[node.inputs[0]].shape;
  return sizeOf(from.slice(0, axis)) === 1 ? start * sizeOf(from.slice(axis + 1)) : undefined;
}

/**
 * Plans a program.
 *
 * @param program What to plan.
 * @param options `align`: places start at multiples of this many elements (default 16, a cache line of float32).
 * @returns Places, order and the arena's size.
 *
 * @example
 * ```ts
 * import { createGraph, planProgram, toProgram } from "@adaptrade/adaptrade/program";
 * import { assert } from "@std/assert";
 *
 * const g = createGraph();
 * const x = g.input("x", [2]);
 * const program = toProgram({ y: g.mul(x, x) });
 * const { places, size } = planProgram(program, { align: 4 });
 * assert(places.every(({ at }) => at % 4 === 0) && size % 4 === 0);
 * ```
 */
export function planProgram(program: Program, options: { readonly align?: number } = {}): Plan {
  requireKnownKeys("Cannot plan a program", "options", options, { align: true });
  const { align = 16 } = options;
  const { nodes } = program;
  const views = nodes.map((node) => viewOffset(program, node));
  const base = nodes.map((_, i) => i);
  nodes.forEach((node, i) => {
    if (views[i] !== undefined) base[i] = base[node.inputs[0]];
  });
  const lastUse = nodes.map((_, i) => i);
  nodes.forEach((node, i) => node.inputs.forEach((input) => lastUse[base[input]] = i));
  for (const output of Object.values(program.outputs)) lastUse[base[output]] = nodes.length;
  const endings = groupBy(nodes.keys(), (i) => lastUse[i]);

  const arena = new Arena();
  const places: Place[] = [];
  const steps: number[] = [];
  const padded = (size: number): number => Math.ceil(size / align) * align;
  nodes.forEach((node, i) => {
    const size = sizeOf(node.shape);
    const offset = views[i];
    if (offset !== undefined) places.push({ ...places[node.inputs[0]], at: places[node.inputs[0]].at + offset, size });
    else if (node.op === "input" || node.op === "fill" || node.op === "constant") {
      places.push({ kind: "given", base: i, at: 0, size });
    } else {
      places.push({ kind: "arena", base: i, at: arena.take(padded(size)), size });
      steps.push(i);
    }
    for (const ended of endings.get(i) ?? []) {
      const place = places[ended];
      if (place.kind === "arena" && place.base === ended) arena.give(place.at, padded(place.size));
    }
  });
  return { program, places, steps, size: arena.size };
}
