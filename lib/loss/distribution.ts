/**
 * Losses whose outputs describe a distribution: classes, quantiles, a normal one.
 * @module
 */
import type { Loss } from "./loss.ts";

/** −Σ y·log softmax(ŷ) over classes. */
export function crossEntropy(): Loss {
  return {
    phi: [],
    targets: (outputs) => outputs,
    row: (g, { predicted, target }) => {
      const logits = g.sub(predicted, g.logSumExp(predicted, 1, { keep: true }));
      return g.neg(g.sum(g.mul(target, logits), 1));
    },
    point: (outputs) => [outputs.indexOf(Math.max(...outputs))],
  };
}

/** Mean over targets and levels of τe + s·softplus(−e/s), e = y − ŷ (smooth pinball: Koenker & Bassett 1978, smoothed). */
export function quantile(levels: readonly number[], smooth: number): Loss {
  const count = levels.length;
  return {
    phi: [],
    targets: (outputs) => outputs % count === 0 ? outputs / count : undefined,
    row(g, { predicted, target }) {
      const [rows, targets] = target.shape;
      const e = g.sub(g.reshape(target, [rows, targets, 1]), g.reshape(predicted, [rows, targets, count]));
      const soft = g.mul(smooth, g.softplus(g.mul(-1 / smooth, e)));
      return g.mean(g.add(g.mul(g.constant(levels), e), soft), [1, 2]);
    },
    point: (outputs) =>
      Array.from(
        { length: outputs.length / count },
        (_, i) => median(levels, outputs.subarray(i * count, (i + 1) * count)),
      ),
  };
}

/** The median: the output at level 0.5, on the line between its neighbours where it is not among the levels. */
function median(levels: readonly number[], outputs: ArrayLike<number>): number {
  const above = levels.findIndex((level) => level >= 0.5);
  if (above < 0) return outputs[levels.length - 1];
  if (above === 0 || levels[above] === 0.5) return outputs[above];
  const share = (0.5 - levels[above - 1]) / (levels[above] - levels[above - 1]);
  return outputs[above - 1] + share * (outputs[above] - outputs[above - 1]);
}

/** Mean over targets of ½(log v + (y − μ)²/v), v = eˢ + floor: outputs are `[means | s]`. */
export function gaussian(floor: number): Loss {
  return {
    phi: [],
    targets: (outputs) => outputs % 2 === 0 ? outputs / 2 : undefined,
    row(g, { predicted, target }) {
      const targets = target.shape[1];
      const mean = g.slice(predicted, 1, { end: targets });
      const variance = g.add(g.exp(g.slice(predicted, 1, { start: targets })), floor);
      const missed = g.div(g.square(g.sub(target, mean)), variance);
      return g.mean(g.mul(0.5, g.add(g.log(variance), missed)), 1);
    },
    point: (outputs) => outputs.subarray(0, outputs.length / 2),
  };
}
