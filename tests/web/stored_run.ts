/** A run that a forecaster was trained for in a second or two, shared by the tests of the dashboard's server modules. */
import { encodeForecaster } from "../../lib/forecast/mod.ts";
import type { RunStore } from "../../lib/store/mod.ts";
import { type Candles, type Forecaster, openEngine, sampleMarkets, trainForecaster } from "../../mod.ts";
import { DEFAULT_RUN, type RunConfig, stepsOfRun } from "../../web/server/run_config.ts";
import { trainingOf } from "../../web/server/run_training.ts";
import type { RunResult } from "../../web/server/run_verdict.ts";

/** Its settings: with fewer steps validation finds nothing to forecast, and there is nothing to take apart. */
export const QUICK_RUN: RunConfig = {
  ...DEFAULT_RUN,
  name: "stored",
  markets: ["sample:SP500", "sample:FTSE"],
  hidden: [8],
  seeds: 1,
  steps: 300,
  tasks: 4,
};

/** What was trained, and on which bars. */
export interface QuickTraining {
  readonly config: RunConfig;
  readonly forecaster: Forecaster;
  /** The markets trained on, with their later bars. */
  readonly markets: readonly Candles[];
}

const trained = new Map<string, Promise<QuickTraining>>();

/** Trains it once for each target. */
export function quickTraining(target: RunConfig["target"] = "logVolatility"): Promise<QuickTraining> {
  const found = trained.get(target) ?? train({ ...QUICK_RUN, target });
  trained.set(target, found);
  return found;
}

async function train(config: RunConfig): Promise<QuickTraining> {
  const markets = await sampleMarkets({ symbols: ["SP500", "FTSE"] });
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  return { config, markets, forecaster: await trainForecaster(engine, markets, trainingOf(config, markets)) };
}

/** Puts it into a store as its worker leaves it, with the verdict where one is given, and gives its id. */
export async function storeRun(
  store: RunStore,
  { config, forecaster }: Omit<QuickTraining, "markets">,
  result?: RunResult,
): Promise<string> {
  const steps = stepsOfRun(config);
  const { id } = store.create({ name: config.name, config, steps });
  store.claim(id, "test");
  const latest = {
    step: steps,
    validation: forecaster.validation.chosen,
    bytes: await encodeForecaster(forecaster),
  };
  store.report(id, "test", { step: steps, checkpoints: { latest }, ...(result && { result }) });
  store.finish(id, "test", "done");
  return id;
}
