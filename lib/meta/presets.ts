/**
 * The methods of the field as settings of one core: each preset is a function from a partial config to a config.
 * What a preset sets, the caller's options override, field by field. A preset holds no code path of its own.
 * @module
 */
import type {
  GradientConfig,
  InnerConfig,
  LearnConfig,
  LossConfig,
  MetaConfig,
  OuterConfig,
  RuleConfig,
} from "./config.ts";
import { resolveConfig } from "./resolve.ts";
import { freezeConfig } from "./state.ts";
import type { Model } from "../model/model.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What a preset takes: the network, and whatever should differ from the preset. */
export interface PresetOptions {
  /** The network. */
  readonly net: Model;
  /** Inner loop (default 5 steps at 0.01). */
  readonly inner?: Partial<InnerConfig>;
  /** Support loss. */
  readonly loss?: LossConfig;
  /** Query loss (default the support loss; mse where φ shapes it). */
  readonly outerLoss?: LossConfig;
  /** How the outer gradient is taken. */
  readonly gradient?: GradientConfig;
  /** What is learned. */
  readonly learn?: LearnConfig;
  /** Outer optimiser. */
  readonly outer?: OuterConfig;
}

const PRESET_KEYS: OptionKeys<PresetOptions> = {
  net: true,
  inner: true,
  loss: true,
  outerLoss: true,
  gradient: true,
  learn: true,
  outer: true,
};

interface PresetParts {
  readonly inner?: Partial<InnerConfig>;
  readonly loss?: LossConfig;
  readonly gradient?: (steps: number) => GradientConfig;
  readonly learn?: LearnConfig;
  readonly outer?: OuterConfig;
}

