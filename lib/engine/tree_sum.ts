/**
 * Sums over tasks in an order that depends on their number alone: leaves of 16 tasks in task order, and above them a tree that
 * splits at the largest power of two. So any split into runs of whole leaves gives the same bits.
 * @module
 */
import type { Floats } from "./problem.ts";

/** Tasks that are added one after another. */
export const LEAF_TASKS = 16;

/** The sum of one stretch of the tree. */
export interface TreeBlock<T> {
  /** Its first leaf. */
  readonly start: number;
  /** Leaves in it. */
  readonly leaves: number;
  /** Its sum. */
  readonly value: T;
}

type Add<T> = (a: T, b: T) => T;

/** Joins neighbouring blocks, in order of their leaves, wherever they are two halves of one of the tree's. */
export function joinBlocks<T>(blocks: readonly TreeBlock<T>[], add: Add<T>): TreeBlock<T>[] {
  const joined: TreeBlock<T>[] = [];
  for (const block of blocks) {
    joined.push(block);
    for (;;) {
      const [a, b] = joined.slice(-2);
      if (!b || a.leaves !== b.leaves || a.start % (2 * a.leaves) !== 0) break;
      joined.splice(-2, 2, { start: a.start, leaves: 2 * a.leaves, value: add(a.value, b.value) });
    }
  }
  return joined;
}

/** The sum of all blocks of a tree, at least one; they must be whole: from leaf 0 on, without a hole. */
export function sumBlocks<T>(blocks: readonly TreeBlock<T>[], add: Add<T>): T {
  const rest = joinBlocks(blocks, add).map(({ value }) => value);
  return rest.reduceRight((right, left) => add(left, right));
}

/** a + b, element by element, in a's precision. */
export function addFloats<T extends Floats>(a: T, b: T): T {
  return a.map((value, i) => value + b[i]) as T;
}

/** Adds arrays as they come, in task order. */
export class TreeSum<T extends Floats> {
  #blocks: TreeBlock<T>[] = [];
  #leaf: T | undefined;
  #tasks = 0;

  /** Adds the next task's array, which is copied. */
  add(values: T): void {
    if (this.#leaf) { for (let i = 0; i < values.length; i++) this.#leaf[i] += values[i]; }
    else this.#leaf = values.slice() as T;
    if (++this.#tasks % LEAF_TASKS === 0) this.#close();
  }

  #close(): void {
    if (!this.#leaf) return;
    const start = Math.ceil(this.#tasks / LEAF_TASKS) - 1;
    this.#blocks = joinBlocks([...this.#blocks, { start, leaves: 1, value: this.#leaf }], addFloats);
    this.#leaf = undefined;
  }

  /** The sum; at least one array must have been added. */
  total(): T {
    this.#close();
    return sumBlocks(this.#blocks, addFloats);
  }
}
