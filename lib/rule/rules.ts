/**
 * The one registry of inner rules: a config in, a rule out.
 * @module
 */
import { drawParts } from "../model/init.ts";
import { requireDrawn } from "../model/require_parts.ts";
import { requireGiven, requireGivenValues } from "../program/errors.ts";
import { showShape } from "../program/value.ts";
import { adam, barzilaiBorwein, momentum, sgd } from "./classic.ts";
import type { CustomRule, RuleConfig, RuleMove } from "./config.ts";
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
  const { name = "custom", learnables = {} } = config;
  const has = Object.keys(learnables).length > 0;
  return {
    usesRate: true,
    learnables,
    start(stream) {
      if (!has) return new Float32Array(0);
      const action = `Cannot start the rule ${name}`;
      return drawParts(
        learnables,
        stream,
        requireDrawn(action, "start", { shapes: learnables, drawn: config.start?.(stream) }),
      );
    },
    init(g, theta) {
      const state = config.init?.(g, theta) ?? {};
      requireGivenValues(g, state, { action: `start the rule ${name}`, wanted: "its state as values by name" });
      return state;
    },
    update(g, step) {
      const move: Partial<RuleMove> | undefined = config.update(g, step);
      const { theta } = move ?? {};
      const { shape } = step.theta;
      requireGiven(g, theta, {
        action: `step by the rule ${name}`,
        wanted: `{ theta } of shape ${showShape(shape)}`,
        shape,
      });
      if (move?.state) {
        requireGivenValues(g, move.state, {
          action: `step by the rule ${name}`,
          wanted: "its state as values by name",
        });
      }
      return { ...move, theta: theta! };
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
