/**
 * Checks a {@linkcode MetaConfig} and turns it into what an engine takes. Every default of the config lives here.
 * @module
 */
import type { TrainingPlan } from "../engine/engine.ts";
import type { InnerProblem, LearnMask, OuterGradient, OuterRule } from "../engine/problem.ts";
import { lossOf } from "../loss/losses.ts";
import { ruleLength } from "../method/programs.ts";
import { ruleOf } from "../rule/rules.ts";
import { deriveModel } from "../model/models.ts";
import type { GradientConfig, InvarianceConfig, MetaConfig, ScheduleConfig } from "./config.ts";
import { checkLoss, checkOuterLoss, checkRule } from "./check_parts.ts";
import { fail, innerSteps, integer, number, oneOf } from "./check_numbers.ts";
import { requireConfigKeys } from "./config_keys.ts";

const DEFAULT_CG_STEPS = 32;
const DEFAULT_CG_TOLERANCE = 1e-6;

/** A config with every default filled in, split by who needs it. */
export interface ResolvedConfig extends TrainingPlan {
  /** How the gradient of outer step `step` (0 is the first) is taken. */
  readonly gradientAt: (step: number) => OuterGradient;
  /** Outer learning rate of outer step `step` (0 is the first). */
  readonly lrAt: (step: number) => number;
  /** What environments are held together by; null for the plain mean over tasks. */
  readonly invariance: InvarianceConfig | null;
}

function resolveInner(config: MetaConfig): InnerProblem {
  const { inner, loss = { kind: "mse" }, outerLoss } = config;
  const net = deriveModel(config.net);
  if (typeof inner !== "object" || inner === null) {
    throw new TypeError(`Cannot use the config: inner must be an object with steps and lr, got ${typeof inner}`);
  }
  number("inner.lr", inner.lr, { above: 0 });
  number("inner.weightDecay", inner.weightDecay ?? 0, { min: 0 });
  const tolerance = number("inner.tolerance", inner.tolerance ?? 0, { min: 0, below: 1 });
  const kind = config.gradient?.kind ?? "unrolled";
  if (tolerance > 0 && kind !== "implicit") fail("gradient.kind", "implicit for inner.tolerance", kind);
  const headOnly = oneOf("inner.layers", inner.layers ?? "all", ["all", "head"]) === "head";
  return Object.freeze({
    net,
    loss: checkLoss("loss", loss, net),
    steps: innerSteps(inner.steps),
    rate: Object.freeze({
      per: oneOf("inner.lrShape.per", inner.lrShape?.per ?? "scalar", ["scalar", "layer", "parameter"]),
      perStep: inner.lrShape?.perStep ?? false,
    }),
    headOnly,
    proximal: number("inner.proximal", inner.proximal ?? 0, { min: 0 }),
    ...(tolerance > 0 ? { tolerance } : {}),
    ...(config.method ? { method: config.method } : {}),
    ...(inner.rule ? { rule: checkRule(inner.rule, { net, headOnly }) } : {}),
    ...(outerLoss ? { outerLoss: checkOuterLoss(outerLoss, loss, net) } : {}),
  });
}

function resolveGradient(gradient: GradientConfig, inner: InnerProblem): (step: number) => OuterGradient {
  const { steps } = inner;
  switch (gradient.kind) {
    case "unrolled": {
      const last = Array.from({ length: steps + 1 }, (_, k) => k === steps ? 1 : 0);
      const weights = gradient.stepWeights ?? last;
      const backpropSteps = integer("gradient.backpropSteps", gradient.backpropSteps ?? steps, 0);
      const firstOrderSteps = integer("gradient.firstOrderSteps", gradient.firstOrderSteps ?? 0, 0);
      const anneal = integer("gradient.stepWeightsAnneal", gradient.stepWeightsAnneal ?? 0, 0);
      if (weights.length !== steps + 1) {
        fail("gradient.stepWeights", `${steps + 1} numbers (inner.steps + 1)`, `${weights.length}`);
      }
      weights.forEach((weight, k) => number(`gradient.stepWeights[${k}]`, weight, { min: 0 }));
      if (!weights.some((weight) => weight > 0)) fail("gradient.stepWeights", "not all 0", weights.join(", "));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return (step) => {
        const left = anneal > 0 ? Math.max(0, 1 - step / anneal) : 1;
        return {
          kind: "unrolled",
          backpropSteps: step < firstOrderSteps ? 0 : Math.min(backpropSteps, steps),
          stepWeights: left === 1 ? weights : weights.map((weight, k) => left * weight + (1 - left) * total * last[k]),
        };
      };
    }
    case "reptile":
      return () => ({ kind: "reptile" });
    case "implicit": {
      if (inner.proximal === 0) fail("inner.proximal", "above 0 for an implicit gradient", 0);
      if (inner.headOnly) fail("inner.layers", "all for an implicit gradient", "head");
      if (inner.rule?.kind === "svgd") {
        fail(
          "inner.rule.kind",
          "one that comes to rest where the loss does, for an implicit gradient",
          inner.rule.kind,
        );
      }
      const resolved: OuterGradient = {
        kind: "implicit",
        cgSteps: integer("gradient.cgSteps", gradient.cgSteps ?? DEFAULT_CG_STEPS, 1),
        tolerance: number("gradient.tolerance", gradient.tolerance ?? DEFAULT_CG_TOLERANCE, { min: 0 }),
      };
      return () => resolved;
    }
    default:
      return fail("gradient.kind", "one of unrolled, reptile, implicit", (gradient as { kind: unknown }).kind);
  }
}

