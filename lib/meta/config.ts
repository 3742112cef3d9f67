/**
 * What is learned and how: the user's {@linkcode MetaConfig}. It is plain data; `resolve.ts` checks it and fills in the defaults.
 * @module
 */
import type { LossConfig } from "../loss/config.ts";
import type { Method } from "../method/method.ts";
import type { Model } from "../model/model.ts";
import type { RuleConfig } from "../rule/config.ts";

export type { LossConfig, RuleConfig };

/** The inner loop's settings. */
export interface InnerConfig {
  /** Inner steps K, an integer of at least 0. */
  readonly steps: number;
  /** Initial inner learning rate α, above 0. */
  readonly lr: number;
  /** How rates are shared (default one scalar for all steps). */
  readonly lrShape?: { readonly per: "scalar" | "layer" | "parameter"; readonly perStep?: boolean };
  /** Which layers adapt: all (default) or the last one alone. */
  readonly layers?: "all" | "head";
  /** Initial weight decay ω of the inner loop, at least 0 (default 0). */
  readonly weightDecay?: number;
  /** Proximal strength ρ towards θ_0, at least 0 (default 0). */
  readonly proximal?: number;
  /**
   * The loop comes to rest once ‖g_k‖ ≤ tolerance · ‖g_0‖, g_k = ∇L + ωθ_k + ρ(θ_k − θ_0), and `steps` are the most that it makes; in
   * [0, 1) (default 0: it makes them all). For an implicit gradient alone: an unrolled one is of a number of steps that is fixed.
   */
  readonly tolerance?: number;
  /** How a step moves the parameters (default sgd). `learned`, `gated` and `mlp` read no learning rate. */
  readonly rule?: RuleConfig;
}

/** How the outer gradient is taken. */
export type GradientConfig =
  | {
    readonly kind: "unrolled";
    /** Curvature is kept for the last this many inner steps (default all; 0 is first order). */
    readonly backpropSteps?: number;
    /** s_k, `[steps + 1]`, at least 0, not all 0: weight of the query loss at θ_k (default the last alone). */
    readonly stepWeights?: readonly number[];
    /** Outer steps over which stepWeights move linearly to the last step alone (default 0: they stay). */
    readonly stepWeightsAnneal?: number;
    /** The first this many outer steps are first order (derivative-order annealing; default 0). */
    readonly firstOrderSteps?: number;
  }
  | { readonly kind: "reptile" }
  | {
    readonly kind: "implicit";
    /** Most conjugate-gradient iterations (default 32). */
    readonly cgSteps?: number;
    /** Stop once ‖residual‖ ≤ tolerance · ‖∇L_query‖ (default 1e-6). */
    readonly tolerance?: number;
  };

/** What an outer step moves. */
export interface LearnConfig {
  /** Initial parameters θ_0. */
  readonly params?: boolean;
  /** Log learning rates. */
  readonly lr?: boolean;
  /** φ of the loss. */
  readonly loss?: boolean;
  /** Weight decay ω. */
  readonly weightDecay?: boolean;
  /** What the inner rule can learn. */
  readonly rule?: boolean;
}

/** The outer learning rate over time. */
export type ScheduleConfig =
  | { readonly kind: "constant" }
  | {
    readonly kind: "cosine";
    /** Outer steps from the start to the floor, at least 1. */
    readonly steps: number;
    /** Outer steps of linear warm-up at the start, below `steps` (default 0). */
    readonly warmup?: number;
    /** Final rate as a fraction of `lr`, in [0, 1] (default 0). */
    readonly floor?: number;
  };

/** The outer optimiser. */
export interface OuterConfig {
  /** Adam (default) or SGD with momentum. */
  readonly optimizer?: "adam" | "sgd";
  /** Outer learning rate, above 0 (default 1e-3). */
  readonly lr?: number;
  /** Outer learning rate of the log rates, above 0, on the same schedule (default `lr`): rates want steps ten times larger. */
  readonly ratesLr?: number;
  /** Largest Euclidean norm of the gradient's learned part, above 0 (default: no clipping). */
  readonly clipNorm?: number;
  /** Adam's β₁ in [0, 1) (default 0.9). */
  readonly beta1?: number;
  /** Adam's β₂ in [0, 1) (default 0.999). */
  readonly beta2?: number;
  /** Adam's ε, above 0 (default 1e-8). */
  readonly epsilon?: number;
  /** SGD's momentum in [0, 1) (default 0). */
  readonly momentum?: number;
  /** Decoupled decay of θ_0, at least 0 (default 0). */
  readonly weightDecay?: number;
  /** Learning rate over time (default constant). */
  readonly schedule?: ScheduleConfig;
  /** What the outer loss holds against environments that differ (default nothing: the mean over tasks). */
  readonly invariance?: InvarianceConfig;
}

/**
 * What the outer loss adds to the mean over environments of their mean task losses R_e: strength × a penalty. Environments are the
 * tasks' `environment`.
 *
 * `rex`: risk extrapolation (Krueger et al. 2021, eq. 8), the population variance of the R_e. `irm`: invariant risk minimisation
 * (Arjovsky et al. 2019, IRMv1), the mean of (∂R_e(w·f)/∂w at w = 1)², f the adapted outputs: 0 where no environment would scale
 * them. Of an environment of several tasks the square is the product over two halves of them, every other one, which noise does not
 * bias. IRM's strength decides: begin without it and raise it by
 * `metaInit(config, { values: state.values })`.
 */
export interface InvarianceConfig {
  /** Which penalty. */
  readonly kind: "rex" | "irm";
  /** Weight of the penalty, at least 0, per unit of loss. */
  readonly strength: number;
}

/** A bilevel learning method as data. The presets (`maml`, `fomaml`, ...) build these. */
export interface MetaConfig {
  /** The model: `mlp()`, `lstm()`, `tcn()`, `attention()`, or one's own from `defineModel()`. */
  readonly net: Model;
  /** The inner loop. */
  readonly inner: InnerConfig;
  /** The support loss (default mse). */
  readonly loss?: LossConfig;
  /** The query loss (default the support loss; mse where φ shapes it). */
  readonly outerLoss?: LossConfig;
  /** How the outer gradient is taken (default unrolled, exact). */
  readonly gradient?: GradientConfig;
  /** What is learned (default the initial parameters). */
  readonly learn?: LearnConfig;
  /** The outer optimiser (default Adam, 1e-3). */
  readonly outer?: OuterConfig;
  /** The method that stands in the inner loop's place; `metaInit` sets it, and all above but `outer`, from a {@linkcode MethodConfig}. */
  readonly method?: Method;
}

/** A method that learns in one pass, and how it is trained over tasks. */
export interface MethodConfig {
  /** Such as `prototypical()`, or one's own from `defineMethod()`. */
  readonly method: Method;
  /** The outer optimiser (default Adam, 1e-3). */
  readonly outer?: OuterConfig;
}
