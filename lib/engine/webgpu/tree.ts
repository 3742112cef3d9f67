/**
 * Records sums over tasks along the tree of `lib/engine/tree_sum.ts`: leaves of tasks as chunks of them come, then the levels above.
 * @module
 */
import { sumTree } from "../../../kernels/wgsl/sum_tree.ts";
import { LEAF_TASKS } from "../tree_sum.ts";
import type { Recording, Span } from "./recording.ts";

/** A tree's sums, `[leaves, width]`, and room for the level above them. */
export interface Tree {
  /** Tasks in all. */
  readonly tasks: number;
  /** Numbers that are summed over tasks. */
  readonly width: number;
  /** Where leaves are summed up, and every other level. */
  readonly leaves: GPUBuffer;
  /** Where the levels between are. */
  readonly pairs: GPUBuffer;
}

/** Some of a tree's numbers in a chunk of tasks. */
export interface Shares {
  /** Where they are, `[tasks, elements]`. */
  readonly source: Span;
  /** From one task to the next. */
  readonly taskStride: number;
  /** How many numbers. */
  readonly elements: number;
  /** Their place in the tree's width. */
  readonly at: number;
}

/** Leaves of so many tasks. */
export function leafCount(tasks: number): number {
  return Math.ceil(tasks / LEAF_TASKS);
}

/** Adds a chunk of `tasks` tasks from `start` on to the leaves; chunks come in order. */
export function recordLeaves(
  recording: Recording,
  { leaves, width }: Tree,
  shares: Shares & { readonly start: number; readonly tasks: number },
): void {
  const { source, taskStride, elements, at, start, tasks } = shares;
  const skip = start % LEAF_TASKS;
  recording.run(sumTree, {
    buffers: { source: source.buffer, out: leaves },
    sizes: {
      count: leafCount(skip + tasks) * elements,
      elements,
      radix: LEAF_TASKS,
      members: tasks,
      source: source.at,
      member_stride: taskStride,
      out: Math.floor(start / LEAF_TASKS) * width + at,
      node_stride: width,
      skip,
      scale: 1,
    },
  });
}

/** Sums the leaves up, once all are there, and writes `scale` times the whole sum. */
export function recordRoot(recording: Recording, tree: Tree, to: Span, scale: number): void {
  const { tasks, width } = tree;
  let [from, other] = [tree.leaves, tree.pairs];
  let members = leafCount(tasks);
  for (;;) {
    const nodes = Math.ceil(members / 2);
    const isRoot = nodes === 1;
    recording.run(sumTree, {
      buffers: { source: from, out: isRoot ? to.buffer : other },
      sizes: {
        count: nodes * width,
        elements: width,
        radix: 2,
        members,
        source: 0,
        member_stride: width,
        out: isRoot ? to.at : 0,
        node_stride: width,
        skip: 0,
        scale: isRoot ? scale : 1,
      },
    });
    if (isRoot) return;
    [from, other] = [other, from];
    members = nodes;
  }
}

/** Copies one number of each of `tasks` tasks, `stride` apart, to neighbours. */
export function recordColumn(
  recording: Recording,
  from: Span & { readonly stride: number },
  to: Span,
  tasks: number,
): void {
  recording.run(sumTree, {
    buffers: { source: from.buffer, out: to.buffer },
    sizes: {
      count: tasks,
      elements: 1,
      radix: 1,
      members: tasks,
      source: from.at,
      member_stride: from.stride,
      out: to.at,
      node_stride: 1,
      skip: 0,
      scale: 1,
    },
  });
}
