/**
 * A population of learners, each trained by meta-gradients, exchanged and changed between stretches: what a meta-gradient cannot
 * see (outer rates, strengths, schedules, kinds) is learned by selection, in one training. It decides nothing itself: a method does.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Task } from "../engine/problem.ts";
import type { MetaConfig } from "../meta/config.ts";
import { DivergedError } from "../meta/errors.ts";
import { freezeConfig, freezeState, metaInit, type MetaState } from "../meta/state.ts";
import { metaTrain } from "../meta/train.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type FinishedTrial, nextTrials, type SearchMethod, type Trial } from "./search_method.ts";
import type { Configuration, Space } from "./space.ts";

/** A population to train. */
export interface Population {
  /** What differs between members. */
  readonly space: Space;
  /** How members are exchanged and changed: `populationBased()`, whose budget counts outer steps. */
  readonly method: SearchMethod;
  /** The learner that a configuration stands for; all of one population learn arrays of the same lengths. Pure. */
  config(configuration: Configuration): MetaConfig;
  /** The batch of outer step `step` (from 0) of a member; the same for all members where it reads the step alone. Pure. */
  batch(step: number, member: number): readonly Task[];
  /** What members are chosen by, to be small: such as the loss on validation tasks, in a unit that no configuration scales. */
  judge(engine: Engine, state: MetaState): number | Promise<number>;
}

/** What {@linkcode trainPopulation} takes beyond its population. */
export interface TrainPopulationOptions {
  /** Seed of starts and decisions (default 0). */
  readonly seed?: number;
  /** Where to go on from: every generation that was yielded, in order (default none). */
  readonly past?: readonly PopulationGeneration[];
  /** Stops it: the generation under way is lost. */
  readonly signal?: AbortSignal;
}

const KEYS: OptionKeys<TrainPopulationOptions> = { seed: true, past: true, signal: true };

/** A member after a generation. */
export interface PopulationMember extends FinishedTrial {
  /** What it learned; of one that failed what it began with. */
  readonly state: MetaState;
}

/** A generation, done. */
export interface PopulationGeneration {
  /** Its number, from 0. */
  readonly generation: number;
  /** Its members by place; `parent` is the id of the one that each went on from, `bracket` its place. */
  readonly members: readonly PopulationMember[];
  /** The member of the least loss so far. */
  readonly best: PopulationMember;
}

/** A parent's learner under another configuration: values, moments and step go on. */
function inherit(parent: MetaState, config: MetaConfig): MetaState {
  const { params, others } = metaInit(config);
  const lengths = (of: Pick<MetaState, "params" | "logLr" | "others">): string =>
    [of.params, of.logLr, ...Object.values(of.others ?? {})].map(({ length }) => length).join(" ");
  if (lengths({ params, logLr: parent.logLr, ...(others ? { others } : {}) }) !== lengths(parent)) {
    throw new RangeError("Cannot train a population: expected configurations of one network, received of another");
  }
  return freezeState({ ...parent, config: freezeConfig(config) });
}

async function trained(
  engine: Engine,
  start: MetaState,
  run: {
    readonly population: Population;
    readonly trial: Trial;
    readonly steps: number;
    readonly signal: AbortSignal | undefined;
  },
): Promise<PopulationMember> {
  const { population, trial, steps, signal } = run;
  const batches = (function* (): Generator<readonly Task[]> {
    for (let step = trial.budget - steps; step < trial.budget; step++) yield population.batch(step, trial.bracket);
  })();
  try {
    let state = start;
    for await (const progress of metaTrain(engine, start, batches, { every: steps, ...(signal ? { signal } : {}) })) {
      state = progress.state;
    }
    const loss = await population.judge(engine, state);
    return Object.freeze({ ...trial, loss: Number.isFinite(loss) ? loss : null, state });
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    return Object.freeze({ ...trial, loss: null, state: start });
  }
}

/**
 * Trains a population of learners, each by meta-gradients, in synchronous generations (Jaderberg et al. 2017, algorithm 1, with all
 * members waiting for one another, so that no decision depends on who was first). A member that diverges has failed and is replaced.
 *
 * @param engine Where to train; members take turns on it.
 * @param population Configurations, learners, batches and what they are judged by.
 * @param options Seed, past generations, cancellation.
 * @returns A generation at a time; with `past` those after it, bit for bit as if it had never stopped.
 * @throws {RangeError} The method gives budgets that are no whole steps, or configurations do not share a network.
 * @throws {TypeError} An option is unknown.
 *
 * @example Outer rates by selection, in one training
 * ```ts
 * import { maml, metaGradientOf, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { defineSpace, type Population, populationBased, trainPopulation } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const tasks = [{ support: samples, query: samples }];
 * const population: Population = {
 *   space: defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1e-1 } }),
 *   method: populationBased({ members: 3, generations: 2, budget: 5 }),
 *   config: ({ lr }) => maml({ net, outer: { lr: Number(lr) } }),
 *   batch: () => tasks,
 *   judge: async (engine, state) => (await metaGradientOf(engine, state, tasks)).loss,
 * };
 * const steps = [];
 * for await (const { members } of trainPopulation(engine, population)) steps.push(members[0].state.step);
 * assertEquals(steps, [5, 10]);
 * ```
 */
export async function* trainPopulation(
  engine: Engine,
  population: Population,
  options: TrainPopulationOptions = {},
): AsyncGenerator<PopulationGeneration, void, void> {
  const action = "Cannot train a population";
  requireKnownKeys(action, "options", options, KEYS);
  const { seed = 0, past: before = [], signal } = options;
  const past: PopulationMember[] = before.flatMap(({ members }) => members);
  const { space, method } = population;
  for (let generation = before.length;; generation++) {
    signal?.throwIfAborted();
    const trials = nextTrials(method, { space, seed, past });
    if (trials.length === 0) return;
    const members: PopulationMember[] = [];
    for (const trial of trials) {
      const { parent, budget, bracket, configuration } = trial;
      const from = parent === null ? undefined : past[parent];
      const steps = budget - (from?.budget ?? 0);
      if (!Number.isInteger(steps) || steps < 1) {
        throw new RangeError(
          `${action}: expected budgets of whole steps, received ${budget} after ${from?.budget ?? 0}`,
        );
      }
      const config = population.config(configuration);
      const start = from ? inherit(from.state, config) : metaInit(config, { seed: seed + bracket });
      members.push(await trained(engine, start, { population, trial, steps, signal }));
    }
    past.push(...members);
    const judged = past.filter(({ loss }) => loss !== null);
    const best = judged.reduce((least, member) => member.loss! < least.loss! ? member : least, judged[0] ?? members[0]);
    yield Object.freeze({ generation, members: Object.freeze(members), best });
  }
}