function resolveLearn(config: MetaConfig, inner: InnerProblem, gradient: OuterGradient): LearnMask {
  const { params, lr = false, loss = false, weightDecay = false, rule = false } = config.learn ?? {};
  const learn = {
    params: params ?? config.learn === undefined,
    lr,
    loss,
    weightDecay,
    ...(rule ? { others: true } : {}),
  };
  if (!Object.values(learn).some(Boolean)) fail("learn", "true for at least one part", JSON.stringify(config.learn));
  if (learn.loss && lossOf(inner.loss).phi.length === 0) {
    fail("loss.kind", "learned, or custom with phi, when learn.loss is true", inner.loss.kind);
  }
  const kind = inner.rule?.kind ?? "sgd";
  if (rule && !inner.method && ruleLength(inner.rule) === 0) {
    fail("inner.rule", "one with learnables when learn.rule is true", kind);
  }
  if (lr && !ruleOf(inner.rule ?? { kind: "sgd" }).usesRate) {
    fail("inner.rule", "one that reads a learning rate when learn.lr is true", kind);
  }
  if (gradient.kind !== "unrolled" && (learn.lr || learn.loss || learn.weightDecay || rule)) {
    fail("gradient.kind", "unrolled when learning more than params", gradient.kind);
  }
  return Object.freeze(learn);
}

function resolveRule(config: MetaConfig): OuterRule {
  const outer = config.outer ?? {};
  return Object.freeze({
    optimizer: oneOf("outer.optimizer", outer.optimizer ?? "adam", ["adam", "sgd"]),
    beta1: number("outer.beta1", outer.beta1 ?? 0.9, { min: 0, below: 1 }),
    beta2: number("outer.beta2", outer.beta2 ?? 0.999, { min: 0, below: 1 }),
    epsilon: number("outer.epsilon", outer.epsilon ?? 1e-8, { above: 0 }),
    momentum: number("outer.momentum", outer.momentum ?? 0, { min: 0, below: 1 }),
    weightDecay: number("outer.weightDecay", outer.weightDecay ?? 0, { min: 0 }),
    ratesFactor: outer.ratesLr === undefined
      ? 1
      : number("outer.ratesLr", outer.ratesLr, { above: 0 }) / (outer.lr ?? 1e-3),
    clipNorm: outer.clipNorm === undefined || outer.clipNorm === Infinity
      ? Infinity
      : number("outer.clipNorm", outer.clipNorm, { above: 0 }),
  });
}

function resolveInvariance({ outer = {}, gradient }: MetaConfig): InvarianceConfig | null {
  const { invariance } = outer;
  if (invariance === undefined) return null;
  const kind = oneOf("outer.invariance.kind", invariance.kind, ["rex", "irm"]);
  const strength = number("outer.invariance.strength", invariance.strength, { min: 0 });
  if (kind === "irm" && gradient?.kind === "reptile") {
    fail("gradient.kind", "unrolled or implicit for outer.invariance irm", "reptile");
  }
  return strength === 0 ? null : Object.freeze({ kind, strength });
}

function resolveSchedule(lr: number, schedule: ScheduleConfig): (step: number) => number {
  if (schedule.kind === "constant") return () => lr;
  if (schedule.kind !== "cosine") {
    return fail("outer.schedule.kind", "one of constant, cosine", (schedule as { kind: unknown }).kind);
  }
  const steps = integer("outer.schedule.steps", schedule.steps, 1);
  const warmup = integer("outer.schedule.warmup", schedule.warmup ?? 0, 0);
  const floor = number("outer.schedule.floor", schedule.floor ?? 0, { min: 0 });
  if (warmup >= steps) fail("outer.schedule.warmup", `below outer.schedule.steps (${steps})`, warmup);
  if (floor > 1) fail("outer.schedule.floor", "at most 1", floor);
  return (step) => {
    if (step < warmup) return lr * (step + 1) / warmup;
    const progress = Math.min(1, (step - warmup) / (steps - warmup));
    return lr * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
}

const RESOLVED = new WeakMap<MetaConfig, ResolvedConfig>();

/**
 * Checks a config and fills in its defaults.
 *
 * @throws {RangeError} A value is out of range, or two settings contradict each other; the message names them.
 * @throws {TypeError} `net` or `inner` is missing, or a name is not known; the message says which is nearest.
 */
export function resolveConfig(config: MetaConfig): ResolvedConfig {
  const known = RESOLVED.get(config);
  if (known) return known;
  requireConfigKeys(config);
  const inner = resolveInner(config);
  const gradientAt = resolveGradient(config.gradient ?? { kind: "unrolled" }, inner);
  const resolved = Object.freeze({
    inner,
    gradientAt,
    learn: resolveLearn(config, inner, gradientAt(0)),
    rule: resolveRule(config),
    invariance: resolveInvariance(config),
    lrAt: resolveSchedule(
      number("outer.lr", config.outer?.lr ?? 1e-3, { above: 0 }),
      config.outer?.schedule ?? { kind: "constant" },
    ),
  });
  if (Object.isFrozen(config)) RESOLVED.set(config, resolved);
  return resolved;
}
