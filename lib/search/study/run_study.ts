/**
 * Walks over any number of markets with one forecaster on a pool: so many are read, sent and studied at once, and each is written
 * down and forgotten as it ends, so that memory does not grow with their number. Markets that were studied are not read again; those
 * that were refused are, for their files may have been mended.
 * @module
 */
import { type Candles, DataError } from "../../data/candles.ts";
import type { Forecaster } from "../../forecast/forecaster.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import { packCandles } from "../../pool/candles_blob.ts";
import type { Json } from "../../pool/job.ts";
import type { Pool } from "../../pool/pool.ts";
import { sendForecaster } from "../../pool/travel.ts";
import { readStudy, studyJob, type StudyOutcome } from "./study_kind.ts";
import { STUDY_MARKET_KEYS, type StudyMarketOptions } from "./study_market.ts";
import type { StudyStore } from "./study_store.ts";

/** Where a market comes from. */
export interface MarketSource {
  /** Its name within the study: a file, a symbol. */
  readonly name: string;
  /** Reads its bars, once it is its turn. */
  readonly read: () => Candles | Promise<Candles>;
}

/** A study: one forecaster, and markets to walk over. */
export interface Study {
  /** From `trainForecaster`. */
  readonly forecaster: Forecaster;
  /** The markets, in order; a generator may list them as it goes. */
  readonly sources: Iterable<MarketSource> | AsyncIterable<MarketSource>;
  /** Markets whose means a forecaster that reads other markets takes, the same for all (default none). */
  readonly others?: readonly Candles[];
}

/** How far a study is. */
export interface StudyProgress {
  /** Markets that have ended, those found studied in the store among them. */
  readonly done: number;
  /** The one that has just ended. */
  readonly source: string;
  /** What came of it; null where it was found studied in the store. */
  readonly outcome: StudyOutcome | null;
}

/** What {@linkcode runStudy} takes beyond the study. */
export interface RunStudyOptions extends StudyMarketOptions {
  /** Where it is kept, under a name: the same study goes on where it was cut, and tries again what was refused. */
  readonly keep: { readonly store: StudyStore; readonly name: string };
  /** Markets that are in memory at once (default 16). */
  readonly atOnce?: number;
  /** Ends it: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Told of each market as it ends. */
  readonly onProgress?: (progress: StudyProgress) => void;
}

const STUDY_KEYS: OptionKeys<Study> = { forecaster: true, sources: true, others: true };
const OPTION_KEYS: OptionKeys<RunStudyOptions> = {
  ...STUDY_MARKET_KEYS,
  keep: true,
  atOnce: true,
  signal: true,
  onProgress: true,
};

/** Bars of a source, or why there are none. */
async function readSource({ read }: MarketSource): Promise<Candles | { readonly refused: string }> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { refused: error.message };
  }
}

/** Hands the items of a list, which may come one by one, to so many workers. */
async function eachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  // One at a time asks for the next: a generator that is asked twice at once may give an item twice.
  let turn: Promise<IteratorResult<T>> = Promise.resolve({ done: false, value: undefined as T });
  let failed = false;
  const worker = async (): Promise<void> => {
    try {
      while (!failed) {
        turn = turn.then(({ done, value }) => done ? { done, value } : iterator.next());
        const { done, value } = await turn;
        if (done) return;
        await work(value);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/**
 * Studies markets on a pool.
 *
 * @param pool Where they are studied.
 * @param study The forecaster, the markets, and those that it takes means over.
 * @param options Where it is kept, range, how markets are traded, how many at once.
 * @returns How many markets the study holds now.
 * @throws {DataError} The store has another study of that name.
 * @throws {JobError} A market failed for another reason than its data.
 * @throws {RangeError} `atOnce` is no integer of at least 1, or two markets have one name.
 * @throws {TypeError} A part is missing or misspelt, or the forecaster has a part of one's own.
 *
 * @example
 * ```ts ignore
 * using store = await openStudies("studies.db");
 * await using pool = await openPool();
 * const sources = files.map((name) => ({ name, read: () => readCsv(name) }));
 * await runStudy(pool, { forecaster, sources }, { keep: { store, name: "all" } });
 * console.log(studyDistribution(store.figures("all")).skill.median);
 * ```
 */
export async function runStudy(pool: Pool, study: Study, options: RunStudyOptions): Promise<number> {
  const action = "Cannot run a study";
  requireKnownKeys(action, "options", options, OPTION_KEYS);
  requireKnownKeys(action, "study", study, STUDY_KEYS);
  const { keep: { store, name }, atOnce = 16, signal, onProgress, ...how } = options;
  if (!Number.isInteger(atOnce) || atOnce < 1) {
    throw new RangeError(`${action}: expected atOnce to be an integer of at least 1, received ${String(atOnce)}`);
  }
  const { sources, others = [] } = study;
  const names = new Set<string>();
  const requireNew = (source: MarketSource): void => {
    if (names.has(source.name)) {
      throw new RangeError(`${action}: expected each market once, received ${source.name} twice`);
    }
    names.add(source.name);
  };
  if (Array.isArray(sources)) {
    sources.forEach(requireNew);
    names.clear();
  }
  const blobs = [await sendForecaster(action, study.forecaster), ...others.map(packCandles)];
  const [forecaster, ...means] = await Promise.all(blobs.map((bytes) => pool.put(bytes)));
  const description = JSON.parse(JSON.stringify({ forecaster, others: means, ...how })) as Json;
  store.begin(name, description, Array.isArray(sources) ? sources.length : undefined);
  const refused = new Set(store.refused(name).map(({ source }) => source));
  let done = 0;
  const settle = async (source: MarketSource): Promise<StudyOutcome> => {
    const candles = await readSource(source);
    if ("refused" in candles) return candles;
    const market = await pool.put(packCandles(candles));
    try {
      const job = studyJob({ forecaster, market, others: means }, how);
      const [bytes] = await pool.map([job], signal ? { signal } : {});
      return readStudy(bytes);
    } finally {
      await pool.drop(market);
    }
  };
  await eachOf(sources, atOnce, async (source) => {
    signal?.throwIfAborted();
    requireNew(source);
    const known = store.has(name, source.name) && !refused.has(source.name);
    const outcome = known ? null : await settle(source);
    if (outcome) store.keep(name, source.name, outcome);
    done++;
    onProgress?.({ done, source: source.name, outcome });
  });
  store.end(name);
  return done;
}
