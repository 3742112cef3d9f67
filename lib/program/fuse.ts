/**
 * Which operations run together. Elementwise ones of one shape that feed each other are a group; a product whose result a
 * group takes is computed by the group itself, with those that it adds to it, before it is stored; a reduction computes what it alone reduces.
 * Groups cannot wait for each other in a ring: an edge that does not fuse adds a level, and a group has one level.
 * @module
 */
import type { Program, ProgramNode } from "./program.ts";
import { sameShape, sizeOf } from "./value.ts";
import { alike, isMapped, readsInOrder, type View, viewsOf } from "./views.ts";
import { groupBy } from "../group_by.ts";

/** Operations that run together, in the order of `members`. */
export interface Step {
  /** `map`: element by element, after the product if there is one; `reduce`: into `node`; `move`: `node` itself. */
  readonly kind: "map" | "reduce" | "move";
  /** The product, the reduction or the move; absent for a map without product. */
  readonly node?: number | undefined;
  /** Further products that the product's sums go on with. */
  readonly joined?: readonly JoinedProduct[];
  /** Elementwise operations, in order. */
  readonly members: readonly number[];
}

/** A product that is added to a step's first one before anything else is done with the two. */
export interface JoinedProduct {
  /** The product. */
  readonly product: number;
  /** The member that adds it. */
  readonly sum: number;
}

/** A program's steps and what each value reads. */
export interface Fused {
  /** What is computed. */
  readonly program: Program;
  /** View of each node. */
  readonly views: readonly View[];
  /** In a valid order. */
  readonly steps: readonly Step[];
  /** Whether a node's numbers must be stored, because another step or an output reads them. */
  readonly stored: readonly boolean[];
}

/** Operations up to which a group computes a product: more would take the registers of the product's sums. */
const HOSTED = 8;

/** Operations up to which a group grows: with what each reads and stores it stays below the 1,000 places that a kernel may name. */
const LARGEST = 200;

function isLeaf({ op }: ProgramNode): boolean {
  return op === "input" || op === "fill" || op === "constant";
}

/** The roots that each computed node reads; fills are numbers and are not read. */
function readsOf({ nodes }: Program, views: readonly View[], computed: readonly number[]): number[][] {
  const reads = nodes.map((): number[] => []);
  for (const i of computed) {
    for (const input of nodes[i].inputs) {
      const { root } = views[input];
      if (nodes[root].op !== "fill" && !reads[i].includes(root)) reads[i].push(root);
    }
  }
  return reads;
}

/** A union of indices; the smallest stands for its set. */
function openSets(count: number): { find(i: number): number; join(i: number, j: number): void } {
  const parent = Array.from({ length: count }, (_, i) => i);
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  return {
    find,
    join(i, j): void {
      const [a, b] = [find(i), find(j)];
      parent[Math.max(a, b)] = Math.min(a, b);
    },
  };
}

/**
 * The group of each operation, named by its first one: those of a set, in order, until it is full. What of a set reads other parts of
 * it reads earlier ones, so that parts stand in order as sets do.
 */
function boundedGroups(operations: readonly number[], setOf: (i: number) => number): Map<number, number> {
  const open = new Map<number, { first: number; count: number }>();
  const groupOf = new Map<number, number>();
  for (const i of operations) {
    const set = setOf(i);
    const group = open.get(set);
    const joined = group && group.count < LARGEST ? group : { first: i, count: 0 };
    joined.count++;
    open.set(set, joined);
    groupOf.set(i, joined.first);
  }
  return groupOf;
}

/** Steps so that each comes after those it reads from, as near to the program's order as may be. */
function inOrder(steps: readonly Step[], reads: (step: number) => readonly number[]): Step[] {
  const last = steps.map(({ node = -1, members }) => Math.max(node, ...members));
  const order = [...steps.keys()].sort((a, b) => last[a] - last[b]);
  const done = new Array<boolean>(steps.length).fill(false);
  const sorted: Step[] = [];
  const stack: number[] = [];
  for (const start of order) {
    stack.push(start);
    while (stack.length > 0) {
      const step = stack[stack.length - 1];
      const missing = done[step] ? [] : reads(step).filter((read) => !done[read]);
      if (missing.length > 0) stack.push(...missing);
      else {
        if (!done[step]) sorted.push(steps[step]);
        done[step] = true;
        stack.pop();
      }
    }
  }
  return sorted;
}

/**
 * Groups a program's operations into steps.
 *
 * @param program What to group.
 * @returns Steps in order, and what must be stored between them.
 */
