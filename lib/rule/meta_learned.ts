/**
 * Rules that are learned: an LSTM that reads each coordinate's gradient, and learned gates. The gradient that they read is a
 * constant to the outer loop, as in both papers.
 * @module
 */
import { drawParts } from "../model/init.ts";
import { cellParts, type CellState, cellStep } from "../model/lstm.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Shape, Value } from "../program/value.ts";
import type { RuleState } from "./config.ts";
import type { Rule } from "./rule.ts";

/** p: gradients below e⁻ᵖ are small. */
const SMALL = 10;

/**
 * A gradient as two numbers of the order of 1, `[n, 2]`: (log|x|/p, sign x) where |x| ≥ e⁻ᵖ, else (−1, eᵖx)
 * (Andrychowicz et al. 2016, appendix A).
 */
export function preprocess(g: Graph, x: Value): Value {
  const isSmall = g.step(g.sub(Math.exp(-SMALL), g.abs(x)));
  const size = g.mul(1 / SMALL, g.log(g.select(isSmall, 1, g.abs(x))));
  const column = (value: Value): Value => g.reshape(value, [x.shape[0], 1]);
  return g.concat([
    column(g.select(isSmall, -1, size)),
    column(g.select(isSmall, g.mul(Math.exp(SMALL), x), g.sign(x))),
  ], 1);
}

function cellOf(state: RuleState, layer: string): CellState | undefined {
  return state[`${layer}.hidden`] && { hidden: state[`${layer}.hidden`], cell: state[`${layer}.cell`] };
}

/** Two LSTM layers, the same for every coordinate: θ + scale·(h·wo + bo). */
export function learned(hidden: number, scale: number): Rule {
  const learnables: Record<string, Shape> = {
    ...cellParts(2, hidden, "l0."),
    ...cellParts(hidden, hidden, "l1."),
    wo: [hidden, 1],
    bo: [1],
  };
  return {
    usesRate: false,
    learnables,
    start: (stream) => drawParts(learnables, stream),
    init: () => ({}),
    update(g, { theta, gradient, state, learned: p }) {
      let rows = preprocess(g, g.stop(gradient));
      const next: Record<string, Value> = {};
      for (const layer of ["l0", "l1"]) {
        const z = g.add(g.matmul(rows, p[`${layer}.wx`]), p[`${layer}.b`]);
        const { hidden, cell } = cellStep(g, p[`${layer}.wh`], { z, state: cellOf(state, layer) });
        Object.assign(next, { [`${layer}.hidden`]: hidden, [`${layer}.cell`]: cell });
        rows = hidden;
      }
      const move = g.reshape(g.add(g.matmul(rows, p.wo), p.bo), theta.shape);
      return { theta: g.add(theta, g.mul(scale, move)), state: next };
    },
  };
}

/** Inputs of a gate: two of the gradient, two of the loss, the parameter, the gate before. */
const GATE_INPUTS = 6;
/** Initial biases: keep nearly all of a parameter, move it by about a hundredth of its gradient. */
const [KEEP, MOVE] = [5, -4.6];
/**
 * Where gates begin beside rates: f keeps a parameter to 5e-5 a step, i reads nothing but the parameter. Chosen on curves that
 * neither train nor judge (bench/METHODS.md, Learned rules).
 */
const BESIDE_RATES = { wf: [0, 0, 0, 0, 0, 0], bf: [10], wi: [0, 0, 0, 0, 1, 0] };

/**
 * θ = f⊙θ − i⊙g; gates are σ of a linear function of gradient, loss, parameter and the gate before. What gates read is a constant
 * to the outer loop, but for the parameter; the gradient that a step goes along is one in first order alone. With rates,
 * θ = f⊙θ − α⊙i⊙g.
 */
export function gated(firstOrder: boolean, rates: boolean): Rule {
  const learnables: Record<string, Shape> = { wf: [GATE_INPUTS, 1], bf: [1], wi: [GATE_INPUTS, 1], bi: [1] };
  return {
    usesRate: rates,
    ...(rates && { firstRate: 1 }),
    learnables,
    start: (stream) => drawParts(learnables, stream, { bf: [KEEP], bi: [MOVE], ...(rates && BESIDE_RATES) }),
    init: (g, theta) => ({ keep: g.constant(0, theta.shape), move: g.constant(0, theta.shape) }),
    update(g, { theta, gradient, loss, rate, state, learned: p }) {
      const n = theta.shape[0];
      const slope = g.stop(gradient);
      const column = (value: Value): Value => g.reshape(value, [n, 1]);
      const seen = [preprocess(g, slope), preprocess(g, g.broadcast(g.stop(loss), [n])), column(theta)];
      const gate = (before: Value, w: Value, b: Value): Value =>
        g.reshape(g.sigmoid(g.add(g.matmul(g.concat([...seen, column(before)], 1), w), b)), [n]);
      const keep = gate(state.keep, p.wf, p.bf);
      const move = gate(state.move, p.wi, p.bi);
      const along = g.mul(move, firstOrder ? slope : gradient);
      return { theta: g.sub(g.mul(keep, theta), rates ? g.mul(rate, along) : along), state: { keep, move } };
    },
  };
}
