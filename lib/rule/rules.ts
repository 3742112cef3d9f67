/**
 * The one registry of inner rules: a config in, a rule out.
 * @module
 */
import { drawParts } from "../model/init.ts";
import { refuse } from "../program/errors.ts";
import { sameShape, showShape } from "../program/value.ts";
import { adam, barzilaiBorwein, momentum, sgd } from "./classic.ts";
import type { CustomRule, RuleConfig } from "./config.ts";
import { gated, learned } from "./meta_learned.ts";
import { mlpOptimizer } from "./mlp_optimizer.ts";
import type { Rule } from "./rule.ts";
import { svgd } from "./svgd.ts";

/** Names of every rule. */
export const RULE_KINDS: readonly RuleConfig["kind"][] = [
  "sgd",
  "momentum",
  "barzilaiBorwein",
  "adam",
  "learned",
  "gated",
  "svgd",
  "mlp",
  "custom",
];

function custom(config: CustomRule): Rule {
  const { learnables = {}, start } = config;
  const has = Object.keys(learnables).length > 0;
  return {
    usesRate: true,
    learnables,
    start: (stream) => has ? drawParts(learnables, stream, start?.(stream)) : new Float32Array(0),
    init: (g, theta) => config.init?.(g, theta) ?? {},
    update(g, step) {
      const move = config.update(g, step);
      if (!sameShape(move.theta.shape, step.theta.shape)) {
        refuse(
          `step by the rule ${config.name ?? "custom"}`,
          `theta of shape ${showShape(step.theta.shape)}`,
          showShape(move.theta.shape),
        );
      }
      return move;
    },
  };
}

/** What rates begin at under a rule: what it says itself, or else `lr`. */
export function firstRate(config: RuleConfig | undefined, lr: number): number {
  return (config && ruleOf(config).firstRate) ?? lr;
}

/** The rule that a config names; its values have been checked. */
export function ruleOf(config: RuleConfig): Rule {
  switch (config.kind) {
    case "sgd":
      return sgd();
    case "momentum":
      return momentum(config.mu);
    case "barzilaiBorwein":
      return barzilaiBorwein();
    case "adam": {
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, epsilonRoot = 1e-8 } = config;
      return adam({ beta1, beta2, epsilon, epsilonRoot });
    }
    case "learned":
      return learned(config.hidden, config.scale);
    case "gated":
      return gated(config.firstOrder ?? true, config.rates ?? false);
    case "svgd":
      return svgd({ particles: config.particles, temperature: config.temperature ?? 1, bandwidth: config.bandwidth });
    case "mlp":
      return mlpOptimizer({ hidden: config.hidden ?? [32, 32], scale: config.scale ?? 0.001 });
    case "custom":
      return custom(config);
  }
}
