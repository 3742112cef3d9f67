/**
 * Rows that are sequences: `[time][features]`, oldest first.
 * @module
 */
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";

/** Widths that every sequence model takes. */
export interface SequenceOptions {
  /** Bars of a row, at least 1; oldest first. */
  readonly time: number;
  /** Features of a bar, at least 1. */
  readonly features: number;
  /** Outputs of a row, at least 1. */
  readonly outputs: number;
}

/** Requires whole numbers of at least 1. */
export function requireSizes(kind: string, sizes: object): void {
  for (const [name, size] of Object.entries(sizes)) {
    for (const one of Array.isArray(size) ? size : [size]) {
      if (!Number.isInteger(one) || one < 1) {
        throw new RangeError(
          `Cannot build ${kind}: expected ${name} to hold whole numbers of at least 1, received ${String(one)}`,
        );
      }
    }
  }
}

/** Rows `[rows, time · features]` as `[time, rows, features]`: the rows of one bar lie together. */
export function byTime(g: Graph, { time, features }: SequenceOptions, x: Value): Value {
  return g.transpose(g.reshape(x, [x.shape[0], time, features]), [1, 0, 2]);
}
