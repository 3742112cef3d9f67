/**
 * The losses by name: plain data, but for a custom one's function.
 * @module
 */
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";

/** A loss of one's own. */
export interface CustomLoss {
  /** A loss of one's own. */
  readonly kind: "custom";
  /** A name for messages and checkpoints. */
  readonly name?: string;
  /** Outputs that one target needs (default 1). */
  readonly outputs?: number;
  /** Initial φ, numbers that the loss is shaped by and that can be learned (default none). */
  readonly phi?: readonly number[];
  /**
   * Loss of each row, `[rows]`, from `predicted` `[rows, outputs]` and `target` `[rows, targets]`; `phi` is `[phi.length]`, or
   * a number 0 without φ. Pure.
   */
  row(g: Graph, predicted: Value, target: Value, phi: Value): Value;
}

/** The loss of a row; a set's is the weighted mean over its rows. Formulas: design sections 4 and 8. */
export type LossConfig =
  | {
    /** Mean over targets of e², e = ŷ − y. */
    readonly kind: "mse";
  }
  | {
    /** Mean over targets of ½e² where |e| ≤ δ, else δ(|e| − ½δ). */
    readonly kind: "huber";
    /** Where the quadratic part ends, above 0, in units of the target. */
    readonly delta: number;
  }
  | {
    /** Magnitude and direction, weighed by φ; see design section 4. The query is judged by mse. */
    readonly kind: "learned";
    /** Softness of the direction term, above 0, in units of the target squared. */
    readonly tau: number;
    /** Initial φ: direction, magnitude, asymmetry (default [−3, 0.5413, 0]: symmetric, nearly mse). */
    readonly phi?: readonly [number, number, number];
  }
  | {
    /** −Σ y·log softmax(ŷ): outputs are one logit a class, targets one-hot or probabilities `[rows, classes]`. */
    readonly kind: "crossEntropy";
  }
  | {
    /** Mean over targets of softplus(ŷ) − y·ŷ: outputs are logits, targets in [0, 1]. */
    readonly kind: "logistic";
  }
  | {
    /** Smooth pinball, the mean over targets and levels of τe + s·softplus(−e/s), e = y − ŷ. Outputs are `[targets][levels]`. */
    readonly kind: "quantile";
    /** τ, each in (0, 1), ascending. */
    readonly levels: readonly number[];
    /** s, above 0, in units of the target; towards 0 it becomes the pinball loss, whose curvature is 0. */
    readonly smooth: number;
  }
  | {
    /** Mean over targets of ½(s + (y − μ)²e⁻ˢ), s = log(eᵛ + floor). Outputs are `[means | log variances v]`. */
    readonly kind: "gaussian";
    /** Least variance, above 0, in units of the target squared. */
    readonly floor: number;
  }
  | {
    /**
     * Of a model of `particles()`: the loss `of` for each, over their outputs `[count][outputs]`. `each` is the sum, by whose
     * gradient every particle follows its own loss; `mean` the mean; `mixture` −log of the mean of e^(−loss), the loss of the
     * predictive mixture where `of` is a negative log likelihood (gaussian, crossEntropy, logistic). The query is judged by that
     * mixture, or by the mean of other losses.
     */
    readonly kind: "particles";
    /** Particles, at least 1. */
    readonly count: number;
    /** The loss of each: a built-in one without φ. */
    readonly of: Exclude<LossConfig, { readonly kind: "learned" | "particles" | "custom" }>;
    /** What becomes of them (default each). */
    readonly judge?: "each" | "mean" | "mixture";
  }
  | CustomLoss;
