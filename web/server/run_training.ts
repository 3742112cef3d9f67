/**
 * From a run's config to what `trainForecaster` takes, and from its bytes back to the forecaster. The same config always gives
 * the same training, so a resumed run is the run that never stopped.
 * @module
 */
import {
  anil,
  type Candles,
  fomaml,
  type Forecaster,
  mamlPlusPlus,
  memory,
  type MetaConfig,
  metaSgd,
  mlp,
  neuralProcess,
  reptile,
  ridge,
} from "@adaptrade/adaptrade";
import { decodeForecaster, type TrainForecasterOptions } from "@adaptrade/adaptrade/forecast";
import { inContext, type Method, type PresetOptions } from "@adaptrade/adaptrade/methods";
import type { RunStore } from "@adaptrade/adaptrade/store";
import { HttpError } from "fresh";
import { splitTime } from "../components/market_spans.ts";
import { EARLIER_RUN } from "./earlier_run.ts";
import {
  isForecasterRun,
  keptRunConfig,
  type MethodName,
  parseRunConfig,
  type RunConfig,
  stepsOfNetwork,
} from "./run_config.ts";

const MSE = { kind: "mse" } as const;
/** Width of what a method of one pass has within: features, summaries, memories. */
const WIDTH = 32;

/** How each method's networks learn; MAML with a learned rate a layer is the forecaster's own. */
const PRESETS: Readonly<Record<MethodName, ((options: PresetOptions) => MetaConfig | Method) | undefined>> = {
  maml: undefined,
  fomaml: (options) =>
    fomaml({ ...options, inner: { ...options.inner, lrShape: { per: "layer" } }, learn: { params: true, lr: true } }),
  anil,
  metaSgd,
  mamlPlusPlus,
  reptile: ({ outer, ...options }) => reptile({ ...options, outer: { ...outer, optimizer: "adam" } }),
  inContext: ({ net: { inputs }, loss = MSE }) => inContext({ inputs, outputs: 1, width: WIDTH, loss }),
  memory: ({ net: { inputs }, loss = MSE }) =>
    memory({ inputs, outputs: 1, hidden: WIDTH, decoder: [inputs + WIDTH, WIDTH, 1], loss }),
  neuralProcess: ({ net: { inputs }, loss = MSE }) =>
    neuralProcess({
      inputs,
      outputs: 1,
      encoder: [inputs + 1, WIDTH, WIDTH],
      decoder: [inputs + WIDTH, WIDTH, 1],
      loss,
    }),
  ridge: ({ net: { inputs }, loss = MSE }) =>
    ridge({ net: mlp({ inputs, hidden: [WIDTH], outputs: WIDTH / 2, activation: "tanh" }), loss }),
};

/**
 * What `trainForecaster` takes for a run on its markets: the first 60% of their time are learned from, the next 15% chosen on,
 * the last quarter is left for tests.
 */
export function trainingOf(config: RunConfig, markets: readonly Candles[]): TrainForecasterOptions {
  const { target, horizon, seeds, seed, method, tasks, innerSteps, innerLr, hidden, supportRows } = config;
  const { pretrain, meta } = stepsOfNetwork(config);
  const preset = PRESETS[method];
  return {
    target: { kind: target, horizon },
    ...splitTime(markets.map(({ time }) => ({ from: time[0], to: time[time.length - 1] }))),
    seeds,
    seed,
    tasks,
    support: { rows: supportRows },
    pretrain: { steps: pretrain },
    meta: { steps: meta, innerSteps, innerLr, ...(preset && { method: preset }) },
    ...(hidden.length > 0 && { hidden }),
  };
}

/** A run's forecaster, and what it was asked for. */
export interface TrainedRun {
  /** Its name. */
  readonly name: string;
  /** What it was asked for. */
  readonly config: RunConfig;
  /** The forecaster of the networks that are trained so far. */
  readonly forecaster: Forecaster;
}

/**
 * The forecaster of a run as the store has it.
 *
 * @throws {HttpError} There is no such run, it is of an earlier version, or has no trained network yet.
 */
export async function trainedRun(store: RunStore, id: string): Promise<TrainedRun> {
  const run = store.get(id);
  if (run === undefined) throw new HttpError(404, "There is no such run. It may have been deleted.");
  if (!isForecasterRun(run.config)) throw new HttpError(409, EARLIER_RUN);
  const checkpoint = store.checkpoint(id, "latest");
  if (checkpoint === undefined) {
    throw new HttpError(409, "The run has no trained network yet. Let it train a moment first.");
  }
  const forecaster = await decodeForecaster(checkpoint.bytes, { source: `the forecaster of run ${id}` });
  return { name: run.name, config: parseRunConfig(keptRunConfig(run.config)), forecaster };
}
