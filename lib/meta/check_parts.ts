/**
 * Checks the parts of a config that a user can bring: losses and inner rules.
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import { LOSS_KINDS, lossOf } from "../loss/losses.ts";
import type { InnerProblem } from "../method/problem.ts";
import type { Model } from "../model/model.ts";
import { requireFunction, requireShapes } from "../model/require_parts.ts";
import type { RuleConfig } from "../rule/config.ts";
import { RULE_KINDS } from "../rule/rules.ts";
import { fail, integer, number, oneOf } from "./check_numbers.ts";

const PARTICLE_LOSSES: readonly LossConfig["kind"][] = [
  "mse",
  "huber",
  "crossEntropy",
  "logistic",
  "quantile",
  "gaussian",
];

const ACTION = "Cannot use the config";

/** The loss, checked against the model's outputs; `what` names it. */
export function checkLoss(what: string, loss: LossConfig, net: Pick<Model, "outputs">): LossConfig {
  oneOf(`${what}.kind`, loss.kind, LOSS_KINDS);
  switch (loss.kind) {
    case "huber":
      number(`${what}.delta`, loss.delta, { above: 0 });
      break;
    case "learned":
      number(`${what}.tau`, loss.tau, { above: 0 });
      if (loss.phi !== undefined && loss.phi.length !== 3) fail(`${what}.phi`, "3 numbers", `${loss.phi.length}`);
      loss.phi?.forEach((value, i) => number(`${what}.phi[${i}]`, value, {}));
      break;
    case "quantile":
      if (!Array.isArray(loss.levels) || loss.levels.length === 0) {
        fail(`${what}.levels`, "a list of levels", loss.levels);
      }
      loss.levels.forEach((level, i) =>
        number(`${what}.levels[${i}]`, level, { above: i === 0 ? 0 : loss.levels[i - 1], below: 1 })
      );
      number(`${what}.smooth`, loss.smooth, { above: 0 });
      break;
    case "gaussian":
      number(`${what}.floor`, loss.floor, { above: 0 });
      break;
    case "particles":
      integer(`${what}.count`, loss.count, 1);
      oneOf(`${what}.judge`, loss.judge ?? "each", ["each", "mean", "mixture"]);
      oneOf(`${what}.of.kind`, loss.of?.kind, PARTICLE_LOSSES);
      if (net.outputs % loss.count !== 0) fail("net.outputs", `a multiple of ${what}.count ${loss.count}`, net.outputs);
      checkLoss(`${what}.of`, loss.of, { outputs: net.outputs / loss.count });
      break;
    case "custom":
      requireFunction(ACTION, `${what}.row`, loss.row);
      integer(`${what}.outputs`, loss.outputs ?? 1, 1);
      if (loss.phi !== undefined && !Array.isArray(loss.phi) && !ArrayBuffer.isView(loss.phi)) {
        fail(`${what}.phi`, "a list of numbers", loss.phi);
      }
      Array.from(loss.phi ?? []).forEach((value, i) => number(`${what}.phi[${i}]`, value, {}));
  }
  if (lossOf(loss).targets(net.outputs) === undefined) {
    fail(`net.outputs`, `a number of outputs that ${what} ${loss.kind} can share among its targets`, net.outputs);
  }
  return loss;
}

/** The query loss: it must be of as many targets as the support loss. */
export function checkOuterLoss(outer: LossConfig, inner: LossConfig, net: Model): LossConfig {
  checkLoss("outerLoss", outer, net);
  const [wanted, found] = [inner, outer].map((loss) => lossOf(loss).targets(net.outputs));
  if (wanted !== found) {
    fail("outerLoss", `a loss of ${wanted} targets, as loss ${inner.kind} is`, `${outer.kind} of ${found}`);
  }
  return outer;
}

/** The inner rule, checked. */
export function checkRule(rule: RuleConfig, { net, headOnly }: Pick<InnerProblem, "net" | "headOnly">): RuleConfig {
  oneOf("inner.rule.kind", rule.kind, RULE_KINDS);
  switch (rule.kind) {
    case "momentum":
      number("inner.rule.mu", rule.mu, { min: 0, below: 1 });
      break;
    case "adam":
      number("inner.rule.beta1", rule.beta1 ?? 0, { min: 0, below: 1 });
      number("inner.rule.beta2", rule.beta2 ?? 0, { min: 0, below: 1 });
      number("inner.rule.epsilon", rule.epsilon ?? 0, { min: 0 });
      number("inner.rule.epsilonRoot", rule.epsilonRoot ?? 0, { min: 0 });
      break;
    case "learned":
      integer("inner.rule.hidden", rule.hidden, 1);
      number("inner.rule.scale", rule.scale, { above: 0 });
      break;
    case "svgd": {
      const { particles, temperature = 1, bandwidth = 1 } = rule;
      integer("inner.rule.particles", particles, 1);
      number("inner.rule.temperature", temperature, { above: 0 });
      number("inner.rule.bandwidth", bandwidth, { above: 0 });
      if (net.parameterCount % particles !== 0 || net.groups.length % particles !== 0) {
        fail("inner.rule.particles", `as many as the model's particles`, particles);
      }
      if (headOnly) fail("inner.layers", "all for the rule svgd", "head");
      break;
    }
    case "mlp":
      (rule.hidden ?? []).forEach((width, i) => integer(`inner.rule.hidden[${i}]`, width, 1));
      number("inner.rule.scale", rule.scale ?? 1, { above: 0 });
      break;
    case "custom":
      requireFunction(ACTION, "inner.rule.update", rule.update);
      if (rule.init !== undefined) requireFunction(ACTION, "inner.rule.init", rule.init);
      if (rule.start !== undefined) requireFunction(ACTION, "inner.rule.start", rule.start);
      requireShapes(ACTION, "inner.rule.learnables", rule.learnables ?? {});
  }
  return rule;
}
