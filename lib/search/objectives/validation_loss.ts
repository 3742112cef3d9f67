/**
 * The objective `validationLoss`: what a forecaster's own validation says of it. It is chosen on the same decisions as inner steps
 * and shrinkage, so it flatters; a test must follow.
 * @module
 */
import type { Candles } from "../../data/candles.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import type { Pool } from "../../pool/pool.ts";
import type { Objective } from "../trial_job.ts";
import {
  marketObjective,
  marketsOf,
  requireTraining,
  type RunObjective,
  TRAINING_KEYS,
  type TrainingSettings,
  trainTrial,
} from "./training.ts";

const KEYS: OptionKeys<TrainingSettings> = TRAINING_KEYS;

/** Runs it: the loss is the forecast's as it is made, over that of saying nothing. */
export const runValidationLoss: RunObjective = async (inputs, task, context) => {
  const { validation } = await trainTrial(marketsOf(inputs), task, context);
  return { loss: validation.chosen / validation.anchor, detail: { ...validation } };
};

/**
 * Searches for the forecaster that validates best: the loss is its mean squared error on the validation decisions over that of
 * saying nothing, so below 1 something was found.
 *
 * @param pool Where trials run; the markets are put there.
 * @param markets Markets to learn over.
 * @param options The training, and what a unit of budget buys.
 * @returns The objective.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown, or the target is one's own.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { openPool } from "@adaptrade/adaptrade/pool";
 * import { randomSearch, runSearch, validationLoss } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * const pool = await openPool("local", { workers: 0 });
 * const markets = await sampleMarkets({ symbols: ["DAX", "FTSE"] });
 * const training = { target: { kind: "logVolatility", horizon: 5 }, testFrom: Date.UTC(1998, 0), seeds: 1 } as const;
 * const objective = await validationLoss(pool, markets, { training, steps: 10 });
 * const space = { "pretrain.lr": { kind: "logUniform", min: 1e-4, max: 1e-2 } } as const;
 * const { trials } = await runSearch(pool, { space, method: randomSearch({ trials: 2 }), objective });
 * assertEquals(trials.length, 2);
 * await pool[Symbol.asyncDispose]();
 * ```
 */
export async function validationLoss(
  pool: Pool,
  markets: readonly Candles[],
  options: TrainingSettings,
): Promise<Objective> {
  const action = "Cannot search for a validation loss";
  requireKnownKeys(action, "options", options, KEYS);
  requireTraining(action, options);
  return await marketObjective(pool, markets, { objective: "validationLoss", ...options });
}
