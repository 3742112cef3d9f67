/**
 * Refuses what a {@linkcode MetaConfig} does not know, at every depth: a misspelt setting would be a default unsaid.
 * Values are `resolve.ts`'s to check.
 * @module
 */
import { type KindKeys, type OptionKeys, requireKindKeys, requireKnownKeys } from "../options.ts";
import type {
  GradientConfig,
  InnerConfig,
  LearnConfig,
  LossConfig,
  MetaConfig,
  OuterConfig,
  RuleConfig,
  ScheduleConfig,
} from "./config.ts";

const CONFIG: OptionKeys<MetaConfig> = {
  net: true,
  inner: true,
  loss: true,
  outerLoss: true,
  gradient: true,
  learn: true,
  outer: true,
  method: true,
};

const INNER: OptionKeys<InnerConfig> = {
  steps: true,
  lr: true,
  lrShape: true,
  layers: true,
  weightDecay: true,
  proximal: true,
  tolerance: true,
  rule: true,
};

const RULE: KindKeys<RuleConfig> = {
  sgd: { kind: true },
  momentum: { kind: true, mu: true },
  barzilaiBorwein: { kind: true },
  adam: { kind: true, beta1: true, beta2: true, epsilon: true, epsilonRoot: true },
  learned: { kind: true, hidden: true, scale: true },
  svgd: { kind: true, particles: true, temperature: true, bandwidth: true },
  gated: { kind: true, firstOrder: true, rates: true },
  mlp: { kind: true, hidden: true, scale: true },
  custom: { kind: true, name: true, learnables: true, start: true, init: true, update: true },
};

const LOSS: KindKeys<LossConfig> = {
  mse: { kind: true },
  huber: { kind: true, delta: true },
  learned: { kind: true, tau: true, phi: true },
  crossEntropy: { kind: true },
  logistic: { kind: true },
  quantile: { kind: true, levels: true, smooth: true },
  gaussian: { kind: true, floor: true },
  particles: { kind: true, count: true, of: true, judge: true },
  custom: { kind: true, name: true, outputs: true, phi: true, row: true },
};

const GRADIENT: KindKeys<GradientConfig> = {
  unrolled: { kind: true, backpropSteps: true, stepWeights: true, stepWeightsAnneal: true, firstOrderSteps: true },
  reptile: { kind: true },
  implicit: { kind: true, cgSteps: true, tolerance: true },
};

const LEARN: OptionKeys<LearnConfig> = { params: true, lr: true, loss: true, weightDecay: true, rule: true };

const OUTER: OptionKeys<OuterConfig> = {
  optimizer: true,
  lr: true,
  ratesLr: true,
  clipNorm: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  momentum: true,
  weightDecay: true,
  schedule: true,
  invariance: true,
};

const SCHEDULE: KindKeys<ScheduleConfig> = {
  constant: { kind: true },
  cosine: { kind: true, steps: true, warmup: true, floor: true },
};

/**
 * Throws on a name that a config, or a part of one, does not know.
 *
 * @throws {TypeError} Which, where, and the nearest known name.
 */
export function requireConfigKeys(config: Partial<MetaConfig>): void {
  const action = "Cannot use the config";
  requireKnownKeys(action, "config", config, CONFIG);
  const { inner, loss, outerLoss, gradient, learn, outer } = config;
  requireKnownKeys(action, "inner", inner, INNER);
  requireKnownKeys(action, "inner.lrShape", inner?.lrShape, { per: true, perStep: true });
  requireKindKeys(action, "inner.rule", inner?.rule, RULE);
  requireKindKeys(action, "loss", loss, LOSS);
  requireKindKeys(action, "outerLoss", outerLoss, LOSS);
  requireKindKeys(action, "gradient", gradient, GRADIENT);
  requireKnownKeys(action, "learn", learn, LEARN);
  requireKnownKeys(action, "outer", outer, OUTER);
  requireKindKeys(action, "outer.schedule", outer?.schedule, SCHEDULE);
  requireKnownKeys(action, "outer.invariance", outer?.invariance, { kind: true, strength: true });
}