export function fuse(program: Program): Fused {
  const { nodes } = program;
  const views = viewsOf(program);
  const computed = [...nodes.keys()].filter((i) => views[i].root === i && !isLeaf(nodes[i]));
  const users = nodes.map((): number[] => []);
  const reads = readsOf(program, views, computed);
  for (const i of computed) for (const root of reads[i]) users[root].push(i);

  const mapped = nodes.map(isMapped);
  // Whether `to` takes element i of `from` for its element i, and nothing else of it.
  const flows = (from: number, to: number): boolean =>
    mapped[to] && alike(nodes[from].shape, nodes[to].shape) &&
    nodes[to].inputs.every((input) =>
      views[input].root !== from || readsInOrder(views[input], nodes[input].shape, nodes[from].shape)
    );
  const level = nodes.map(() => 0);
  const sets = openSets(nodes.length);
  for (const i of computed) {
    const fused = reads[i].filter((root) => mapped[root] && flows(root, i));
    for (const root of reads[i]) {
      if (!isLeaf(nodes[root])) level[i] = Math.max(level[i], level[root] + (fused.includes(root) ? 0 : 1));
    }
    for (const root of fused) if (level[root] === level[i]) sets.join(root, i);
  }
  const groupOf = boundedGroups(computed.filter((i) => mapped[i]), sets.find);
  const groups = groupBy([...groupOf.keys()], (i) => groupOf.get(i)!);

  // A product joins a group that takes it as it is, one level up: then nothing between them waits for the product.
  const hosts = new Map<number, number>();
  for (const i of computed) {
    if (nodes[i].op !== "matmul") continue;
    const host = users[i].find((user) => flows(i, user) && level[user] === level[i] + 1);
    if (host === undefined) continue;
    const group = groupOf.get(host)!;
    if (groups.get(group)!.length > HOSTED) continue;
    if (!users[i].every((user) => groupOf.get(user) !== group || flows(i, user))) continue;
    const rival = hosts.get(group);
    if (rival === undefined || workOf(program, i) > workOf(program, rival)) hosts.set(group, i);
  }

  const outputs = new Set(Object.values(program.outputs).map((output) => views[output].root));
  const only = (i: number): number | undefined => users[i].length === 1 && !outputs.has(i) ? users[i][0] : undefined;
  // What a group adds to its product, product by product, as long as nothing else takes one or a sum on the way.
  const joinedTo = (host: number, group: number): JoinedProduct[] => {
    const found: JoinedProduct[] = [];
    const { shape } = nodes[host];
    for (let sum: number | undefined = host; sum !== undefined;) {
      const next: number | undefined = only(sum);
      if (next === undefined || nodes[next].op !== "add" || groupOf.get(next) !== group || !flows(sum, next)) break;
      const product: number | undefined = reads[next].find((root) => root !== sum);
      if (product === undefined || nodes[product].op !== "matmul" || only(product) !== next) break;
      if (!flows(product, next) || !sameShape(nodes[product].shape, shape)) break;
      found.push({ product, sum: next });
      sum = next;
    }
    return found;
  };
  const within = new Map<number, number>();
  for (const [group, members] of groups) for (const i of members) within.set(i, group);
  const joined = new Map([...hosts].map(([group, host]) => [group, joinedTo(host, group)]));
  for (const [group, product] of hosts) {
    for (const i of [product, ...joined.get(group)!.map((other) => other.product)]) within.set(i, group);
  }
  const leaves = (i: number): boolean =>
    outputs.has(i) || users[i].some((user) => (within.get(user) ?? -1) !== (within.get(i) ?? -2));
  const swallowed = new Set<number>();
  const steps: Step[] = [];
  for (const i of computed) {
    const { op } = nodes[i];
    if (op === "sum" || op === "max") {
      const { root } = views[nodes[i].inputs[0]];
      const group = within.get(root);
      const members = group === undefined ? undefined : groups.get(group);
      const alone = members && !hosts.has(group!) && mapped[root] &&
        readsInOrder(views[nodes[i].inputs[0]], nodes[nodes[i].inputs[0]].shape, nodes[root].shape) &&
        alike(nodes[nodes[i].inputs[0]].shape, nodes[root].shape) &&
        members.every((member) =>
          !outputs.has(member) && users[member].every((user) => user === i || within.get(user) === group)
        );
      if (alone) swallowed.add(group!);
      steps.push({ kind: "reduce", node: i, members: alone ? members : [] });
    } else if (op === "matmul" && !within.has(i)) steps.push({ kind: "map", node: i, members: [] });
    else if (!mapped[i] && op !== "matmul") steps.push({ kind: "move", node: i, members: [] });
  }
  for (const [group, members] of groups) {
    if (swallowed.has(group)) continue;
    steps.push({ kind: "map", node: hosts.get(group), joined: joined.get(group) ?? [], members });
  }
  const allOf = ({ node, joined = [], members }: Step): number[] => [
    ...(node === undefined ? [] : [node]),
    ...joined.map(({ product }) => product),
    ...members,
  ];
  const stepOf = new Map<number, number>();
  steps.forEach((step, s) => {
    for (const i of allOf(step)) stepOf.set(i, s);
  });
  const stored = nodes.map((_, i) => stepOf.has(i) && (leaves(i) && !swallowed.has(within.get(i) ?? -1)));
  const readsOfStep = steps.map((step, s) =>
    allOf(step).flatMap((i) => reads[i])
      .map((root) => stepOf.get(root)).filter((read) => read !== undefined && read !== s) as number[]
  );
  return { program, views, steps: inOrder(steps, (s) => readsOfStep[s]), stored };
}

function workOf({ nodes }: Program, i: number): number {
  const [a] = nodes[i].inputs;
  return sizeOf(nodes[a].shape) * nodes[i].shape[nodes[i].shape.length - 1];
}
