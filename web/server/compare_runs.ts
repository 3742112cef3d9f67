/**
 * Runs side by side: what was asked of each and where they differ, their curves, learned rates and latest backtests. Reads
 * only.
 * @module
 */
import { decodeState, learningRates, type RunRecord, type RunStore } from "@adaptrade/adaptrade";
import { listBacktests } from "./backtest_files.ts";
import type { BacktestSummary } from "./backtest_view.ts";
import { marketName } from "../components/format.ts";
import type { RunConfig } from "./run_config.ts";
import { runManager } from "./run_manager.ts";

/** A run among others. */
export interface ComparedRun {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** How it stands. */
  readonly status: RunRecord["status"];
  /** Outer steps made. */
  readonly step: number;
  /** Lowest validation loss; null before the first. */
  readonly best: number | null;
  /** Validation loss of the last point; null before the first. */
  readonly final: number | null;
  /** Median outer steps a second; null before the first point. */
  readonly stepsPerSecond: number | null;
  /** Steps and validation losses, at most 300 points. */
  readonly curve: readonly {
    readonly step: number;
    readonly train: number | null;
    readonly validation: number | null;
  }[];
  /** Mean learned rate of each layer, over its inner steps; empty before the first checkpoint. */
  readonly rates: readonly number[];
  /** Its latest backtest; null where there is none. */
  readonly backtest: BacktestSummary | null;
}

/** One setting over the runs. */
export interface ComparedSetting {
  /** What it is called. */
  readonly name: string;
  /** Its value in each run, in words. */
  readonly values: readonly string[];
  /** Whether the runs differ in it. */
  readonly differs: boolean;
}

const SETTINGS: readonly (readonly [name: string, value: (config: RunConfig) => string])[] = [
  ["Method", ({ preset }) => preset],
  ["Outer steps asked for", ({ steps }) => String(steps)],
  ["Tasks in a batch", ({ tasks }) => String(tasks)],
  ["Inner steps", ({ innerSteps }) => String(innerSteps)],
  ["Initial inner rate", ({ innerLr }) => String(innerLr)],
  ["Outer rate", ({ outerLr }) => outerLr === 0 ? "the method's own" : String(outerLr)],
  ["Hidden layers", ({ hidden }) => hidden.length === 0 ? "none" : hidden.join(" × ")],
  ["Support bars", ({ supportRows }) => String(supportRows)],
  ["Query bars", ({ queryRows }) => String(queryRows)],
  ["Bars ahead", ({ horizon }) => String(horizon)],
  ["Seed", ({ seed }) => String(seed)],
  ["Markets", ({ markets }) => markets.map(marketName).join(", ")],
  ["Kept unseen", ({ unseen }) => marketName(unseen)],
];

const MOST_POINTS = 300;

/** The settings of runs, and where they differ. */
export function compareSettings(configs: readonly RunConfig[]): ComparedSetting[] {
  return SETTINGS.map(([name, value]) => {
    const values = configs.map(value);
    return { name, values, differs: new Set(values).size > 1 };
  });
}

/** Runs by id, in the order asked for; unknown ones are left out. */
export async function compareRuns(
  ids: readonly string[],
): Promise<{ readonly runs: ComparedRun[]; readonly settings: ComparedSetting[] }> {
  const { store } = await runManager();
  const records = [...new Set(ids)].flatMap((id) => store.get(id) ?? []);
  const backtests = records.length === 0 ? [] : await listBacktests();
  const runs = await Promise.all(records.map((record) => comparedRun(store, record, backtests)));
  return { runs, settings: compareSettings(records.map(({ config }) => config as RunConfig)) };
}

async function comparedRun(
  store: RunStore,
  { id, name, status, step }: RunRecord,
  backtests: readonly BacktestSummary[],
): Promise<ComparedRun> {
  const points = store.points(id, { most: MOST_POINTS });
  const checkpoint = store.checkpoint(id, "best") ?? store.checkpoint(id, "latest");
  const speeds = points.flatMap(({ detail }) => (detail as { stepsPerSecond?: number }).stepsPerSecond ?? []);
  return {
    id,
    name,
    status,
    step,
    best: store.checkpoint(id, "best")?.validation ?? null,
    final: points.findLast(({ validation }) => validation !== null)?.validation ?? null,
    stepsPerSecond: median(speeds),
    curve: points.map(({ step, train, validation }) => ({ step, train, validation })),
    rates: checkpoint === undefined ? [] : await ratesByLayer(checkpoint.bytes),
    backtest: backtests.find(({ request }) => request.run === id) ?? null,
  };
}

async function ratesByLayer(bytes: Uint8Array<ArrayBuffer>): Promise<number[]> {
  const rates = learningRates((await decodeState(bytes, "a run's checkpoint")).state);
  const layers = Math.max(...rates.map(({ layer }) => layer)) + 1;
  return Array.from({ length: layers }, (_, layer) => {
    const own = rates.filter((rate) => rate.layer === layer);
    return own.reduce((sum, { mean }) => sum + mean, 0) / own.length;
  });
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((a, b) => a - b)[values.length >> 1];
}
