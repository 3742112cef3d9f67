/**
 * A model's forecasts over a walk-forward, some thousands in a device round trip. It takes no position, and gives no forecast of an inner
 * loop that diverged.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { adaptedForecasts, divergenceOf, firstDiverged } from "../meta/predict.ts";
import type { MetaState } from "../meta/state.ts";
import { predictedReturns, type WalkForward } from "./walk_forward.ts";

/** Decisions of one call: more of them are copied without a turn of the event loop for too long. */
const CHUNK = 4096;

/** What to forecast. */
export interface ForecastRun {
  /** The market's name, for messages. */
  readonly market: string;
  /** Its decisions, or some of them. */
  readonly walk: Pick<WalkForward, "time" | "pairs" | "scalers" | "blind">;
  /** Inner steps at each (default the config's). */
  readonly steps?: number | undefined;
}

/**
 * Adapts at each decision and forecasts the return over the horizon.
 *
 * @param engine Where to adapt.
 * @param state The start to adapt from.
 * @param run Market, decisions and steps.
 * @returns Forecast returns as fractions, `[decisions]`.
 * @throws {DivergedError} An inner loop diverged; the message names the market, the bar and the step.
 */
export async function forecastWalk(engine: Engine, state: MetaState, run: ForecastRun): Promise<Float64Array> {
  const { market, walk, steps } = run;
  const options = steps === undefined ? {} : { steps };
  const outputs: Float32Array[] = [];
  for (let from = 0; from < walk.pairs.length; from += CHUNK) {
    outputs.push(...await adaptedForecasts(engine, state, walk.pairs.slice(from, from + CHUNK), options));
  }
  const bad = firstDiverged(outputs);
  if (bad < 0) return predictedReturns(walk, outputs);
  const action = `Cannot forecast ${market} at ${new Date(walk.time[bad]).toISOString()}`;
  throw await divergenceOf(action, engine, { state, name: "its support", support: walk.pairs[bad].support, options });
}
