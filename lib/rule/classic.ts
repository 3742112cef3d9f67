/**
 * The rules of the field: gradient descent, momentum, Barzilai and Borwein's, Adam. Their state is part of the graph, so that what they do to later
 * steps is differentiated too.
 * @module
 */
import type { Rule } from "./rule.ts";

const LEARNS_NOTHING = { learnables: {}, start: () => new Float32Array(0) };

/** θ − α·g. */
export function sgd(): Rule {
  return {
    ...LEARNS_NOTHING,
    usesRate: true,
    init: () => ({}),
    update: (g, { theta, gradient, rate }) => ({ theta: g.sub(theta, g.mul(rate, gradient)) }),
  };
}

/** v = μv + g, θ − α·v. */
export function momentum(mu: number): Rule {
  return {
    ...LEARNS_NOTHING,
    usesRate: true,
    init: (g, theta) => ({ velocity: g.constant(0, theta.shape) }),
    update(g, { theta, gradient, rate, state, step }) {
      const velocity = step === 0 ? gradient : g.add(g.mul(mu, state.velocity), gradient);
      return { theta: g.sub(theta, g.mul(rate, velocity)), state: { velocity } };
    },
  };
}

/**
 * θ − l·g with l = s·y / y·y, s and y what θ and g changed by in the step before: the inverse of the curvature along it. The first
 * step, and those along which the curvature is not above 0, take the rate α.
 */
export function barzilaiBorwein(): Rule {
  return {
    ...LEARNS_NOTHING,
    usesRate: true,
    init: (g, theta) => ({ theta: g.constant(0, theta.shape), gradient: g.constant(0, theta.shape) }),
    update(g, { theta, gradient, rate, state, step }) {
      const next = { theta, gradient };
      if (step === 0) return { theta: g.sub(theta, g.mul(rate, gradient)), state: next };
      const moved = g.sub(theta, state.theta);
      const turned = g.sub(gradient, state.gradient);
      const along = g.sum(g.mul(moved, turned));
      const squared = g.sum(g.square(turned));
      // At rest nothing turns: the quotient is not taken there, its slopes neither.
      const length = g.select(g.step(along), g.div(along, g.select(g.step(along), squared, 1)), rate);
      return { theta: g.sub(theta, g.mul(length, gradient)), state: next };
    },
  };
}

/** Adam's constants. */
export interface AdamConstants {
  /** Decay of the first moment. */
  readonly beta1: number;
  /** Decay of the second. */
  readonly beta2: number;
  /** Added to the root. */
  readonly epsilon: number;
  /** Added under the root. */
  readonly epsilonRoot: number;
}

/** θ − α·m̂/(√(v̂ + ε_root) + ε), moments corrected for their start at 0. */
export function adam({ beta1, beta2, epsilon, epsilonRoot }: AdamConstants): Rule {
  return {
    ...LEARNS_NOTHING,
    usesRate: true,
    init: (g, theta) => ({ first: g.constant(0, theta.shape), second: g.constant(0, theta.shape) }),
    update(g, { theta, gradient, rate, state, step }) {
      const first = g.add(g.mul(beta1, state.first), g.mul(1 - beta1, gradient));
      const second = g.add(g.mul(beta2, state.second), g.mul(1 - beta2, g.square(gradient)));
      const size = g.sqrt(g.add(g.mul(1 / (1 - beta2 ** (step + 1)), second), epsilonRoot));
      const move = g.div(g.mul(1 / (1 - beta1 ** (step + 1)), first), g.add(size, epsilon));
      return { theta: g.sub(theta, g.mul(rate, move)), state: { first, second } };
    },
  };
}
