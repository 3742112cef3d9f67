/**
 * The inner rules by name: how a step of the inner loop moves the parameters. Plain data, but for a custom one's functions.
 * @module
 */
import type { Random } from "../net/random.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Shape, Value } from "../program/value.ts";

/** What a rule carries from step to step. */
export type RuleState = Readonly<Record<string, Value>>;

/** What a step is made from. Vectors are of the parameters that adapt, `[n]`. */
export interface RuleStep {
  /** θ_k. */
  readonly theta: Value;
  /** g_k = ∇L + ωθ_k + ρ(θ_k − θ_0). */
  readonly gradient: Value;
  /** L(θ_k), a scalar. */
  readonly loss: Value;
  /** α_k, a scalar or `[n]`. */
  readonly rate: Value;
  /** k, 0 is the first. */
  readonly step: number;
  /** Where each tensor of the model lies among the parameters that adapt: `[start, end)`. */
  readonly parts: readonly { readonly start: number; readonly end: number }[];
  /** What the step before left. */
  readonly state: RuleState;
  /** The rule's own learned numbers, by name. */
  readonly learned: Readonly<Record<string, Value>>;
}

/** What a step gives. */
export interface RuleMove {
  /** θ_{k+1}, `[n]`. */
  readonly theta: Value;
  /** What the next step gets; absent means as it was. */
  readonly state?: RuleState;
}

/** A rule of one's own. */
export interface CustomRule {
  /** A rule of one's own. */
  readonly kind: "custom";
  /** A name for messages and checkpoints. */
  readonly name?: string;
  /** Shapes of numbers that the outer loop can learn (`learn.rule`), by name (default none). */
  readonly learnables?: Readonly<Record<string, Shape>>;
  /** Their initial values, by name; those left out are drawn (matrices by Glorot's variance, vectors zeros). */
  readonly start?: (stream: Random) => Readonly<Record<string, ArrayLike<number>>>;
  /** What the first step gets, from θ_0 (default nothing). Pure. */
  init?(g: Graph, theta: Value): RuleState;
  /** A step. Pure. `g.stop` on the gradient makes the rule first order. */
  update(g: Graph, step: RuleStep): RuleMove;
}

/** How the inner loop moves its parameters. */
export type RuleConfig =
  | {
    /** θ − α·g. */
    readonly kind: "sgd";
  }
  | {
    /** v = μv + g, θ − α·v (Polyak 1964). */
    readonly kind: "momentum";
    /** μ, in [0, 1). */
    readonly mu: number;
  }
  | {
    /**
     * Steps whose length follows the curvature (Barzilai & Borwein 1988, the shorter of their two): few reach a minimum, whatever
     * the scale of the problem. The rate is the first step's. For loops that run to a tolerance.
     */
    readonly kind: "barzilaiBorwein";
  }
  | {
    /** Adam (Kingma & Ba 2015, algorithm 1), differentiable: θ − α·m̂/(√(v̂ + ε_root) + ε). */
    readonly kind: "adam";
    /** Decay of the first moment, in [0, 1) (default 0.9). */
    readonly beta1?: number;
    /** Decay of the second, in [0, 1) (default 0.999). */
    readonly beta2?: number;
    /** ε, at least 0 (default 1e-8). */
    readonly epsilon?: number;
    /** ε_root, at least 0 (default 1e-8): at 0 the root's slope is infinite where a gradient is 0. */
    readonly epsilonRoot?: number;
  }
  | {
    /** Two layers of LSTM read each coordinate's gradient: θ + scale·(h·wo + bo) (Andrychowicz et al. 2016, eq. 3). First order. */
    readonly kind: "learned";
    /** Width of the layers, at least 1. */
    readonly hidden: number;
    /** Factor of the step, above 0. */
    readonly scale: number;
  }
  | {
    /** θ = f⊙θ − i⊙g with learned gates f and i (Ravi & Larochelle 2017, eq. 2 to 4). */
    readonly kind: "gated";
    /** Whether g is a constant to the outer loop, as in the paper (default true); false differentiates it, as MAML does. */
    readonly firstOrder?: boolean;
    /**
     * Whether i⊙g is also multiplied by the learning rates, which then begin at 1 (default false): with `learn.lr` and a rate a
     * parameter, all that Meta-SGD can learn is a special case. The gates begin by reading the parameter alone.
     */
    readonly rates?: boolean;
  }
  | {
    /**
     * A perceptron reads 19 features of each parameter, among them the gradient's running means: θ − scale·d·e^(0.001·m) (Metz et
     * al. 2019, appendix B). First order.
     */
    readonly kind: "mlp";
    /** Widths of its hidden layers, each at least 1 (default 32, 32). */
    readonly hidden?: readonly number[];
    /** Factor of the step, above 0 (default 0.001). */
    readonly scale?: number;
  }
  | {
    /** Stein variational gradient descent (Liu & Wang 2016) of a model of `particles()`, by the loss `particles`; see `svgd.ts`. */
    readonly kind: "svgd";
    /** The model's particles, at least 1. */
    readonly particles: number;
    /**
     * T, above 0 (default 1): the particles sample e^(−L/T), L the support's mean loss and decay. 1/rows makes that the posterior
     * where the loss is a negative log likelihood.
     */
    readonly temperature?: number;
    /** h, above 0, in squared units of the parameters (default mean squared distance / log(particles + 1)). */
    readonly bandwidth?: number;
  }
  | CustomRule;
