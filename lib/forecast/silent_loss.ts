/**
 * What a loss would be if networks said nothing: the line that a training's own loss has to come below. Of losses of one number a
 * row alone; it trains and forecasts nothing.
 * @module
 */
import type { Samples } from "../engine/problem.ts";
import type { LossConfig } from "../loss/config.ts";

/** The loss of a row whose network says 0, by its label; null for losses of other things than one number a row. */
function rowLoss(loss: LossConfig): ((label: number) => number) | null {
  if (loss.kind === "mse") return (label) => label ** 2;
  if (loss.kind !== "huber") return null;
  const { delta } = loss;
  return (label) => {
    const size = Math.abs(label);
    return size <= delta ? size ** 2 / 2 : delta * (size - delta / 2);
  };
}

/**
 * Mean over sets of the loss that a network has on each which says 0 of every row: the anchor with the pool's mean, or what a linear
 * rule says where networks add to one.
 *
 * @param sets Labelled rows without weights.
 * @returns Null where there are no sets, and for losses other than mse and huber.
 */
export function silentLoss(sets: readonly Samples[], loss: LossConfig): number | null {
  const of = rowLoss(loss);
  if (of === null || sets.length === 0) return null;
  const means = sets.map(({ y, rows }) => y.reduce((sum, label) => sum + of(label), 0) / rows);
  return means.reduce((sum, mean) => sum + mean, 0) / sets.length;
}
