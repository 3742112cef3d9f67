/**
 * A learned rule without memory of its own: a perceptron reads 19 features of each parameter (Metz et al. 2019, appendix B, as
 * in Google's learned_optimization, `mlp_lopt`). The gradient that it reads is a constant to the outer loop.
 * @module
 */
import { drawParts } from "../model/init.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Shape, Value } from "../program/value.ts";
import type { RuleState, RuleStep } from "./config.ts";
import type { Rule } from "./rule.ts";

/** Decays of the running means of the gradient. */
const DECAYS = [0.1, 0.5, 0.9, 0.99, 0.999, 0.9999];
/** Steps at which the clock's features turn. */
const TIMESCALES = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000];
/** Features of a parameter: gradient, parameter, running means; then the clock. */
const FEATURES = 2 + DECAYS.length + TIMESCALES.length;
/** Added to a feature's second moment. */
const LEAST_MOMENT = 1e-5;
/** How the second output scales the step: e^(0.001·m). */
const MAGNITUDE = 0.001;

/** What a rule of this kind is built from. */
export interface MlpOptimizerSizes {
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  /** Factor of the step. */
  readonly scale: number;
}

const meanName = (decay: number): string => `mean${decay}`;

/** Gradient, parameter and running means, `[n, 8]`, each of second moment 1 over every part of the parameters. */
function scaledFeatures(g: Graph, columns: readonly Value[], parts: RuleStep["parts"]): Value {
  const table = g.concat(columns.map((column) => g.reshape(column, [column.shape[0], 1])), 1);
  const scaled = parts.map((range) => {
    const rows = g.slice(table, 0, range);
    return g.div(rows, g.sqrt(g.add(LEAST_MOMENT, g.mean(g.square(rows), 0, { keep: true }))));
  });
  return g.concat(scaled, 0);
}

/**
 * θ − scale·d·e^(0.001·m), (d, m) from a relu perceptron of: gradient, parameter and six running means of the gradient, each
 * divided by √(1e-5 + its mean square over the part), and tanh(k/τ − 1) of the step k at eleven timescales.
 */
export function mlpOptimizer({ hidden, scale }: MlpOptimizerSizes): Rule {
  const widths = [FEATURES, ...hidden, 2];
  const learnables: Record<string, Shape> = Object.fromEntries(
    widths.slice(1).flatMap((width, i) => [[`w${i}`, [widths[i], width]], [`b${i}`, [width]]]),
  );
  return {
    usesRate: false,
    learnables,
    start: (stream) => drawParts(learnables, stream),
    init: (g, theta): RuleState =>
      Object.fromEntries(DECAYS.map((decay) => [meanName(decay), g.constant(0, theta.shape)])),
    update(g, { theta, gradient, step, parts, state, learned: p }) {
      const slope = g.stop(gradient);
      const means = DECAYS.map((decay) => g.add(g.mul(decay, state[meanName(decay)]), g.mul(1 - decay, slope)));
      const clock = g.constant(TIMESCALES.map((timescale) => Math.tanh(step / timescale - 1)));
      let rows = g.concat([
        scaledFeatures(g, [slope, theta, ...means], parts),
        g.broadcast(clock, [theta.shape[0], TIMESCALES.length]),
      ], 1);
      for (let layer = 0; layer <= hidden.length; layer++) {
        const sums = g.add(g.matmul(rows, p[`w${layer}`]), p[`b${layer}`]);
        rows = layer < hidden.length ? g.relu(sums) : sums;
      }
      const move = g.mul(g.at(rows, 1, 0), g.exp(g.mul(MAGNITUDE, g.at(rows, 1, 1))));
      return {
        theta: g.sub(theta, g.mul(scale, move)),
        state: Object.fromEntries(DECAYS.map((decay, i) => [meanName(decay), means[i]])),
      };
    },
  };
}
