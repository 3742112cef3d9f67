/**
 * A set of rows as values of a graph.
 * @module
 */
import type { Value } from "../program/value.ts";

/** Rows as values. */
export interface RowValues {
  /** Inputs, `[rows, inputs]`. */
  readonly x: Value;
  /** Targets, `[rows, targets]`. */
  readonly y: Value;
  /** Row weights, `[rows]`. */
  readonly weights: Value;
}
