/**
 * The bilevel problem: an inner loop that adapts, and how the outer gradient is taken through it. Checked, every default
 * filled in. It names no method (MAML, Reptile, ...), no backend and no market.
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import type { Model } from "../model/model.ts";
import type { RuleConfig } from "../rule/config.ts";
import type { Method } from "./method.ts";

/** How learning rates are shared: one, one a layer, one a parameter; each once or once an inner step. */
export interface RateShape {
  /** What shares a rate. */
  readonly per: "scalar" | "layer" | "parameter";
  /** Whether each inner step has its own. */
  readonly perStep: boolean;
}

/** The inner loop: θ_{k+1} is the rule's step from θ_k along g_k = ∇L(θ_k) + ωθ_k + ρ(θ_k − θ_0); sgd: θ_k − m ⊙ α_k ⊙ g_k. */
export interface InnerProblem {
  /** The model. */
  readonly net: Model;
  /** The support loss; initial values of its φ are not read here. */
  readonly loss: LossConfig;
  /** Inner steps K, at least 0. */
  readonly steps: number;
  /** How logLr is laid out. Steps beyond the last per-step row use the last row. */
  readonly rate: RateShape;
  /** True when only the last group of parameters adapts (m is 1 there and 0 elsewhere). */
  readonly headOnly: boolean;
  /** Proximal strength ρ, at least 0. */
  readonly proximal: number;
  /** The loop comes to rest once ‖g_k‖ ≤ tolerance · ‖g_0‖ (default 0: it makes all its steps). */
  readonly tolerance?: number;
  /** How a step moves the parameters (default sgd). */
  readonly rule?: RuleConfig;
  /** The query loss (default the support loss; mse where φ shapes it). */
  readonly outerLoss?: LossConfig;
  /** A method that learns in one pass, in place of the inner loop; `net` and `loss` are then its widths and its loss, `steps` 0. */
  readonly method?: Method;
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
