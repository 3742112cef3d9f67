/**
 * Runs a search on a pool: decide a round, run its trials, keep what came, decide the next. What is decided depends on results
 * alone, by trial; so a search that was killed is the one that was not, to the bit, whatever ran it.
 * @module
 */
import { random } from "../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Json } from "../pool/job.ts";
import type { Pool } from "../pool/pool.ts";
import { sameTrial, settledTrials } from "./look_ahead.ts";
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

/** What all rounds of a search share. */
interface Run {
  readonly pool: Pool;
  readonly search: Search;
  readonly seed: number;
  readonly log: SearchLog;
}

/** A trial that was begun before its round was decided. */
interface Begun {
  readonly trial: Trial;
  readonly outcome: Promise<Required<TrialOutcome>>;
  readonly ends: AbortController;
}

/** Trials that were begun so, by id. */
type Ahead = Map<number, Begun>;

/** A round, and what was begun of it. */
interface Round {
  readonly past: readonly ScoredTrial[];
  readonly trials: readonly Trial[];
  readonly ahead: Ahead;
}

/** The jobs of trials; states that they go on from are put to the pool, each once. `spent` is what a trial that ended was given. */
async function jobsOf(
  { pool, search: { objective }, seed, log }: Run,
  trials: readonly Trial[],
  spent: (id: number) => number,
) {
  const starts = new Map<number, Promise<string>>();
  return await Promise.all(trials.map(async (trial) => {
    const { id, parent } = trial;
    const state = parent === null ? null : log.state(parent);
    if (parent === null || state === null) return trialJob(objective, trial, { seed: trialSeed(seed, id), from: null });
    if (!starts.has(parent)) starts.set(parent, pool.put(state));
    const from = { state: await starts.get(parent)!, spent: spent(parent) };
    return trialJob(objective, trial, { seed: trialSeed(seed, id), from });
  }));
}

function scored(trial: Trial, { loss, detail }: Required<TrialOutcome>): ScoredTrial {
  return Object.freeze({ ...trial, loss, detail });
}

/** In which order trials are begun: those with the least budgets have the most rungs to come, and the rest fills up the end. */
function byBudget(a: Trial, b: Trial): number {
  return a.budget - b.budget || a.id - b.id;
}

/**
 * Runs what is not finished of a round. As workers become free at its end, they begin what the next one will ask for.
 * @returns All of it, by id; and what was begun of the next one, until `signal` is aborted.
 */
async function runRound(
  run: Run,
  round: Round,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: RunSearchOptions["onProgress"] },
): Promise<{ readonly ended: readonly ScoredTrial[]; readonly ahead: Ahead }> {
  const { pool, search: { method, space }, seed, log } = run;
  const { past, trials } = round;
  const ended = new Map<number, ScoredTrial>();
  const ahead: Ahead = new Map();
  const spent = (id: number): number => (past[id] ?? ended.get(id)).budget;
  let threads = 1;
  pool.workers().then((all) => threads = all.reduce((sum, worker) => sum + worker.threads, 0), () => {/* one, then */});

  const begin = (trial: Trial): void => {
    const vain = new AbortController();
    const options = { signal: AbortSignal.any([signal, vain.signal]) };
    const outcome = jobsOf(run, [trial], spent).then((jobs) => pool.map(jobs, options)).then(([bytes]) =>
      readTrial(bytes)
    );
    outcome.catch(() => {/* who asks for it hears of it */});
    ahead.set(trial.id, { trial, outcome, ends: vain });
  };
  const tell = (trial: ScoredTrial): void => {
    ended.set(trial.id, trial);
    onProgress?.({ trial, round: trial.round, done: ended.size, total: trials.length });
    const left = trials.length - ended.size;
    if (left === 0 || left >= threads) return;
    const settled = settledTrials(method, { space, seed, past, round: trials, ended });
    settled.filter(({ id }) => !ahead.has(id)).sort(byBudget).forEach(begin);
  };
  const finish = (trial: Trial, outcome: Required<TrialOutcome>): void => {
    log.finish(trial, outcome);
    tell(scored(trial, outcome));
  };

  const begun = new Map<number, Begun>();
  for (const [id, one] of round.ahead) {
    if (trials.some((trial) => sameTrial(trial, one.trial))) begun.set(id, one);
    else one.ends.abort(new DOMException("the round was decided otherwise", "AbortError"));
  }
  log.decide(trials).forEach(tell);
  const open = trials.filter(({ id }) => !ended.has(id));
  const due = open.filter(({ id }) => !begun.has(id)).sort(byBudget);
  await Promise.all([
    ...open.filter(({ id }) => begun.has(id)).map(async (trial) => finish(trial, await begun.get(trial.id)!.outcome)),
    pool.map(await jobsOf(run, due, spent), {
      signal,
      onProgress({ index, outcome }) {
        if (outcome.bytes !== undefined) finish(due[index], readTrial(outcome.bytes));
      },
    }),
  ]);
  return { ended: trials.map(({ id }) => ended.get(id)!), ahead };
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
  const { signal, onProgress } = options;
  const past: ScoredTrial[] = [];
  // Whatever was begun and is not asked for ends with the search.
  const ends = new AbortController();
  const all = signal ? AbortSignal.any([signal, ends.signal]) : ends.signal;
  try {
    for (let ahead: Ahead = new Map();;) {
      signal?.throwIfAborted();
      const trials = nextTrials(method, { space, seed, past });
      if (trials.length === 0) break;
      const round = await runRound({ pool, search: { ...search, space }, seed, log }, { past, trials, ahead }, {
        signal: all,
        onProgress,
      });
      past.push(...round.ended);
      ahead = round.ahead;
    }
  } finally {
    ends.abort(new DOMException("the search has ended", "AbortError"));
  }
  log.end();
  const best = bestTrial(past);
  return Object.freeze({
    trials: Object.freeze(past),
    best: best && past[best.id],
    state: best && log.state(best.id),
  });
}
