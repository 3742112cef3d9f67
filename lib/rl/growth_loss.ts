/**
 * Direct reinforcement (Moody & Saffell 2001): a network's outputs are positions, judged by what an account earns with them net of
 * costs. It is a loss like any other: every method that takes one learns to trade by it.
 * @module
 */
import type { CustomLoss } from "../loss/config.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import { accountCourse } from "./account_course.ts";

/** What {@linkcode growthLoss} takes. */
export interface GrowthOptions {
  /** Cost per unit traded, as a fraction, at least 0 (default 0.001). */
  readonly costRate?: number;
  /** Rounding of the cost's kink, as a fraction of the equity, at least 0 (default 0.01); 0 is the account's own cost. */
  readonly smooth?: number;
  /** Largest |position| L, as a fraction of equity, above 0 (default 1); Infinity takes outputs as they are. */
  readonly maxPosition?: number;
  /** Bars a year or any other number that losses are multiplied by, above 0 (default 1: log growth a bar). */
  readonly scale?: number;
}

const KEYS: OptionKeys<GrowthOptions> = { costRate: true, smooth: true, maxPosition: true, scale: true };

/** Position of an output: L·tanh(output / L), or the output itself where L is Infinity. */
export function positionOf(g: Graph, output: Value, maxPosition: number): Value {
  return maxPosition === Infinity ? output : g.mul(maxPosition, g.tanh(g.mul(1 / maxPosition, output)));
}

/**
 * The position that {@linkcode growthLoss} makes of an output, for a backtest: L·tanh(output / L), or the output where L is Infinity.
 * Twin of `positionOf`.
 *
 * @param output What a network says.
 * @param maxPosition L, as a fraction of equity, above 0 (default 1).
 * @returns A fraction of equity.
 *
 * @example
 * ```ts
 * import { outputPosition } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([outputPosition(0), outputPosition(100), outputPosition(-3, Infinity)], [0, 1, -3]);
 * ```
 */
export function outputPosition(output: number, maxPosition = 1): number {
  return maxPosition === Infinity ? output : maxPosition * Math.tanh(output / maxPosition);
}

/**
 * Minus the log growth of an account, row by row. Rows of a set are successive bars, oldest first: outputs `[bars, assets]` become
 * positions L·tanh(output / L) taken at each bar's close, targets `[bars, assets]` are the returns that followed, to the next close,
 * as fractions. An account begins flat with each set and pays for every change, drift included; what the last position would cost to
 * close is not charged. A set's loss is the mean: minus the growth that Kelly (1956) maximises. Weights other than 1 weigh bars' growth.
 *
 * @param options Costs, largest position, scale.
 * @returns A loss for `maml`, `metaSgd`, ... and for one network alone.
 * @throws {RangeError} An option is out of range.
 *
 * @example The slope at no position is minus the mean return
 * ```ts
 * import { lossGradient, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { growthLoss } from "@adaptrade/adaptrade/rl";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "naive" });
 * const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
 * const bars = { rows: 2, x: new Float32Array(2), y: Float32Array.of(0.5, -0.25) };
 * const { grad } = await lossGradient(engine, net, growthLoss({ costRate: 0 }), new Float32Array(2), bars);
 * assertAlmostEquals(grad[1], -0.125); // by the bias
 * ```
 */
export function growthLoss(options: GrowthOptions = {}): CustomLoss {
  requireKnownKeys("Cannot build a growth loss", "options", options, KEYS);
  const { costRate = 0.001, smooth = 0.01, maxPosition = 1, scale = 1 } = options;
  for (const [name, value] of [["costRate", costRate], ["smooth", smooth]] as const) {
    if (!(value >= 0 && value < Infinity)) {
      throw new RangeError(`Cannot build a growth loss: expected ${name} to be at least 0, received ${String(value)}`);
    }
  }
  for (const [name, value] of [["maxPosition", maxPosition], ["scale", scale]] as const) {
    if (!(value > 0)) {
      throw new RangeError(`Cannot build a growth loss: expected ${name} to be above 0, received ${String(value)}`);
    }
  }
  return Object.freeze({
    kind: "custom" as const,
    name: `growth at ${costRate}`,
    row(g: Graph, predicted: Value, target: Value): Value {
      const positions = positionOf(g, predicted, maxPosition);
      const decide = (bar: number): Value => g.at(positions, 0, bar);
      const { growth } = accountCourse(g, { returns: target, decide }, { costRate, smooth });
      return g.mul(-scale, growth);
    },
  });
}
