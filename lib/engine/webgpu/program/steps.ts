/**
 * Groups a program's operations into steps: what one lane can compute of an element without waiting for another lane. Operations
 * of equally many elements share a step where each needs of the others the same element alone; movements of data cost nothing,
 * they become arithmetic on indices. It writes no text and places nothing.
 * @module
 */
import type { Primitive } from "../../../program/primitive.ts";
import { isPrimitive, PRIMITIVES } from "../../../program/primitives.ts";
import type { Program, ProgramNode } from "../../../program/program.ts";
import { type PrimitiveOp, sizeOf } from "../../../program/value.ts";

/** Operations that work together. */
export interface Step {
  /** `elements`: a lane an element; `product`: a lane a tile of a matrix; `fold`: all lanes an element; `solve`: one system. */
  readonly kind: "elements" | "product" | "fold" | "solve";
  /** Elements of each result. */
  readonly count: number;
  /** Nodes computed, in the program's order. */
  readonly nodes: readonly number[];
  /** Nodes of earlier steps that are read. */
  readonly reads: readonly number[];
  /** Outputs of the program that are written out here. */
  readonly outputs: readonly string[];
}

/** A program's steps, in an order in which they can run. */
export interface Steps {
  /** The steps. */
  readonly steps: readonly Step[];
  /** Nodes that later steps read. */
  readonly stored: ReadonlySet<number>;
}

/** Most operations of a step: more would hold more numbers at once than a lane has registers for. */
const MOST_NODES = 48;

/** Steps before the last one that an operation may still join. */
const WINDOW = 6;

/** Most operations that a sum computes on the way instead of reading them. */
const MOST_INLINED = 6;

interface Draft {
  kind: Step["kind"];
  readonly count: number;
  readonly nodes: number[];
  readonly outputs: string[];
}

/** The row of a node that computes or moves. */
export function rowOf(node: ProgramNode): Primitive<PrimitiveOp> | undefined {
  return isPrimitive(node.op) ? PRIMITIVES[node.op] as Primitive<PrimitiveOp> : undefined;
}

/** A value that a node needs, and whether it needs of it the same element alone. */
interface Source {
  readonly node: number;
  readonly direct: boolean;
}

/** What of the program is computed on the way by the one sum that needs it. */
function inlinedNodes(program: Program): ReadonlySet<number> {
  const { nodes } = program;
  const consumers: number[][] = nodes.map(() => []);
  nodes.forEach((node, i) => node.inputs.forEach((input) => consumers[input].push(i)));
  const outputs = new Set(Object.values(program.outputs));
  /** Operations on the way from a node to its sum; Infinity where it has to be kept. */
  const distance: number[] = nodes.map(() => Infinity);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const row = rowOf(nodes[i]);
    if (outputs.has(i) || consumers[i].length !== 1 || !(row?.elementwise || row?.moves)) continue;
    const next = nodes[consumers[i][0]];
    const rest = next.op === "sum" ? 0 : distance[consumers[i][0]];
    distance[i] = rest + (row.moves ? 0 : 1);
  }
  return new Set([...nodes.keys()].filter((i) => distance[i] <= MOST_INLINED && !rowOf(nodes[i])?.moves));
}

/**
 * How a node is computed. A sum to one number is shared out to lanes whatever its length, and no other is: so the order in which
 * numbers are added up does not depend on how many there are, and rows of weight 0 behind the others change no bit.
 */
export function kindOf({ nodes }: Program, i: number): Step["kind"] {
  const { op, shape } = nodes[i];
  if (op === "solve") return "solve";
  if (op !== "sum" && op !== "matmul") return "elements";
  if (sizeOf(shape) === 1) return "fold";
  return op === "matmul" ? "product" : "elements";
}

/** Numbers that a lane goes through to compute one element of a node. */
export function depthOf({ nodes }: Program, i: number): number {
  const node = nodes[i];
  const from = node.inputs.length > 0 ? nodes[node.inputs[0]].shape : [];
  switch (node.op) {
    case "sum":
    case "max":
      return sizeOf(from) / sizeOf(node.shape);
    case "matmul":
      return from.at(node.attributes.transposeA ? -2 : -1)!;
    case "scatter":
      return from[0];
    default:
      return 0;
  }
}

