/**
 * Which inner steps are stored for the reverse sweep, and where. Storage grows with the inner steps by what that sweep needs and
 * no more: θ_k and the sweep over the support of every step with curvature, and g_k of every step whose learning rate is
 * differentiated.
 * @module
 */
import type { FusedProblem, OuterGradient } from "../problem.ts";

/** Most rows of the support and of the query sets of a batch. */
export interface Rows {
  /** Of a support. */
  readonly support: number;
  /** Of a query. */
  readonly query: number;
}

/** Which inner steps are stored where. */
export interface Slots {
  /** First step whose θ is kept in a slot of its own. */
  readonly keptFrom: number;
  /** First step whose curvature counts; K when none does. */
  readonly curvedFrom: number;
  /** Slot of θ_k. Steps before the first one that is needed again share slot 0. */
  readonly theta: (k: number) => number;
  /** Slots of θ. */
  readonly thetaSlots: number;
  /** Slot of step k's sweep over the support. */
  readonly tape: (k: number) => number;
  /** Slots of sweeps. */
  readonly tapeSlots: number;
  /** Slots of gradients: one a step, or one in all. */
  readonly gradientSlots: number;
  /** Regions of `[tasks, P]` for the reverse sweep. */
  readonly adjoints: number;
}

/** Decides what is stored. Without `gradient` nothing is: the inner loop runs in place. */
export function planSlots(inner: FusedProblem, gradient?: OuterGradient): Slots {
  const { steps } = inner;
  let [curvedFrom, keptFrom] = [steps, steps];
  if (gradient?.kind === "unrolled") {
    curvedFrom = Math.max(0, steps - gradient.backpropSteps);
    const firstJudged = gradient.stepWeights.findIndex((weight) => weight !== 0);
    keptFrom = Math.min(curvedFrom, firstJudged < 0 ? steps : firstJudged);
  }
  return {
    keptFrom,
    curvedFrom,
    theta: (k) => Math.max(0, k - keptFrom),
    thetaSlots: steps - keptFrom + 1,
    tape: (k) => Math.max(0, Math.min(k, steps - 1) - curvedFrom),
    tapeSlots: Math.max(1, steps - curvedFrom),
    gradientSlots: gradient?.kind === "unrolled" ? Math.max(1, steps) : 1,
    adjoints: gradient === undefined ? 0 : gradient.kind === "implicit" ? 3 : inner.proximal > 0 ? 2 : 1,
  };
}
