/**
 * Where a program's numbers lie on the device, and before which steps lanes must wait for one another.
 * A task's intermediate results share one arena, in which what is no longer read makes room.
 * @module
 */
import { Arena } from "../../../program/arena.ts";
import type { Program } from "../../../program/program.ts";
import { sizeOf } from "../../../program/value.ts";
import type { TaskProgram } from "./task_program.ts";
import type { Steps } from "./steps.ts";
import { groupBy } from "../../../group_by.ts";

/** `shared`: the same for all tasks; `own`: given for a task; `arena`: computed on the way; `each`, `summed`: outputs of a task. */
export type Space = "shared" | "own" | "arena" | "each" | "summed";

/** A stretch of a space, in elements; those of a task lie at its own base. */
export interface Place {
  /** Where. */
  readonly space: Space;
  /** First element. */
  readonly at: number;
  /** Elements. */
  readonly size: number;
}

/** Places of everything. */
export interface Layout {
  /** Of inputs, constants and stored nodes, by node. */
  readonly nodes: ReadonlyMap<number, Place>;
  /** Of outputs, by name. */
  readonly outputs: ReadonlyMap<string, Place>;
  /** Of what a step needs for itself, by step. */
  readonly scratch: ReadonlyMap<number, Place>;
  /** Elements of each space: in all, or of a task. */
  readonly sizes: Readonly<Record<Space, number>>;
  /** Whether a step must see what steps before it wrote, by step. */
  readonly waits: readonly boolean[];
}

/** Places start at multiples of this many elements, so that lanes read whole cache sectors. */
const ALIGN = 8;

function padded(size: number): number {
  return Math.ceil(size / ALIGN) * ALIGN;
}

function overlaps(a: Place, b: Place): boolean {
  return a.space === b.space && a.at < b.at + b.size && b.at < a.at + a.size;
}

/** Whether a number is a 0 that multiplies: as a literal, compilers take it for the product, and no NaN would be seen. */
function hidesNaN({ nodes }: Program, i: number): boolean {
  const node = nodes[i];
  return node.op === "fill" && node.attributes.value === 0 &&
    nodes.some(({ op, inputs }) => op === "mul" && inputs.includes(i));
}

/** Lays a program out. */
export function layOut(work: TaskProgram, { steps, stored }: Steps): Layout {
  const { program } = work;
  const sizes: Record<Space, number> = { shared: 0, own: 0, arena: 0, each: 0, summed: 0 };
  const take = (space: Exclude<Space, "arena">, size: number): Place => {
    const place = { space, at: sizes[space], size };
    sizes[space] += size;
    return place;
  };
  const nodes = new Map<number, Place>();
  program.nodes.forEach((node, i) => {
    const size = sizeOf(node.shape);
    if (node.op === "input") nodes.set(i, take(work.shared.includes(node.attributes.name) ? "shared" : "own", size));
    else if (node.op === "constant") nodes.set(i, take("shared", size));
    else if (node.op === "fill" && (!Number.isFinite(Math.fround(node.attributes.value)) || hidesNaN(program, i))) {
      nodes.set(i, take("shared", 1));
    }
  });
  const outputs = new Map(
    Object.entries(program.outputs).map(([name, i]) => {
      return [name, take(work.summed.includes(name) ? "summed" : "each", sizeOf(program.nodes[i].shape))];
    }),
  );

  const lastRead = new Map<number, number>();
  steps.forEach(({ reads }, s) => reads.forEach((i) => lastRead.set(i, s)));
  const ending = groupBy(lastRead, ([, s]) => s);
  const arena = new Arena();
  const scratch = new Map<number, Place>();
  const waits: boolean[] = [];
  let since: { readonly reads: Place[]; readonly writes: Place[] } = { reads: [], writes: [] };
  steps.forEach((step, s) => {
    const writes: Place[] = [];
    const reserve = (size: number): Place => {
      const place: Place = { space: "arena", at: arena.take(padded(size)), size };
      writes.push(place);
      return place;
    };
    for (const i of step.nodes) if (stored.has(i)) nodes.set(i, reserve(sizeOf(program.nodes[i].shape)));
    if (step.kind === "solve") {
      const [n] = program.nodes[step.nodes[0]].shape;
      scratch.set(s, reserve(n * n));
    }
    const reads = step.reads.map((i) => nodes.get(i)!);
    const hazard = reads.some((place) => since.writes.some((other) => overlaps(place, other))) ||
      writes.some((place) => [...since.reads, ...since.writes].some((other) => overlaps(place, other)));
    if (hazard) since = { reads: [], writes: [] };
    since.reads.push(...reads);
    since.writes.push(...writes);
    waits.push(hazard);
    for (const [i] of ending.get(s) ?? []) {
      const place = nodes.get(i)!;
      if (place.space === "arena") arena.give(place.at, padded(place.size));
    }
    const own = scratch.get(s);
    if (own) arena.give(own.at, padded(own.size));
  });
  return { nodes, outputs, scratch, sizes: { ...sizes, arena: arena.size }, waits };
}