/** The fields that are set: one left undefined does not hide the preset's. */
function given<T extends object>(fields: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** A preset's learn with the caller's over it; a preset's `loss` is not taken over onto a loss that cannot be learned. */
function mergeLearn(standard: LearnConfig | undefined, { learn, loss }: PresetOptions): LearnConfig {
  const merged = { params: true, ...standard };
  if (learn && loss && loss.kind !== "learned") merged.loss = false;
  return { ...merged, ...given(learn) };
}

function preset(options: PresetOptions, parts: PresetParts): MetaConfig {
  requireKnownKeys("Cannot make a config", "options", options ?? null, PRESET_KEYS);
  const inner = { steps: 5, lr: 0.01, ...parts.inner, ...given(options.inner) };
  const standard = parts.gradient?.(inner.steps) ?? { kind: "unrolled" };
  const sameKind = options.gradient === undefined || options.gradient.kind === standard.kind;
  const config = freezeConfig({
    net: options.net,
    inner,
    loss: options.loss ?? parts.loss ?? { kind: "mse" },
    ...(options.outerLoss ? { outerLoss: options.outerLoss } : {}),
    gradient: (sameKind ? { ...standard, ...given(options.gradient) } : options.gradient) as GradientConfig,
    learn: mergeLearn(parts.learn, options),
    outer: { ...parts.outer, ...given(options.outer) },
  });
  resolveConfig(config);
  return config;
}

/**
 * Model-agnostic meta-learning: a start from which a few gradient steps suffice, by the exact second-order gradient
 * (Finn, Abbeel & Levine 2017, algorithm 1, eq. 1). The default choice.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { maml, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const config = maml({ net: mlp({ inputs: 10, hidden: [64, 64], outputs: 1 }), inner: { steps: 5, lr: 0.01 } });
 * assertEquals(config.gradient, { kind: "unrolled" });
 * ```
 */
export function maml(options: PresetOptions): MetaConfig {
  return preset(options, {});
}

/**
 * First-order MAML: the query gradient at the adapted parameters stands in for the whole (Finn et al. 2017, section 5.2;
 * Nichol et al. 2018, eq. 5). About three times cheaper a step; use it when curvature turns out not to matter.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { fomaml, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const config = fomaml({ net: mlp({ inputs: 4, hidden: [8], outputs: 1 }) });
 * assertEquals(config.gradient, { kind: "unrolled", backpropSteps: 0 });
 * ```
 */
export function fomaml(options: PresetOptions): MetaConfig {
  return preset(options, { gradient: () => ({ kind: "unrolled", backpropSteps: 0 }) });
}

/**
 * Reptile: move the start towards where adaptation led, θ_0 − θ_K as the gradient (Nichol et al. 2018, algorithm 1).
 * It uses the support set alone; use it with many inner steps and little memory.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { mlp, reptile } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const config = reptile({ net: mlp({ inputs: 4, hidden: [8], outputs: 1 }), inner: { steps: 10 } });
 * assertEquals(config.outer, { optimizer: "sgd", lr: 0.1 });
 * ```
 */
export function reptile(options: PresetOptions): MetaConfig {
  return preset(options, { gradient: () => ({ kind: "reptile" }), outer: { optimizer: "sgd", lr: 0.1 } });
}

/**
 * Almost no inner loop: only the last layer adapts, the body is shared features (Raghu et al. 2020, eq. 3).
 * Use it when support sets are noisy: fewer parameters follow the noise.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { anil, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(anil({ net: mlp({ inputs: 4, hidden: [8], outputs: 1 }) }).inner.layers, "head");
 * ```
 */
export function anil(options: PresetOptions): MetaConfig {
  return preset(options, { inner: { layers: "head" } });
}

/**
 * Meta-SGD: a learning rate a parameter, learned with the start (Li et al. 2017, eq. 3; here α = exp(logLr) stays positive).
 * Use it when there are enough tasks to learn twice the numbers from.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { metaSgd, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(metaSgd({ net: mlp({ inputs: 4, hidden: [8], outputs: 1 }) }).learn, { params: true, lr: true });
 * ```
 */
export function metaSgd(options: PresetOptions): MetaConfig {
  return preset(options, { inner: { lrShape: { per: "parameter" } }, learn: { params: true, lr: true } });
}

/**
 * MAML++: a learned rate a layer and step, a loss after every step whose weights move to the last one, first order before
 * second, cosine outer rate (Antoniou, Edwards & Storkey 2019, section 4). Use it when plain MAML trains unsteadily.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { mamlPlusPlus, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const config = mamlPlusPlus({ net: mlp({ inputs: 4, hidden: [8], outputs: 1 }) });
 * assertEquals(config.inner.lrShape, { per: "layer", perStep: true });
 * ```
 */
export function mamlPlusPlus(options: PresetOptions): MetaConfig {
  return preset(options, {
    inner: { lrShape: { per: "layer", perStep: true } },
    learn: { params: true, lr: true },
    gradient: (steps) => ({
      kind: "unrolled",
      stepWeights: Array.from({ length: steps + 1 }, (_, k) => steps === 0 ? 1 : k === 0 ? 0 : 1 / steps),
      stepWeightsAnneal: 1000,
      firstOrderSteps: 500,
    }),
    outer: { schedule: { kind: "cosine", steps: 10_000, floor: 0.01 } },
  });
}

/**
 * Implicit MAML: the gradient at the proximal solution, (I + H/ρ)⁻¹ ∇L_query(θ_K) by conjugate gradients, whatever path the
 * inner loop took (Rajeswaran et al. 2019, eq. 6, algorithm 2). Use it with many inner steps: memory does not grow with them.
 * The formula holds where the inner loop has come to rest, so the preset makes up to 16 steps whose length follows the curvature
 * (Barzilai & Borwein 1988) until ‖g‖ is a hundredth of what it was; `adapt` and `metaStep` say how near it came. Conjugate gradients
 * end after 5 iterations or at negative curvature: `checkImplicit` follows them.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { adapt, imaml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const state = metaInit(imaml({ net: mlp({ inputs: 1, hidden: [8], outputs: 1 }) }));
 * const { stationarity } = await adapt(engine, state, { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) });
 * assert(stationarity! <= 0.01);
 * ```
 */
export function imaml(options: PresetOptions): MetaConfig {
  return preset(options, {
    inner: { steps: 16, lr: 0.001, proximal: 5, tolerance: 0.01, rule: { kind: "barzilaiBorwein" } },
    gradient: () => ({ kind: "implicit", cgSteps: 5 }),
    outer: { clipNorm: 1 },
  });
}

/**
 * Meta-gradient: the parameters stay, what is learned is how to learn: rates and the loss (Xu, van Hasselt & Silver 2018,
 * eq. 5, for the rates; Bechtle et al. 2021, eq. 4, for the loss). The setting of the online trader.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { metaGradient, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const { learn } = metaGradient({ net: mlp({ inputs: 4, hidden: [8], outputs: 1 }) });
 * assertEquals(learn, { params: false, lr: true, loss: true });
 * ```
 */
export function metaGradient(options: PresetOptions): MetaConfig {
  return preset(options, {
    inner: { lrShape: { per: "layer" } },
    loss: { kind: "learned", tau: 0.25 },
    learn: { params: false, lr: true, loss: true },
  });
}

/**
 * A learned optimiser: two LSTM layers read each parameter's gradient and say its step (Andrychowicz et al. 2016, eq. 3). The
 * start and the optimiser are learned; the gradients that it reads are constants to the outer loop. `inner.rule` sets its width, or
 * another optimiser: `{ kind: "mlp" }` (Metz et al. 2019). Use it where many tasks alike are each optimised for long; it is trained
 * on as many inner steps as it will make. Not on markets whose tasks give a step or two: a learned rate does as well there.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { learnedOptimizer, metaInit, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const state = metaInit(learnedOptimizer({ net: mlp({ inputs: 4, hidden: [8], outputs: 1 }) }));
 * assertEquals(Object.keys(state.values), ["theta", "weightDecay", "rule"]);
 * ```
 */
export function learnedOptimizer(options: PresetOptions): MetaConfig {
  return preset(options, {
    inner: { rule: { kind: "learned", hidden: 20, scale: 0.1 } },
    learn: { params: true, rule: true },
    outer: { clipNorm: 1 },
  });
}

/**
 * The LSTM meta-learner: `θ ← f⊙θ − i⊙∇L` with learned gates, which see the gradient, the loss, the parameter and the gate before
 * (Ravi & Larochelle 2017, eq. 2 to 4). The paper's gates share 14 numbers among all parameters and its gradient is a constant to the
 * outer loop: that is `inner: { rule: { kind: "gated" } }`, far behind `metaSgd` on sinusoids. The preset differentiates the gradient
 * and multiplies i by a rate a parameter, learned with the start and the gates: `θ ← f⊙θ − α⊙i⊙∇L`. Meta-SGD is a special case of
 * that, and came to the same on sinusoids (bench/METHODS.md): take it where a step must be cheap. Rates begin at 1, whatever
 * `inner.lr`.
 *
 * @throws {RangeError} A setting is out of range.
 *
 * @example
 * ```ts
 * import { lstmMetaLearner, metaInit, mlp } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const { values } = metaInit(lstmMetaLearner({ net: mlp({ inputs: 4, hidden: [8], outputs: 1 }) }));
 * assertEquals([values.rule.length, values.logLr.length, values.logLr[0]], [14, values.theta.length, 0]);
 * ```
 */
export function lstmMetaLearner(options: PresetOptions): MetaConfig {
  const rule: RuleConfig = options.inner?.rule ?? { kind: "gated", firstOrder: false, rates: true };
  const rates = rule.kind === "gated" && rule.rates === true;
  return preset(options, {
    inner: { rule, ...(rates && { lrShape: { per: "parameter" } }) },
    learn: { params: true, rule: true, ...(rates && { lr: true }) },
    outer: { clipNorm: 1 },
  });
}
