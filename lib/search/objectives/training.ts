/**
 * The training of a forecaster as a trial: a configuration laid over what all trials have in common, and steps by the budget. A
 * larger budget trains anew, for its schedule is another.
 * @module
 */
import type { Candles } from "../../data/candles.ts";
import type { Forecaster } from "../../forecast/forecaster.ts";
import { trainForecaster } from "../../forecast/train_forecaster.ts";
import type { TrainForecasterOptions } from "../../forecast/train_options.ts";
import { packCandles, unpackCandles } from "../../pool/candles_blob.ts";
import type { Json } from "../../pool/job.ts";
import type { JobContext } from "../../pool/job_kind.ts";
import type { Pool } from "../../pool/pool.ts";
import { applyConfiguration } from "../apply_configuration.ts";
import type { Objective, TrialOutcome, TrialTask } from "../trial_job.ts";

/** What of a training's options is plain data: functions do not travel, and a trial brings its own seed. */
export type PlainTraining = Omit<
  TrainForecasterOptions,
  "features" | "extra" | "trained" | "onMember" | "onProgress" | "signal" | "seed"
>;

/** What every objective of a forecaster takes. */
export interface TrainingSettings {
  /**
   * What all trials have in common, as `trainForecaster` takes it; parameters of the space are laid over it by name
   * (`meta.lr`, `support.rows`, `hidden`).
   */
  readonly training: PlainTraining;
  /** Steps of pretraining for a budget of 1, at least 1. */
  readonly steps: number;
  /** Steps of meta-training as a share of these (default 0.4, as `trainForecaster` has them). */
  readonly metaShare?: number;
}

/** The keys of {@linkcode TrainingSettings}, for the objectives' checks. */
export const TRAINING_KEYS = { training: true, steps: true, metaShare: true } as const;

/** Name and version of the built-in kind of trial; `trial_kind.ts` runs it. */
export const TRIAL = { kind: "trial", version: 1 } as const;

/** How one of the built-in objectives tries a configuration. */
export type RunObjective = (
  inputs: readonly Uint8Array[],
  task: TrialTask,
  context: JobContext,
) => Promise<TrialOutcome>;

/** Requires what every objective of a forecaster takes. */
export function requireTraining(action: string, { training, steps, metaShare = 0 }: TrainingSettings): void {
  if (!(steps >= 1 && steps < Infinity)) {
    throw new RangeError(`${action}: expected steps to be at least 1, received ${String(steps)}`);
  }
  if (!(metaShare >= 0 && metaShare < Infinity)) {
    throw new RangeError(`${action}: expected metaShare to be at least 0, received ${String(metaShare)}`);
  }
  if (training.target.kind === "custom") {
    throw new TypeError(`${action}: its target "${training.target.name}" is one of your own, and no code travels`);
  }
}

/** An objective of the built-in kind on markets, which are put to the pool. */
export async function marketObjective(
  pool: Pool,
  markets: readonly Candles[],
  settings: { readonly objective: string },
): Promise<Objective> {
  const inputs = await Promise.all(markets.map((market) => pool.put(packCandles(market))));
  return { ...TRIAL, inputs, params: JSON.parse(JSON.stringify(settings)) as Json };
}

/** The bars of an objective's inputs. */
export function marketsOf(inputs: readonly Uint8Array[]): readonly Candles[] {
  return inputs.map(unpackCandles);
}

/** Bars before a training below which a market is not learned over yet. */
const LEAST_BARS = 250;

/** Whether a market has a bar within a range of times, the end excluded. */
export function livesWithin({ time }: Candles, from: number, to: number): boolean {
  return time[time.length - 1] >= from && time[0] < to;
}

/**
 * Trains as a trial asks for, over the markets that are old enough by then; `own` goes before what all trials have in common.
 */
export async function trainTrial(
  markets: readonly Candles[],
  task: TrialTask,
  run: JobContext & { readonly own?: Partial<PlainTraining> },
): Promise<Forecaster> {
  const { training, steps, metaShare = 0.4 } = task.params as unknown as TrainingSettings;
  const pretraining = Math.max(1, Math.round(steps * task.budget));
  const sized = {
    ...training,
    ...run.own,
    pretrain: { ...training.pretrain, steps: pretraining },
    meta: { ...training.meta, steps: Math.ceil(metaShare * pretraining) },
  };
  const { testFrom = Infinity } = sized;
  const grown = markets.filter(({ time }) => time.length >= LEAST_BARS && time[LEAST_BARS - 1] < testFrom);
  const options = { ...applyConfiguration(sized, task.configuration), seed: task.seed % 2 ** 31, signal: run.signal };
  return await trainForecaster(await run.engine(), grown, options);
}
