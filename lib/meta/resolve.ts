/**
 * Checks a {@linkcode MetaConfig} and turns it into what an engine takes. Every default of the config lives here.
 * @module
 */
import type { TrainingPlan } from "../engine/engine.ts";
import type { InnerProblem, LearnMask, LossShape, OuterGradient, OuterRule } from "../engine/problem.ts";
import type { GradientConfig, LossConfig, MetaConfig, ScheduleConfig } from "./config.ts";
import { requireConfigKeys } from "./config_keys.ts";
import { deriveMlp } from "../net/mlp.ts";

/** φ unless the config gives one: symmetric and nearly mse (softplus(0.5413) = 1, softplus(−3) = 0.049). */
export const DEFAULT_PHI: readonly [number, number, number] = [-3, 0.5413, 0];

const DEFAULT_CG_STEPS = 32;
const DEFAULT_CG_TOLERANCE = 1e-6;

/** A config with every default filled in, split by who needs it. */
export interface ResolvedConfig extends TrainingPlan {
  /** How the gradient of outer step `step` (0 is the first) is taken. */
  readonly gradientAt: (step: number) => OuterGradient;
  /** Outer learning rate of outer step `step` (0 is the first). */
  readonly lrAt: (step: number) => number;
}

function fail(what: string, wanted: string, got: unknown): never {
  throw new RangeError(`Cannot use the config: ${what} must be ${wanted}, got ${String(got)}`);
}

function number(what: string, value: number, range: { min?: number; above?: number; below?: number }): number {
  const { min = -Infinity, above = -Infinity, below = Infinity } = range;
  if (typeof value !== "number" || !Number.isFinite(value) || value < min || value <= above || value >= below) {
    const parts = [
      min > -Infinity && `at least ${min}`,
      above > -Infinity && `above ${above}`,
      below < Infinity && `below ${below}`,
    ].filter(Boolean);
    fail(what, `a finite number ${parts.join(" and ")}`, value);
  }
  return value;
}

function integer(what: string, value: number, min: number): number {
  if (!Number.isInteger(value) || value < min) fail(what, `an integer of at least ${min}`, value);
  return value;
}

function oneOf<T extends string>(what: string, value: T, names: readonly T[]): T {
  if (!names.includes(value)) fail(what, `one of ${names.join(", ")}`, value);
  return value;
}

function resolveInner(config: MetaConfig): InnerProblem {
  const { inner } = config;
  const net = deriveMlp(config.net);
  if (typeof inner !== "object" || inner === null) {
    throw new TypeError(`Cannot use the config: inner must be an object with steps and lr, got ${typeof inner}`);
  }
  number("inner.lr", inner.lr, { above: 0 });
  number("inner.weightDecay", inner.weightDecay ?? 0, { min: 0 });
  return Object.freeze({
    net,
    loss: resolveLoss(config.loss ?? { kind: "mse" }),
    steps: integer("inner.steps", inner.steps, 0),
    rate: Object.freeze({
      per: oneOf("inner.lrShape.per", inner.lrShape?.per ?? "scalar", ["scalar", "layer", "parameter"]),
      perStep: inner.lrShape?.perStep ?? false,
    }),
    headOnly: oneOf("inner.layers", inner.layers ?? "all", ["all", "head"]) === "head",
    proximal: number("inner.proximal", inner.proximal ?? 0, { min: 0 }),
  });
}

function resolveLoss(loss: LossConfig): LossShape {
  switch (loss.kind) {
    case "mse":
      return { kind: "mse" };
    case "huber":
      return { kind: "huber", delta: number("loss.delta", loss.delta, { above: 0 }) };
    case "learned":
      if (loss.phi !== undefined) requirePhi(loss.phi);
      return { kind: "learned", tau: number("loss.tau", loss.tau, { above: 0 }) };
    default:
      return fail("loss.kind", "one of mse, huber, learned", (loss as { kind: unknown }).kind);
  }
}

function requirePhi(phi: readonly number[]): void {
  if (phi.length !== 3) fail("loss.phi", "3 numbers", `${phi.length}`);
  phi.forEach((value, i) => number(`loss.phi[${i}]`, value, {}));
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

function resolveLearn(config: MetaConfig, gradient: OuterGradient): LearnMask {
  const { params, lr = false, loss = false, weightDecay = false } = config.learn ?? {};
  const learn = { params: params ?? config.learn === undefined, lr, loss, weightDecay };
  if (!Object.values(learn).some(Boolean)) fail("learn", "true for at least one part", JSON.stringify(config.learn));
  if (learn.loss && config.loss?.kind !== "learned") {
    fail("loss.kind", "learned when learn.loss is true", config.loss?.kind ?? "mse");
  }
  if (gradient.kind !== "unrolled" && (learn.lr || learn.loss || learn.weightDecay)) {
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
    learn: resolveLearn(config, gradientAt(0)),
    rule: resolveRule(config),
    lrAt: resolveSchedule(
      number("outer.lr", config.outer?.lr ?? 1e-3, { above: 0 }),
      config.outer?.schedule ?? { kind: "constant" },
    ),
  });
  if (Object.isFrozen(config)) RESOLVED.set(config, resolved);
  return resolved;
}