/** The kind of a step with both, or undefined where they do not go together. */
function joined(a: Step["kind"], b: Step["kind"]): Step["kind"] | undefined {
  if (a === "solve" || b === "solve") return undefined;
  if (a === b || b === "elements") return a;
  return a === "elements" ? b : undefined;
}

/** Groups a program. */
export function groupSteps(program: Program): Steps {
  const { nodes } = program;
  const inlined = inlinedNodes(program);
  const drafts: Draft[] = [];
  const stepOf = new Map<number, number>();

  function sourcesOf(i: number, direct: boolean): Source[] {
    const row = rowOf(nodes[i]);
    const keeps = direct && row?.elementwise === true;
    return nodes[i].inputs.flatMap((input) => through(input, keeps));
  }
  /** What a value comes from, behind movements and what is computed on the way. */
  function through(i: number, direct: boolean): Source[] {
    const node = nodes[i];
    const row = rowOf(node);
    if (!row) return [];
    if (row.moves) return through(node.inputs[0], direct && (node.op === "reshape" || node.op === "stop"));
    return inlined.has(i) ? sourcesOf(i, false) : [{ node: i, direct }];
  }

  /** The node that a value renames. */
  function sameNumbers(i: number): number {
    const { op, inputs } = nodes[i];
    return op === "reshape" || op === "stop" ? sameNumbers(inputs[0]) : i;
  }

  function fits(draft: Draft, i: number): boolean {
    if (draft.count !== sizeOf(nodes[i].shape) || draft.nodes.length >= MOST_NODES) return false;
    if (joined(draft.kind, kindOf(program, i)) === undefined) return false;
    const product = kindOf(program, i) === "product" &&
      draft.nodes.find((other) => kindOf(program, other) === "product");
    // Products of one step share their tiles.
    return !product || nodes[product].shape.slice(-2).join() === nodes[i].shape.slice(-2).join();
  }

  function place(i: number): number {
    const sources = sourcesOf(i, true);
    const at = (source: Source): number => stepOf.get(source.node)!;
    const earliest = Math.max(0, ...sources.map((source) => at(source) + (source.direct ? 0 : 1)));
    const follows = sources.some((source) => source.direct && at(source) === earliest);
    if (follows && fits(drafts[earliest], i)) return earliest;
    for (let s = drafts.length - 1; s >= Math.max(earliest, drafts.length - WINDOW); s--) {
      if (fits(drafts[s], i)) return s;
    }
    drafts.push({ kind: kindOf(program, i), count: sizeOf(nodes[i].shape), nodes: [], outputs: [] });
    return drafts.length - 1;
  }

  nodes.forEach((node, i) => {
    const row = rowOf(node);
    if (!row || row.moves || inlined.has(i)) return;
    const s = place(i);
    stepOf.set(i, s);
    drafts[s].nodes.push(i);
    drafts[s].kind = joined(drafts[s].kind, kindOf(program, i)) ?? drafts[s].kind;
  });
  for (const [name, i] of Object.entries(program.outputs)) {
    const own = stepOf.get(sameNumbers(i));
    if (own !== undefined && drafts[own].kind !== "solve") drafts[own].outputs.push(name);
    else drafts.push({ kind: "elements", count: sizeOf(nodes[i].shape), nodes: [], outputs: [name] });
  }

  const stored = new Set<number>();
  const steps = drafts.map((draft, s): Step => {
    const sources = draft.nodes.flatMap((i) => sourcesOf(i, true));
    for (const name of draft.outputs) sources.push(...through(program.outputs[name], true));
    const reads = new Set<number>();
    for (const { node, direct } of sources) {
      if (direct && stepOf.get(node) === s) continue;
      reads.add(node);
      stored.add(node);
    }
    return { ...draft, reads: [...reads] };
  });
  return { steps, stored };
}
