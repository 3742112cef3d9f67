/**
 * The bilevel problem as an engine sees it: plain data, already validated, every default filled in.
 * It names no method (MAML, Reptile, ...) and no market; `lib/meta` resolves a config into this.
 * @module
 */
import type { Mlp } from "../net/mlp.ts";

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
}

/** A per-sample loss; the learned one's φ is not here but in {@linkcode Learner}. Formulas: design section 4. */
export type LossShape =
  | { readonly kind: "mse" }
  | { readonly kind: "huber"; readonly delta: number }
  | { readonly kind: "learned"; readonly tau: number };

/** How learning rates are shared: one, one a layer, one a parameter; each once or once an inner step. */
export interface RateShape {
  /** What shares a rate. */
  readonly per: "scalar" | "layer" | "parameter";
  /** Whether each inner step has its own. */
  readonly perStep: boolean;
}

/** The inner loop: θ_{k+1} = θ_k − m ⊙ α_k ⊙ (∇L(θ_k) + ω θ_k + ρ (θ_k − θ_0)). */
export interface InnerProblem {
  /** The network. */
  readonly net: Mlp;
  /** The support loss. */
  readonly loss: LossShape;
  /** Inner steps K, at least 0. */
  readonly steps: number;
  /** How logLr is laid out. Steps beyond the last per-step row use the last row. */
  readonly rate: RateShape;
  /** True when only the last layer adapts (m is 1 there and 0 elsewhere). */
  readonly headOnly: boolean;
  /** Proximal strength ρ, at least 0. */
  readonly proximal: number;
}

/** How the outer gradient is taken through the inner loop. */
export type OuterGradient =
  | {
    readonly kind: "unrolled";
    /** Curvature is kept for the last this many steps; 0 is first order. */
    readonly backpropSteps: number;
    /** s_k, `[steps + 1]`: weight of the query loss at θ_k. */
    readonly stepWeights: readonly number[];
  }
  | { readonly kind: "reptile" }
  | {
    readonly kind: "implicit";
    /** Most conjugate-gradient iterations. */
    readonly cgSteps: number;
    /** Stop once ‖residual‖ ≤ tolerance · ‖∇L_query‖. */
    readonly tolerance: number;
  };

/** What the outer loop may learn. */
export interface Learner {
  /** θ_0, `[parameterCount]`. */
  readonly params: Float32Array;
  /** log α, `[rows, 1 | layers | parameterCount]` with rows = steps if per step, else 1. */
  readonly logLr: Float32Array;
  /** φ of the learned loss: direction, magnitude, asymmetry; `[3]`, present (and ignored) for other losses too. */
  readonly phi: Float32Array;
  /** Weight decay ω, a float32 value of at least 0. */
  readonly weightDecay: number;
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

/** Moments of the outer optimiser over the learnables `[params | logLr | phi | weightDecay]`, length P + R + 4. */
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
  readonly taskLosses: Float32Array;
  /** By θ_0, `[parameterCount]`. */
  readonly params: Float32Array;
  /** By log α, the shape of {@linkcode Learner.logLr}; zeros for reptile and implicit. */
  readonly logLr: Float32Array;
  /** By φ, `[3]`; zeros unless the loss is learned. */
  readonly phi: Float32Array;
  /** By ω. */
  readonly weightDecay: number;
}
