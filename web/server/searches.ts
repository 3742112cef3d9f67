/**
 * The searches that files hold, as pages show them.
 * @module
 */
import {
  bestTrial,
  deflatedSearch,
  openSearches,
  type SearchRecord,
  type SearchStore,
  type TrialRow,
} from "@adaptrade/adaptrade/search";
import { listKept, readKept, type UnreadFile } from "./kept_files.ts";
import { describedBy, methodName, objectiveName, settingsOf } from "./search_settings.ts";
import { type Rung, rungsOf } from "./search_rungs.ts";

/** A search in the list. */
export interface SearchSummary {
  /** The file that holds it: the folder's name, a colon, the file's. */
  readonly file: string;
  /** Its name there. */
  readonly name: string;
  /** Kind of its method. */
  readonly method: string;
  /** Its objective: the library's by name, another by its kind. */
  readonly objective: string;
  /** Whether all is done; a search that is cut and one that runs look alike. */
  readonly done: boolean;
  /** Trials decided. */
  readonly decided: number;
  /** Trials that ended. */
  readonly finished: number;
  /** Least loss at the largest budget; null before the first. */
  readonly best: number | null;
  /** When it was begun, ms UTC. */
  readonly createdAt: number;
  /** When something was last decided or found, ms UTC. */
  readonly updatedAt: number;
}

/** The searches, and the files that could not be read. */
export interface SearchList {
  /** Newest first. */
  readonly searches: readonly SearchSummary[];
  /** Files whose name says searches and whose content does not, with the reason. */
  readonly unread: readonly UnreadFile[];
}

/** A trial without what its objective noted beside the loss. */
export type TrialView = Omit<TrialRow, "detail" | "round">;

/** What is left of the best ratio when all trials are counted, a decision or bar. */
export interface DeflatedView {
  /** The best trial's ratio. */
  readonly ratio: number | null;
  /** The best that as many without skill would be expected to show. */
  readonly luck: number;
  /** Trials that are counted: those that kept a ratio. */
  readonly trials: number;
  /** Probability that it is more than luck, or null. */
  readonly value: number | null;
}

/** One search. */
export interface SearchView {
  /** As in the list. */
  readonly summary: SearchSummary;
  /** What was asked, by name, as text. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  /** Names of what may be chosen. */
  readonly parameters: readonly string[];
  /** The best trial's number, or null. */
  readonly best: number | null;
  /** The best's deflated ratio; null where the objective keeps none. */
  readonly deflated: DeflatedView | null;
  /** All trials, by number. */
  readonly trials: readonly TrialView[];
  /** Its rungs. */
  readonly rungs: readonly Rung[];
}

const KEPT = { what: "searches", open: openSearches } as const;

/** All searches of all files. */
export async function listSearches(): Promise<SearchList> {
  const { found, unread } = await listKept(
    KEPT,
    (store, file) => store.list().map((record) => summaryOf(file, record, finishedTrials(store, record.name))),
  );
  return { searches: found, unread };
}

/** A search by its file and name; null where there is none that can be read. */
export function readSearch(file: string, name: string): Promise<SearchView | null> {
  return readKept(KEPT, file, (store) => {
    const record = store.list().find((one) => one.name === name);
    return record === undefined ? null : viewOf(file, record, store.trials(name));
  });
}

function finishedTrials(store: SearchStore, name: string): TrialRow[] {
  return store.trials(name).filter(({ endedAt }) => endedAt !== null);
}

function summaryOf(file: string, record: SearchRecord, finished: readonly TrialRow[]): SearchSummary {
  const { method, objective } = describedBy(record);
  const { name, status, decided, createdAt, updatedAt } = record;
  return {
    ...{ file, name, decided, createdAt, updatedAt },
    method: methodName(method),
    objective: objectiveName(objective),
    done: status === "done",
    finished: finished.length,
    best: bestTrial(finished)?.loss ?? null,
  };
}

function viewOf(file: string, record: SearchRecord, trials: readonly TrialRow[]): SearchView {
  const finished = trials.filter(({ endedAt }) => endedAt !== null);
  const { space = {}, method } = describedBy(record);
  return {
    summary: summaryOf(file, record, finished),
    settings: settingsOf(describedBy(record)),
    parameters: Object.keys(space),
    best: bestTrial(finished)?.id ?? null,
    deflated: deflatedView(finished),
    trials: trials.map(({ detail: _detail, round: _round, ...trial }) => trial),
    rungs: rungsOf(trials, { byBracket: method?.kind !== "population" }),
  };
}

function deflatedView(finished: readonly TrialRow[]): DeflatedView | null {
  try {
    const { estimate, benchmark, trials, value } = deflatedSearch(finished);
    return { ratio: estimate.sharpe, luck: benchmark, trials, value };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
