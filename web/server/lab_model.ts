/**
 * The models that the lab uses: a run's best checkpoint with what it was asked for, or a start that was
 * never trained. It trains nothing and writes nothing.
 * @module
 */
import {
  decodeState,
  type Engine,
  metaInit,
  type MetaState,
  openEngine,
  openRuns,
  type RunStore,
} from "@adaptrade/adaptrade";
import { HttpError } from "fresh";
import { runsDatabase } from "./paths.ts";
import { DEFAULT_RUN, parseRunConfig, type RunConfig } from "./run_config.ts";
import { planRun, runMethod } from "./run_plan.ts";

/** A model and where it came from. */
export interface RunModel {
  /** What the run was asked for; the defaults for a start that was never trained. */
  readonly config: RunConfig;
  /** The run's name; null for a start that was never trained. */
  readonly name: string | null;
  /** The learned start. */
  readonly state: MetaState;
  /** The start before its first step: the same method, the same seed. */
  readonly scratch: MetaState;
}

let store: Promise<RunStore> | undefined;

/** The runs, to read from: opened here and not by the manager, which would take up interrupted ones. */
function runStore(): Promise<RunStore> {
  store ??= openRuns(runsDatabase());
  return store;
}

/** Closes what was opened to read runs from. */
export async function closeRuns(): Promise<void> {
  const open = store;
  store = undefined;
  (await open)?.[Symbol.dispose]();
}

/**
 * The model of a run: its checkpoint of lowest validation loss, or the last one.
 *
 * @param id the run, or "" for a start that was never trained
 * @param inputs features of the market it is used on
 * @throws {HttpError} There is no such run, it has no checkpoint yet, or it was trained on another number of features.
 */
export async function runModel(id: string, inputs: number): Promise<RunModel> {
  if (id === "") {
    const scratch = metaInit(runMethod(DEFAULT_RUN, inputs), { seed: DEFAULT_RUN.seed });
    return { config: DEFAULT_RUN, name: null, state: scratch, scratch };
  }
  const store = await runStore();
  const run = store.get(id);
  if (run === undefined) throw new HttpError(404, "There is no such run. It may have been deleted.");
  const checkpoint = store.checkpoint(id, "best") ?? store.checkpoint(id, "latest");
  if (checkpoint === undefined) throw new HttpError(409, "The run has no checkpoint yet. Let it train a moment first.");
  const config = parseRunConfig(run.config);
  const { state } = await decodeState(checkpoint.bytes, `the checkpoint of run ${id}`);
  if (state.config.net.inputs !== inputs) {
    throw new HttpError(400, `The run was trained on ${state.config.net.inputs} features; the market has ${inputs}.`);
  }
  return { config, name: run.name, state, scratch: metaInit(state.config, { seed: config.seed }) };
}

/** Where a run's data part. */
export interface RunDates {
  /** First time of the part it was selected on, ms UTC. */
  readonly validationFrom: number;
  /** First time that it was neither trained nor selected on, ms UTC. */
  readonly testFrom: number;
}

const dates = new Map<string, Promise<RunDates>>();

/** Where the data of a run part into training, validation and test. @throws {DataError} One of its markets is gone. */
export function runDates(id: string, config: RunConfig): Promise<RunDates> {
  const found = dates.get(id) ?? planRun(config).then(({ validationFrom, testFrom }) => ({ validationFrom, testFrom }));
  dates.set(id, found);
  found.catch(() => dates.delete(id));
  return found;
}

let engine: Promise<Engine> | undefined;

/** The engine that answers the lab: one thread, held open, so that a click waits for nothing and no core is taken from training. */
export function labEngine(): Promise<Engine> {
  engine ??= openEngine({ backend: "cpu", threads: 1 });
  return engine;
}
