/**
 * What the bilevel core throws beyond `TypeError` and `RangeError`.
 * @module
 */
import type { MetaState } from "./state.ts";

/** Thrown when an outer step's loss or gradient is not finite. Nothing is lost: it carries the last good state. */
export class DivergedError extends Error {
  /** The class name, for logs. */
  override readonly name = "DivergedError";
  /** The state before the step that diverged. */
  readonly state: MetaState;
  /** The outer step that diverged (0 is the first). */
  readonly step: number;
  /** Its meta-loss. */
  readonly loss: number;
  /** Its gradient norm. */
  readonly gradNorm: number;

  /** Makes the error from the last good state and the figures that were not finite. */
  constructor(state: MetaState, figures: { readonly loss: number; readonly gradNorm: number }) {
    super(
      `Outer step ${state.step} diverged: loss ${figures.loss}, gradient norm ${figures.gradNorm}; ` +
        `lower inner.lr (now ${state.config.inner.lr}) or inner.steps, or set outer.clipNorm`,
    );
    this.state = state;
    this.step = state.step;
    this.loss = figures.loss;
    this.gradNorm = figures.gradNorm;
  }
}
