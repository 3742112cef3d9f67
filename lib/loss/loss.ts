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
  /**
   * What a forecast is explained by: one number that answers smoothly to a row's outputs, and its slope by each. The point forecast of
   * target `which`; of classes the probability of class `which`.
   */
  smooth(outputs: ArrayLike<number>, which: number): SmoothForecast;
}

/** A forecast as a function of a row's outputs, at some of them. */
export interface SmoothForecast {
  /** Its value. */
  readonly value: number;
  /** ∂value/∂outputs. */
  readonly slopes: readonly number[];
}

/** A sum of outputs, as {@linkcode Loss.smooth} gives it; outputs without a weight count nothing. */
export function weighedOutputs(outputs: ArrayLike<number>, weights: Readonly<Record<number, number>>): SmoothForecast {
  const slopes = Array.from(outputs, (_, o) => weights[o] ?? 0);
  return { value: slopes.reduce((sum, weight, o) => weight === 0 ? sum : sum + weight * outputs[o], 0), slopes };
}
