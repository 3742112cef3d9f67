/**
 * The objective `walkForwardSkill`: a forecaster trained before each of some dates and judged after it, on every market and on
 * decisions a horizon apart, against saying nothing. No label that it is judged on was chosen on.
 * @module
 */
import type { Candles } from "../../data/candles.ts";
import { forecast } from "../../forecast/forecast.ts";
import { targetScale } from "../../forecast/target.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import type { Json } from "../../pool/job.ts";
import type { Pool } from "../../pool/pool.ts";
import { sharpeEstimate } from "../../statistics/sharpe_estimate.ts";
import type { Objective } from "../trial_job.ts";
import {
  livesWithin,
  marketObjective,
  marketsOf,
  requireTraining,
  type RunObjective,
  TRAINING_KEYS,
  type TrainingSettings,
  trainTrial,
} from "./training.ts";

/** What {@linkcode walkForwardSkill} takes. */
export interface WalkForwardSkillSettings extends TrainingSettings {
  /** First decision that is judged, ms UTC. */
  readonly from: number;
  /** Decisions before this, ms UTC. */
  readonly to: number;
  /** Trainings, at dates evenly between (default 2). */
  readonly folds?: number;
}

const KEYS: OptionKeys<WalkForwardSkillSettings> = { ...TRAINING_KEYS, from: true, to: true, folds: true };

/** Squared errors by time of decision: of the forecasts, and of saying nothing. */
type Errors = Map<number, { own: number; nothing: number; count: number }>;

/** Runs it. Its detail holds the gain over saying nothing as a ratio of mean and deviation, as a Sharpe ratio is estimated. */
export const runWalkForwardSkill: RunObjective = async (inputs, task, context) => {
  const { from, to, folds = 2 } = task.params as unknown as WalkForwardSkillSettings;
  const markets = marketsOf(inputs);
  const engine = await context.engine();
  const errors: Errors = new Map();
  for (let fold = 0; fold < folds; fold++) {
    const [begin, end] = [fold, fold + 1].map((at) => from + (to - from) * at / folds);
    const forecaster = await trainTrial(markets, task, { ...context, own: { testFrom: begin } });
    const { target, scaler: { labelMean } } = forecaster;
    const scale = targetScale(target);
    for (const market of markets) {
      if (!livesWithin(market, begin, end)) continue;
      const range = { from: begin, to: end, every: target.horizon, others: markets, signal: context.signal };
      const { time, value, anchor, labels, knownAt } = await forecast(engine, forecaster, market, range);
      time.forEach((at, i) => {
        // A label that comes to be known behind `to` belongs to what the search may not see.
        if (Number.isNaN(labels[i]) || !Number.isFinite(value[i]) || knownAt[i] >= to) return;
        const label = scale.relative(labels[i], anchor[i]);
        const [own, nothing] = [label - scale.relative(value[i], anchor[i]), label - labelMean];
        const sum = errors.get(at) ?? { own: 0, nothing: 0, count: 0 };
        errors.set(at, { own: sum.own + own ** 2, nothing: sum.nothing + nothing ** 2, count: sum.count + 1 });
      });
    }
  }
  const byTime = [...errors].sort(([a], [b]) => a - b).map(([, error]) => error);
  const [own, nothing] = (["own", "nothing"] as const).map((which) => byTime.reduce((sum, e) => sum + e[which], 0));
  const gains = Float64Array.from(byTime, (error) => (error.nothing - error.own) / error.count);
  return { loss: own / nothing, detail: { estimate: { ...sharpeEstimate(gains) } as unknown as Json } };
};

/**
 * Searches for the forecaster with the most skill out of sample: the loss is its squared error over that of saying nothing, on
 * decisions a horizon apart behind each of its trainings.
 *
 * @param pool Where trials run; the markets are put there.
 * @param markets Markets to learn over and to judge on.
 * @param options The training, what a unit of budget buys, and the dates; `training.testFrom` is each fold's.
 * @returns The objective. A trial's detail has the `estimate` that {@linkcode deflatedSearch} reads.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown, or the target is one's own.
 *
 * @example
 * ```ts ignore
 * const range = { from: Date.UTC(2005, 0), to: Date.UTC(2010, 0), folds: 2 };
 * const objective = await walkForwardSkill(pool, markets, { training, steps: 50, ...range });
 * const { trials } = await runSearch(pool, { space, method: hyperband({ maxBudget: 27 }), objective });
 * console.log(deflatedSearch(trials).value);
 * ```
 */
export async function walkForwardSkill(
  pool: Pool,
  markets: readonly Candles[],
  options: WalkForwardSkillSettings,
): Promise<Objective> {
  const action = "Cannot search for skill";
  requireKnownKeys(action, "options", options, KEYS);
  requireTraining(action, options);
  const { from, to, folds = 2 } = options;
  if (!(from < to)) throw new RangeError(`${action}: expected from before to, received ${from} and ${to}`);
  if (!Number.isInteger(folds) || folds < 1) {
    throw new RangeError(`${action}: expected folds to be an integer of at least 1, received ${String(folds)}`);
  }
  return await marketObjective(pool, markets, { objective: "walkForwardSkill", ...options });
}
