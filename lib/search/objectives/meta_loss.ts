/**
 * The objective `metaLoss`: the validation loss of a meta-training, which goes on from the state of its parent for what is new of
 * its budget. It is what a population trains on; configurations may change whatever a state can go on with.
 * @module
 */
import type { Task } from "../../engine/problem.ts";
import { decodeState, encodeState } from "../../meta/checkpoint.ts";
import type { MetaConfig } from "../../meta/config.ts";
import { metaInit, type MetaState } from "../../meta/state.ts";
import { metaTrain } from "../../meta/train.ts";
import { random } from "../../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import { packValue, unpackValue } from "../../pool/pack.ts";
import type { Pool } from "../../pool/pool.ts";
import { sendState } from "../../pool/travel.ts";
import { applyConfiguration } from "../apply_configuration.ts";
import type { Objective } from "../trial_job.ts";
import { type RunObjective, TRIAL } from "./training.ts";

/** What {@linkcode metaLoss} takes. */
export interface MetaLossSettings {
  /** Outer steps for a budget of 1, at least 1. */
  readonly steps: number;
  /** Tasks a step, drawn with replacement (default 8). */
  readonly tasks?: number;
}

/** What it trains and judges on. */
export interface MetaLossProblem {
  /** What all trials have in common; parameters of the space are laid over it by name (`inner.lr`, `outer.lr`). */
  readonly config: MetaConfig;
  /** Tasks to draw from. */
  readonly tasks: readonly Task[];
  /** Tasks to judge by. */
  readonly validation: readonly Task[];
}

const KEYS: OptionKeys<MetaLossSettings> = { steps: true, tasks: true };

/** A parent's learner under another configuration: values, moments and step go on. */
function inherited(parent: MetaState, config: MetaConfig): MetaState {
  const lengths = ({ params, logLr, others = {} }: MetaState): string =>
    [params, logLr, ...Object.values(others)].map(({ length }) => length).join(", ");
  const [wanted, has] = [metaInit(config), parent].map(lengths);
  if (wanted !== has) {
    throw new RangeError(
      `Cannot train on: expected a state whose arrays are as long as the configuration's, ${wanted}, received ${has}; ` +
        "configurations that go on from each other are of one network",
    );
  }
  return Object.freeze({ ...parent, config });
}

/** Runs it: inputs are a state with the common config, the tasks, and those of validation. */
export const runMetaLoss: RunObjective = async (inputs, task, context) => {
  const { steps: unit, tasks: count = 8 } = task.params as unknown as MetaLossSettings;
  const config = applyConfiguration((await decodeState(inputs[0])).state.config, task.configuration);
  const [tasks, validation] = inputs.slice(1).map((blob) => unpackValue<Task[]>(blob));
  const start: MetaState = task.state
    ? inherited((await decodeState(task.state)).state, config)
    : metaInit(config, { seed: task.seed });
  const steps = Math.max(1, Math.round(unit * task.budget)) - start.step;
  const batches = Array.from({ length: steps }, (_, i) => {
    const stream = random(task.seed).fork(start.step + i);
    return Array.from({ length: count }, () => tasks[stream.integer(tasks.length)]);
  });
  const options = { every: steps, validation, signal: context.signal };
  for await (const { state, validationLoss = NaN } of metaTrain(await context.engine(), start, batches, options)) {
    return { loss: validationLoss, detail: { steps: state.step }, state: await encodeState(state) };
  }
  throw new RangeError(`Cannot train on: expected a budget of more steps than the ${start.step} that were made`);
};

/**
 * Searches for the meta-training with the least validation loss. A trial that goes on from another trains on from its state.
 *
 * @param pool Where trials run; the tasks are put there.
 * @param problem The common config, tasks to train on, and tasks to judge by.
 * @param options What a unit of budget buys.
 * @returns The objective; the state of `SearchResult` is the best state, for `decodeState`.
 * @throws {RangeError} A setting is out of range, or there are no tasks.
 * @throws {TypeError} An option is unknown, or a part of the config is one's own.
 *
 * @example A population learns its own learning rates
 * ```ts
 * import { maml, mlp } from "@adaptrade/adaptrade";
 * import { openPool } from "@adaptrade/adaptrade/pool";
 * import { metaLoss, populationBased, runSearch } from "@adaptrade/adaptrade/search";
 * import { assert } from "@std/assert";
 *
 * const pool = await openPool("local", { workers: 0 });
 * const samples = (slope: number) => ({ rows: 2, x: Float32Array.of(-1, 2), y: Float32Array.of(-slope, 2 * slope) });
 * const tasks = [-2, -1, 1, 2].map((slope) => ({ support: samples(slope), query: samples(slope) }));
 * const config = maml({ net: mlp({ inputs: 1, hidden: [8], outputs: 1 }) });
 * const objective = await metaLoss(pool, { config, tasks, validation: tasks }, { steps: 20 });
 * const space = { "outer.lr": { kind: "logUniform", min: 1e-4, max: 1e-1 } } as const;
 * const { best, trials } = await runSearch(pool, { space, method: populationBased({ members: 3, generations: 3 }), objective });
 * assert(best!.loss! < trials[0].loss!);
 * await pool[Symbol.asyncDispose]();
 * ```
 */
export async function metaLoss(
  pool: Pool,
  problem: MetaLossProblem,
  options: MetaLossSettings,
): Promise<Objective> {
  const action = "Cannot search for a meta-loss";
  requireKnownKeys(action, "options", options, KEYS);
  const { config, tasks, validation } = problem;
  const counts = { steps: options.steps, "options.tasks": options.tasks ?? 8 };
  for (const [name, value] of Object.entries(counts)) {
    if (!(value >= 1 && value < Infinity)) {
      throw new RangeError(`${action}: expected ${name} to be at least 1, received ${String(value)}`);
    }
  }
  if (tasks.length === 0 || validation.length === 0) {
    throw new RangeError(`${action}: expected tasks and validation, received ${tasks.length} and ${validation.length}`);
  }
  const common = await sendState(action, metaInit(config));
  const inputs = await Promise.all([common, packValue(tasks), packValue(validation)].map((blob) => pool.put(blob)));
  return { ...TRIAL, inputs, params: { objective: "metaLoss", ...options } };
}
