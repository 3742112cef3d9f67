/**
 * How the forecast error falls with the steps of adaptation.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { adaptedForecasts } from "../meta/predict.ts";
import type { MetaState } from "../meta/state.ts";
import { predictedReturns, queryLoss, type WalkForward } from "./walk_forward.ts";

/** Query loss after each number of steps. */
export interface AdaptationCurve {
  /** Inner steps, ascending, `[points]`. */
  readonly steps: readonly number[];
  /** Mean squared forecast error after them, in units of the support's label deviation, `[points]`; NaN where it diverged. */
  readonly losses: readonly number[];
}

/** What {@linkcode adaptationCurve} takes. */
export interface AdaptationCurveOptions {
  /** Numbers of inner steps (default 0, 1, 5 and 10). */
  readonly steps?: readonly number[];
  /** A point measured already on the same walk-forward; it is not measured again. */
  readonly known?: { readonly steps: number; readonly loss: number };
}

/** Steps at which adaptation curves are taken. */
export const CURVE_STEPS: readonly number[] = Object.freeze([0, 1, 5, 10]);

/**
 * Measures the query loss over a walk-forward after several numbers of inner steps.
 *
 * @param engine Where to adapt.
 * @param state The start to adapt from.
 * @param walk The decisions to forecast.
 * @param options Numbers of inner steps, and a point measured already.
 */
export async function adaptationCurve(
  engine: Engine,
  state: MetaState,
  walk: WalkForward,
  options: AdaptationCurveOptions = {},
): Promise<AdaptationCurve> {
  const { steps = CURVE_STEPS, known } = options;
  const losses: number[] = [];
  for (const count of steps) {
    if (count === known?.steps) {
      losses.push(known.loss);
      continue;
    }
    const outputs = await adaptedForecasts(engine, state, walk.pairs, { steps: count });
    losses.push(queryLoss(walk, predictedReturns(walk, outputs)));
  }
  return { steps: [...steps], losses };
}
