/**
 * Stein variational gradient descent as an inner rule: particles go down their losses together and keep each other apart, so that
 * what they end as is a sample of a posterior (Liu & Wang 2016; over tasks Yoon et al. 2018).
 * @module
 */
import { sgd } from "./classic.ts";
import type { Rule } from "./rule.ts";

/** The constants of the rule. */
export interface SvgdConstants {
  /** Particles M. */
  readonly particles: number;
  /** T: the posterior is e^(−L/T). */
  readonly temperature: number;
  /** h of the kernel; absent for the mean squared distance between particles over log(M + 1). */
  readonly bandwidth?: number | undefined;
}

/**
 * `θ_i ← θ_i − α/M · Σ_j [k(θ_j, θ_i)·g_j − T·∇_{θ_j} k(θ_j, θ_i)]`, `k(a, b) = e^(−‖a − b‖²/h)` (Liu & Wang 2016, eq. 8, times T),
 * g_j the gradient of particle j's own loss. Parameters lie `[particles][n]`. The bandwidth is a constant to every gradient. One
 * particle has no other: gradient descent.
 */
export function svgd({ particles, temperature, bandwidth }: SvgdConstants): Rule {
  const alone = sgd();
  if (particles === 1) return alone;
  return {
    ...alone,
    update(g, { theta, gradient, rate }) {
      const size = theta.shape[0] / particles;
      const [at, slopes] = [theta, gradient].map((flat) => g.reshape(flat, [particles, size]));
      // apart[i][j] = θ_i − θ_j
      const apart = g.sub(g.reshape(at, [particles, 1, size]), g.reshape(at, [1, particles, size]));
      const squared = g.sum(g.square(apart), 2);
      const mean = g.stop(g.mul(1 / (particles * (particles - 1) * Math.log(particles + 1)), g.sum(squared)));
      // Particles that lie on one another push nothing, at any bandwidth.
      const h = bandwidth ?? g.select(g.step(mean), mean, 1);
      const kernel = g.exp(g.neg(g.div(squared, h)));
      // ∇_{θ_j} k(θ_j, θ_i) = 2/h · k · (θ_i − θ_j)
      const pushed = g.sum(g.mul(g.reshape(kernel, [particles, particles, 1]), apart), 1);
      const down = g.sub(g.matmul(kernel, slopes), g.mul(g.div(2 * temperature, h), pushed));
      return { theta: g.sub(theta, g.mul(rate, g.reshape(g.mul(1 / particles, down), theta.shape))) };
    },
  };
}
