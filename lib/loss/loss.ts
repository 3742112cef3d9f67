/**
 * What a loss is to the library: how wide its targets are, the loss of a row as a value, and what it forecasts.
 * @module
 */
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";

/** What a row's loss is taken of. */
export interface LossRow {
  /** ŷ, `[rows, outputs]`. */
  readonly predicted: Value;
  /** y, `[rows, targets]`. */
  readonly target: Value;
  /** φ, `[phi.length]`; a scalar 0 where the loss has none. */
  readonly phi: Value;
}

/** A loss, resolved. */
export interface Loss {
  /** Initial φ; empty where the loss has none. */
  readonly phi: readonly number[];
  /** Targets that so many outputs forecast; undefined where that many cannot be. */
  targets(outputs: number): number | undefined;
  /** The loss of each row, `[rows]`. */
  row(g: Graph, at: LossRow): Value;
  /** The forecast in one row's outputs: one number a target (of classes, the likeliest one's index). */
  point(outputs: Float32Array): ArrayLike<number>;
  /** Of one target, the weights of its outputs whose sum is the forecast; absent where it is no such sum. */
  weights?(outputs: number): readonly number[];
}
