/**
 * Bayesian MAML: the start is a set of particles, and adapting moves them as a sample of the task's posterior.
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { deriveModel } from "../model/models.ts";
import { particles } from "../model/particles.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { MetaConfig } from "./config.ts";
import { maml, type PresetOptions } from "./presets.ts";

/** What {@linkcode bayesianMaml} takes. */
export interface BayesianOptions extends Omit<PresetOptions, "loss"> {
  /** Loss of each particle (default gaussian: a mean and a log variance a target, with a floor of 1e-4). */
  readonly loss?: Exclude<LossConfig, { readonly kind: "learned" | "particles" | "custom" }>;
  /** Particles M, at least 1 (default 5). */
  readonly particles?: number;
  /** T: particles sample e^(−L/T), L the support's mean loss (default 0.05: the posterior of 20 rows). */
  readonly temperature?: number;
  /** Bandwidth of the kernel, in squared units of the parameters (default by the distances). */
  readonly bandwidth?: number;
}

const KEYS: OptionKeys<BayesianOptions> = {
  net: true,
  inner: true,
  loss: true,
  outerLoss: true,
  gradient: true,
  learn: true,
  outer: true,
  particles: true,
  temperature: true,
  bandwidth: true,
};

/**
 * Bayesian MAML (Yoon et al. 2018, algorithm 1) by the exact gradient through Stein variational gradient descent: M starts are
 * learned whose joint inner steps end as a sample of what the support leaves possible. It is judged by the predictive mixture of the
 * particles where the loss is a likelihood, else by their mean loss. Predictions are every particle's outputs, `[rows][M][outputs]`;
 * `pointForecasts` gives their mean, their deviation is what the support did not settle. One particle is `maml` to the bit.
 *
 * For few rows whose noise matters, at M times the cost. Not for mse, whose scale hides the noise: say `temperature` 2σ²/rows there.
 *
 * @param options The network of one particle (of 2 outputs a target for the default loss), and what should differ.
 * @returns A config whose `net` is `particles()` of it.
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { mlp } from "@adaptrade/adaptrade";
 * import { bayesianMaml } from "@adaptrade/adaptrade/methods";
 * import { assertEquals } from "@std/assert";
 *
 * const { net, inner } = bayesianMaml({ net: mlp({ inputs: 4, hidden: [8], outputs: 2 }), particles: 3 });
 * assertEquals([net.outputs, inner.rule], [6, { kind: "svgd", particles: 3, temperature: 0.05 }]);
 * ```
 */
export function bayesianMaml(options: BayesianOptions): MetaConfig {
  requireKnownKeys("Cannot make a config", "options", options, KEYS);
  const { particles: count = 5, temperature = 0.05, bandwidth, net, inner, loss, ...rest } = options;
  return maml({
    ...rest,
    net: particles({ net: deriveModel(net), count }),
    loss: { kind: "particles", count, of: loss ?? { kind: "gaussian", floor: 1e-4 } },
    inner: {
      ...inner,
      rule: { kind: "svgd", particles: count, temperature, ...(bandwidth === undefined ? {} : { bandwidth }) },
    },
  });
}
