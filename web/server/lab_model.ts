/**
 * The forecasters that the lab asks, and the markets ready for them. It trains nothing and writes nothing. The last few are kept,
 * so that a click neither reads a file nor decodes networks; a file that changed and a run that went on are read again.
 * @module
 */
import { type Candles, type Engine, openEngine } from "@adaptrade/adaptrade";
import { openRuns, type RunStore } from "@adaptrade/adaptrade/store";
import { inspectMarket, type MarketInspection } from "@adaptrade/adaptrade/forecast";
import { HttpError } from "fresh";
import { loadMarket } from "./markets.ts";
import { marketFile, runsDatabase } from "./paths.ts";
import { type TrainedRun, trainedRun } from "./run_training.ts";
import type { RunResult } from "./run_verdict.ts";

/** A run's forecaster, and the bars of the markets that it learned over. */
export interface LabModel extends TrainedRun {
  /** The run's id. */
  readonly id: string;
  /** The markets, with their later bars. */
  readonly markets: readonly Candles[];
}

/** A market as a forecaster reads it. */
export interface LabMarket {
  /** Its bars. */
  readonly candles: Candles;
  /** To ask about. */
  readonly inspection: MarketInspection;
}

const MOST_KEPT = 4;

/** Keeps the last few of what was made, by key; what fails is forgotten. */
export function keepLast<T>(most: number = MOST_KEPT): (key: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (key, make) => {
    const found = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, found);
    found.catch(() => kept.delete(key));
    for (const old of kept.keys()) if (kept.size > most) kept.delete(old);
    return found;
  };
}

let store: Promise<RunStore> | undefined;

/** The runs, to read from: opened here and not by the manager, which would take up interrupted ones. */
function runStore(): Promise<RunStore> {
  store ??= openRuns(runsDatabase());
  return store;
}

/** What came of a run, as its process kept it; null before its end. */
export async function runResult(id: string): Promise<RunResult | null> {
  return ((await runStore()).get(id)?.result ?? null) as RunResult | null;
}

/** Closes what was opened to read runs from. */
export async function closeRuns(): Promise<void> {
  const open = store;
  store = undefined;
  (await open)?.[Symbol.dispose]();
}

const models = keepLast<LabModel>();
const markets = keepLast<LabMarket>();
const candlesOf = keepLast<Candles>(12);

/** The bars of a market, read once. @throws {DataError} It cannot be read. */
export async function labCandlesOf(id: string): Promise<Candles> {
  return await candlesOf(`${id} ${await version(id)}`, () => loadMarket(id));
}

/**
 * The forecaster of a run, with its markets.
 *
 * @throws {HttpError} There is no such run, it is of an earlier version, or has no trained network yet.
 */
export async function labModel(id: string): Promise<LabModel> {
  if (id === "") throw new HttpError(400, "Choose a run: a forecast needs what one has learned.");
  const runs = await runStore();
  const step = runs.checkpoint(id, "latest")?.step;
  return await models(`${id} ${step}`, async () => {
    const run = await trainedRun(runs, id);
    return { id, ...run, markets: await Promise.all(run.config.markets.map(labCandlesOf)) };
  });
}

/** A market as a run's forecaster reads it. @throws {DataError} It cannot be read, or its bars are of another length. */
export async function labMarket(model: LabModel, id: string): Promise<LabMarket> {
  const { forecaster, markets: others } = model;
  const key = [model.id, forecaster.members.length, id, await version(id)].join(" ");
  return await markets(key, async () => {
    const candles = await labCandlesOf(id);
    return { candles, inspection: inspectMarket(forecaster, candles, { others }) };
  });
}

/** What changes when a file does; a missing one is left to the reader to complain about. */
async function version(id: string): Promise<string> {
  if (!id.startsWith("file:")) return "";
  const path = marketFile(id.slice("file:".length));
  return await Deno.stat(path).then(({ mtime, size }) => `${mtime?.getTime()} ${size}`, () => "missing");
}

let engine: Promise<Engine> | undefined;

/** The engine that answers the lab: one thread, held open, so that a click waits for nothing and no core is taken from training. */
export function labEngine(): Promise<Engine> {
  engine ??= openEngine({ backend: "cpu", threads: 1 });
  return engine;
}
