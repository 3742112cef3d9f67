/**
 * The losses of a model of several particles: each one's own to adapt by, the mixture's or the mean to be judged by.
 * @module
 */
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import type { LossConfig } from "./config.ts";
import type { Loss, LossRow } from "./loss.ts";

/** What becomes of the particles' losses. */
type ParticleJudge = NonNullable<Extract<LossConfig, { readonly kind: "particles" }>["judge"]>;

/**
 * A loss over `count` particles whose outputs lie one particle after another, `[count][outputs]`: their sum, their mean, or that of
 * their mixture, −log mean e⁻ˡ.
 */
export function overParticles(of: Loss, count: number, judge: ParticleJudge): Loss {
  if (count === 1) return of;
  return {
    phi: [],
    targets: (outputs) => outputs % count === 0 ? of.targets(outputs / count) : undefined,
    row(g: Graph, { predicted, ...rest }: LossRow): Value {
      const [rows, width] = [predicted.shape[0], predicted.shape[1] / count];
      const losses = g.concat(
        Array.from({ length: count }, (_, m) => {
          const own = g.slice(predicted, 1, { start: m * width, end: (m + 1) * width });
          return g.reshape(of.row(g, { ...rest, predicted: own }), [rows, 1]);
        }),
        1,
      );
      if (judge === "each") return g.sum(losses, 1);
      return judge === "mean" ? g.mean(losses, 1) : g.sub(Math.log(count), g.logSumExp(g.neg(losses), 1));
    },
    point(outputs) {
      const width = outputs.length / count;
      const points = Array.from(
        { length: count },
        (_, m) => of.point(outputs.subarray(m * width, (m + 1) * width)),
      );
      return Array.from(points[0], (_, i) => points.reduce((sum, point) => sum + point[i], 0) / count);
    },
    smooth(outputs, which) {
      const all = Array.from(outputs);
      const width = all.length / count;
      const each = Array.from({ length: count }, (_, m) => of.smooth(all.slice(m * width, (m + 1) * width), which));
      return {
        value: each.reduce((sum, { value }) => sum + value, 0) / count,
        slopes: each.flatMap(({ slopes }) => slopes.map((slope) => slope / count)),
      };
    },
  };
}
