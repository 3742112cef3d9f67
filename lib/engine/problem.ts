/**
 * The bilevel problem as an engine sees it: plain data, already validated, every default filled in.
 * It names no method (MAML, Reptile, ...) and no market; `lib/meta` resolves a config into this.
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import type { InnerProblem, OuterGradient, RateShape } from "../method/problem.ts";

export type { InnerProblem, OuterGradient, RateShape };

/** Rows of inputs and targets with their weights. */
export interface Samples {
  /** Number of rows, at least 1. */
  readonly rows: number;
  /** Inputs, `[rows, inputs]` row-major. */
  readonly x: Float32Array;
  /** Targets, `[rows, outputs]` row-major. */
  readonly y: Float32Array;
  /** Row weights, `[rows]`, at least 0 and not all 0; absent means all 1. */
  readonly weights?: Float32Array;
}

/** One few-shot task: adapt on `support`, be judged on `query`. Tasks of one batch may differ in rows. */
export interface Task {
  /** A label for reports. */
  readonly name?: string;
  /** What it was cut from, such as a market; a state remembers it. */
  readonly market?: string;
  /** When its last label became known, ms UTC; a state remembers the latest. */
  readonly knownAt?: number;
  /** The rows the inner loop learns from. */
  readonly support: Samples;
  /** The rows the adapted parameters are judged on. */
  readonly query: Samples;
  /** Which environment the task is from, such as a market or a regime; read by `outer.invariance`. */
  readonly environment?: number;
}

/** The loss of a row; φ of one that is shaped by it is not here but in {@linkcode Learner}. Formulas: design sections 4 and 8. */
export type LossShape = LossConfig;

/** Arrays in an engine's own precision: float64 from the reference, else float32. */
export type Floats = Float32Array | Float64Array;

/** What the outer loop may learn. */
export interface Learner {
  /** θ_0, `[parameterCount]`. */
  readonly params: Float32Array;
  /** log α, `[rows, 1 | layers | parameterCount]` with rows = steps if per step, else 1. */
  readonly logLr: Float32Array;
  /** φ of the loss (of the learned one: direction, magnitude, asymmetry); `[3]` and ignored where the loss has none. */
  readonly phi: Float32Array;
  /** Weight decay ω, a float32 value of at least 0. */
  readonly weightDecay: number;
  /** Further learned arrays by name: `rule`, where the inner rule has learnables. */
  readonly others?: Readonly<Record<string, Float32Array>>;
}

/** Parts of the learner that an outer step moves. */
export interface LearnMask {
  /** Initial parameters θ_0. */
  readonly params: boolean;
  /** Log learning rates. */
  readonly lr: boolean;
  /** φ of the learned loss. */
  readonly loss: boolean;
  /** Weight decay ω; held at or above 0. */
  readonly weightDecay: boolean;
  /** The further learned arrays (default false). */
  readonly others?: boolean;
}

/** The rule of the outer update. See `lib/engine/outer_update.ts` for the formulas. */
export interface OuterRule {
  /** Adam (Kingma & Ba 2015) or SGD with momentum. */
  readonly optimizer: "adam" | "sgd";
  /** First moment decay of Adam. */
  readonly beta1: number;
  /** Second moment decay of Adam. */
  readonly beta2: number;
  /** Added to Adam's denominator. */
  readonly epsilon: number;
  /** Momentum of SGD; 0 for none. */
  readonly momentum: number;
  /** Decoupled weight decay of θ_0 (Loshchilov & Hutter 2019); 0 for none. */
  readonly weightDecay: number;
  /** Factor of the outer rate for the log rates (default 1). */
  readonly ratesFactor?: number;
  /** The learned part of the gradient is scaled down to this Euclidean norm; Infinity for never. */
  readonly clipNorm: number;
}

/** Moments of the outer optimiser over the learnables `[params | logLr | phi | weightDecay | others]`. */
export interface OuterMoments {
  /** First moment (Adam) or velocity (SGD). */
  readonly first: Float32Array;
  /** Second moment (Adam); zeros for SGD. */
  readonly second: Float32Array;
  /** Updates made so far. */
  readonly step: number;
}

/** The gradient of the meta-loss by everything learnable, whether or not it is being learned. */
export interface MetaGradient {
  /** Mean over tasks of Σ_k s_k L_query(θ_k); for reptile and implicit L_query(θ_K). */
  readonly loss: number;
  /** Each task's share of the above before the mean, `[tasks]`. */
  readonly taskLosses: Floats;
  /** By θ_0, `[parameterCount]`. */
  readonly params: Floats;
  /** By log α, the shape of {@linkcode Learner.logLr}; zeros for reptile and implicit. */
  readonly logLr: Floats;
  /** By φ, the shape of {@linkcode Learner.phi}; zeros unless the loss is shaped by it. */
  readonly phi: Floats;
  /** By ω. */
  readonly weightDecay: number;
  /** By the further learned arrays, by name; absent where there are none. */
  readonly others?: Readonly<Record<string, Floats>>;
}
