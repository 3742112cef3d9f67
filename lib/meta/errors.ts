/**
 * What the bilevel core throws beyond `TypeError` and `RangeError`.
 * @module
 */
import { firstRate } from "../rule/rules.ts";
import type { MetaState } from "./state.ts";

/** What is known of a divergence. */
export interface Divergence {
  /** The last good state: before the outer step, or what was adapted or predicted from. */
  readonly state: MetaState;
  /** The outer step that diverged, or the inner steps made when the loss ceased to be finite. */
  readonly step: number;
  /** The loss there. */
  readonly loss: number;
  /** Norm of the outer step's gradient; NaN for an inner loop (default NaN). */
  readonly gradNorm?: number;
}

/** Thrown when a loss, a gradient or a prediction is not finite. Nothing is lost: it carries the last good state. */
export class DivergedError extends Error {
  /** The class name, for logs. */
  override readonly name = "DivergedError";
  /** The state before the step that diverged, or what was adapted or predicted from. */
  readonly state: MetaState;
  /** The outer step that diverged (0 is the first), or the inner steps made when the loss ceased to be finite. */
  readonly step: number;
  /** The loss there. */
  readonly loss: number;
  /** The outer step's gradient norm; NaN for an inner loop. */
  readonly gradNorm: number;

  /** Makes the error from what is known of the divergence. */
  constructor(message: string, { state, step, loss, gradNorm = NaN }: Divergence, options: ErrorOptions = {}) {
    super(message, options);
    this.state = state;
    this.step = step;
    this.loss = loss;
    this.gradNorm = gradNorm;
  }
}

/** What can be lowered against a divergence: an inner rate where there is one, else the rate by which rule or method were learned. */
function whatToLower({ config: { inner, method, outer }, values }: MetaState): string {
  if (!method && "logLr" in values && firstRate(inner.rule, inner.lr) === inner.lr) {
    return `lower inner.lr (now ${inner.lr}) or inner.steps`;
  }
  return `lower outer.lr (now ${outer?.lr ?? "1e-3"})${method ? "" : " or inner.steps"}`;
}

/** The error of an outer step, from the last good state and the figures that were not finite. */
export function outerDivergence(
  state: MetaState,
  { loss, gradNorm }: { readonly loss: number; readonly gradNorm: number },
): DivergedError {
  return new DivergedError(
    `Outer step ${state.step} diverged: loss ${loss}, gradient norm ${gradNorm}; ` +
      `${whatToLower(state)}, or set outer.clipNorm`,
    { state, step: state.step, loss, gradNorm },
  );
}

/** The error of an inner loop: `losses` are those before each step and after the last, `[steps + 1]`. */
export function innerDivergence(
  action: string,
  state: MetaState,
  { name, losses }: { readonly name: string; readonly losses: Float32Array },
): DivergedError {
  const steps = losses.length - 1;
  const first = losses.findIndex((loss) => !Number.isFinite(loss));
  const step = first < 0 ? steps : first;
  const what = first < 0
    ? `its outputs are not finite after ${steps} steps, with a loss of ${losses[steps]}`
    : `its loss is ${losses[step]} after ${step} of ${steps} steps`;
  return new DivergedError(
    `${action}: the inner loop on ${name} diverged: ${what}; ${whatToLower(state)}, or scale what it adapts on`,
    { state, step, loss: losses[step] },
  );
}
