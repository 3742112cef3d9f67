/**
 * Runs a search on a pool: decide a round, run its trials, keep what came, decide the next. What is decided depends on results
 * alone, by trial; so a search that was killed is the one that was not, to the bit, whatever ran it.
 * @module
 */
import { random } from "../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Json } from "../pool/job.ts";
import type { Pool } from "../pool/pool.ts";
import { memoryLog, type ScoredTrial, type SearchLog } from "./search_log.ts";
import { bestTrial, nextTrials, type SearchMethod, type Trial } from "./search_method.ts";
import type { SearchStore } from "./search_store.ts";
import { defineSpace, type Space } from "./space.ts";
import { type Objective, readTrial, trialJob, type TrialOutcome } from "./trial_job.ts";

/** What is searched, how, and for what. */
export interface Search {
  /** What may be chosen. */
  readonly space: Space;
  /** How. */
  readonly method: SearchMethod;
  /** What is to be small. */
  readonly objective: Objective;
  /** Seed of every decision and trial (default 1). */
  readonly seed?: number;
}

/** A trial that has just ended. */
export interface SearchProgress {
  /** The trial. */
  readonly trial: ScoredTrial;
  /** The decision that asked for it, from 0. */
  readonly round: number;
  /** Trials of the round that have ended. */
  readonly done: number;
  /** Trials of the round. */
  readonly total: number;
}

/** What {@linkcode runSearch} takes beyond the search. */
export interface RunSearchOptions {
  /** Where it is kept, under a name: the same search goes on where it was cut (default: nowhere). */
  readonly keep?: { readonly store: SearchStore; readonly name: string };
  /** Ends it: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told of each trial as it ends; those found in the store are told of too. */
  readonly onProgress?: (progress: SearchProgress) => void;
}

/** What a search found. */
export interface SearchResult {
  /** Every trial, by id. */
  readonly trials: readonly ScoredTrial[];
  /** The least loss at the largest budget that any reached; null where all failed. */
  readonly best: ScoredTrial | null;
  /** The state that the best one left, or null. */
  readonly state: Uint8Array | null;
}

const SEARCH_KEYS: OptionKeys<Search> = { space: true, method: true, objective: true, seed: true };
const OPTION_KEYS: OptionKeys<RunSearchOptions> = { keep: true, signal: true, onProgress: true };

/** Label of the streams that seed trials. */
const TRIALS = 0x7a1;

/** Seed of a trial, from the search's and its number. */
function trialSeed(seed: number, id: number): number {
  return random(seed).fork(TRIALS).fork(id).integer(2 ** 32);
}

/** What a search is, as JSON: what one of its name must have been asked before. */
function describe({ space, method, objective, seed = 1 }: Search): Json {
  const { kind, settings } = method;
  const { inputs, params, version } = objective;
  return JSON.parse(JSON.stringify({
    space,
    method: { kind, settings },
    objective: { kind: objective.kind, version, inputs, params },
    seed,
  }));
}

interface Round {
  readonly search: Search;
  readonly seed: number;
  readonly past: readonly ScoredTrial[];
  readonly trials: readonly Trial[];
}

/** The jobs of trials; states that they go on from are put to the pool, each once. */
async function jobsOf(pool: Pool, log: SearchLog, { search: { objective }, seed, past, trials }: Round) {
  const starts = new Map<number, Promise<string>>();
  return await Promise.all(trials.map(async (trial) => {
    const { id, parent } = trial;
    const state = parent === null ? null : log.state(parent);
    if (parent === null || state === null) return trialJob(objective, trial, { seed: trialSeed(seed, id), from: null });
    if (!starts.has(parent)) starts.set(parent, pool.put(state));
    const from = { state: await starts.get(parent)!, spent: past[parent].budget };
    return trialJob(objective, trial, { seed: trialSeed(seed, id), from });
  }));
}

function scored(trial: Trial, { loss, detail }: Required<TrialOutcome>): ScoredTrial {
  return Object.freeze({ ...trial, loss, detail });
}

/** Runs what is not finished of a round. Returns all of it, by id. */
async function runRound(
  pool: Pool,
  round: Round,
  { log, signal, onProgress }: RunSearchOptions & { readonly log: SearchLog },
): Promise<readonly ScoredTrial[]> {
  const { trials } = round;
  const ended = new Map<number, ScoredTrial>();
  const tell = (trial: ScoredTrial): void => {
    ended.set(trial.id, trial);
    onProgress?.({ trial, round: trial.round, done: ended.size, total: trials.length });
  };
  log.decide(trials).forEach(tell);
  const due = trials.filter(({ id }) => !ended.has(id));
  await pool.map(await jobsOf(pool, log, { ...round, trials: due }), {
    ...(signal && { signal }),
    onProgress({ index, outcome }) {
      if (outcome.bytes === undefined) return;
      const read = readTrial(outcome.bytes);
      log.finish(due[index], read);
      tell(scored(due[index], read));
    },
  });
  return trials.map(({ id }) => ended.get(id)!);
}

/**
 * Runs a search to its end.
 *
 * @param pool Where trials run; it must know the objective's kind.
 * @param search The space, the method, the objective and the seed.
 * @param options Where to keep it, and who is told.
 * @returns Every trial, and the best.
 * @throws {DataError} The store has another search of that name, or one of another version.
 * @throws {JobError} A trial threw; what is finished is kept, and the search goes on from it when it is run again.
 * @throws {TypeError} A part is missing or misspelt.
 *
 * @example
 * ```ts ignore
 * using store = await openSearches("searches.db");
 * await using pool = await openPool("local", { kinds: [import.meta.resolve("./bowl.ts")] });
 * const objective = { kind: "bowl", version: 1, inputs: [], params: null };
 * const search = { space, method: hyperband({ maxBudget: 81 }), objective };
 * const { best } = await runSearch(pool, search, { keep: { store, name: "bowl" } });
 * console.log(best?.configuration, best?.loss);
 * ```
 */
export async function runSearch(pool: Pool, search: Search, options: RunSearchOptions = {}): Promise<SearchResult> {
  const action = "Cannot run a search";
  requireKnownKeys(action, "options", options, OPTION_KEYS);
  requireKnownKeys(action, "search", search, SEARCH_KEYS);
  const { method, seed = 1 } = search;
  const space = defineSpace(search.space);
  const log = options.keep?.store.log(options.keep.name, describe(search)) ?? memoryLog();
  const past: ScoredTrial[] = [];
  for (;;) {
    options.signal?.throwIfAborted();
    const trials = nextTrials(method, { space, seed, past });
    if (trials.length === 0) break;
    past.push(...await runRound(pool, { search, seed, past, trials }, { ...options, log }));
  }
  log.end();
  const best = bestTrial(past);
  return Object.freeze({
    trials: Object.freeze(past),
    best: best && past[best.id],
    state: best && log.state(best.id),
  });
}
