/**
 * Turns a run's config into something to train: the method, batches from any step on, validation tasks, and the dates that
 * part training from test. The same config always gives the same plan, so a resumed run is the run that never stopped.
 * @module
 */
import {
  anil,
  assetTasks,
  fomaml,
  imaml,
  maml,
  mamlPlusPlus,
  marketRows,
  type MarketTask,
  type MetaConfig,
  metaGradient,
  metaSgd,
  mlp,
  type PresetOptions,
  reptile,
  splitByTime,
  taskBatches,
} from "@adaptrade/adaptrade";
import { loadMarket } from "./markets.ts";
import type { PresetName, RunConfig } from "./run_config.ts";

/** A run laid out. */
export interface RunPlan {
  /** The method. */
  readonly config: MetaConfig;
  /** First time of the validation part, ms UTC. */
  readonly validationFrom: number;
  /** First time of the test part, ms UTC: nothing from here on was trained or selected on. */
  readonly testFrom: number;
  /** Batches from outer step `start` on, to the last. */
  batches(start: number): Iterable<MarketTask[]>;
  /** Tasks of the validation part. */
  readonly validation: readonly MarketTask[];
}

const METHODS: Readonly<Record<PresetName, (options: PresetOptions) => MetaConfig>> = {
  maml,
  fomaml,
  reptile,
  anil,
  metaSgd,
  mamlPlusPlus,
  imaml,
  metaGradient,
};

/** Shares of the time that the markets span together; the last quarter is the test. */
const SPLIT = { train: 0.6, validation: 0.15 };
const VALIDATION_TASKS = 128;

/** The method of a run on `inputs` features. */
export function runMethod(run: RunConfig, inputs: number): MetaConfig {
  return METHODS[run.preset]({
    net: mlp({ inputs, hidden: [...run.hidden], outputs: 1 }),
    inner: { steps: run.innerSteps, lr: run.innerLr },
    outer: { ...(run.outerLr > 0 && { lr: run.outerLr }), clipNorm: 10 },
  });
}

/** Lays a run out. @throws {DataError} A market cannot be read, or all are too short. */
export async function planRun(run: RunConfig): Promise<RunPlan> {
  const { horizon, seed, supportRows, queryRows } = run;
  const candles = await Promise.all(run.markets.map(loadMarket));
  const rows = candles.map((market) => marketRows(market, { horizon }));
  const { train, validation, validationFrom, testFrom } = splitByTime(rows, SPLIT);
  const shape = { supportRows, queryRows, horizon, skipShort: true };
  return {
    config: runMethod(run, rows[0].cols),
    validationFrom,
    testFrom,
    batches: (start) => taskBatches(train, { ...shape, tasks: run.tasks, seed, start, batches: run.steps - start }),
    validation: assetTasks(validation, { ...shape, count: VALIDATION_TASKS, seed: seed + 1 }),
  };
}
