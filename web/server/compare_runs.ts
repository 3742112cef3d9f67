/**
 * Runs side by side: what was asked of each and where they differ, their curves, learned rates and latest backtests. Reads
 * only.
 * @module
 */
import type { RunPoint, RunRecord, RunStore } from "@adaptrade/adaptrade/store";
import { listBacktests } from "./backtest_files.ts";
import type { BacktestSummary } from "./backtest_view.ts";
import { RUN_SETTINGS } from "../components/run_settings.ts";
import { isForecasterRun } from "./run_config.ts";
import { runManager } from "./run_manager.ts";
import type { RunResult } from "./run_verdict.ts";
import type { PointDetail } from "../worker/measure.ts";

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
  /** Validation loss of the forecaster; null before the first network is finished. */
  readonly best: number | null;
  /** Validation loss of saying nothing; null before the first point. */
  readonly anchor: number | null;
  /** What came of it on the unseen market; null before its end. */
  readonly result: RunResult | null;
  /** Median outer steps a second; null before the first point. */
  readonly stepsPerSecond: number | null;
  /** Steps and validation losses, at most 300 points. */
  readonly curve: readonly {
    readonly step: number;
    readonly train: number | null;
    /** What it would be had the networks said nothing; null where that is not known. */
    readonly silent: number | null;
    readonly validation: number | null;
  }[];
  /** Mean learned rate of each layer, over its inner steps; empty before the first meta-training. */
  readonly rates: readonly number[];
  /** Its latest backtest of the market that is compared on; null where there is none. */
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

const MOST_POINTS = 300;

/** The settings of runs, and where they differ; a run of an earlier version has none of them. */
export function compareSettings(configs: readonly unknown[]): ComparedSetting[] {
  return RUN_SETTINGS.map(([name, value]) => {
    const values = configs.map((config) => isForecasterRun(config) ? value(config) : "–");
    return { name, values, differs: new Set(values).size > 1 };
  });
}

/** Ids of the markets on which runs were backtested, that of most runs first. */
export function backtestedMarkets(ids: readonly string[], backtests: readonly BacktestSummary[]): string[] {
  const runsOf = new Map<string, Set<string>>();
  for (const { request: { run, market } } of backtests) {
    if (ids.includes(run)) runsOf.set(market, (runsOf.get(market) ?? new Set()).add(run));
  }
  return [...runsOf].sort(([, a], [, b]) => b.size - a.size).map(([market]) => market);
}

/** What is laid side by side. */
export interface RunComparison {
  /** The runs. */
  readonly runs: ComparedRun[];
  /** Their settings. */
  readonly settings: ComparedSetting[];
  /** Ids of the markets on which they were backtested, that of most runs first. */
  readonly markets: readonly string[];
  /** The one whose backtests are compared; null where there is none. */
  readonly market: string | null;
}

/** Runs by id, in the order asked for, on one market (default the one that most of them were backtested on); unknown ones are left out. */
export async function compareRuns(ids: readonly string[], asked: string | null = null): Promise<RunComparison> {
  const { store } = await runManager();
  const records = [...new Set(ids)].flatMap((id) => store.get(id) ?? []);
  const backtests = records.length === 0 ? [] : await listBacktests();
  const markets = backtestedMarkets(records.map(({ id }) => id), backtests);
  const market = markets.find((one) => one === asked) ?? markets[0] ?? null;
  const there = backtests.filter(({ request }) => request.market === market);
  const runs = records.map((record) => comparedRun(store, record, there));
  return { runs, settings: compareSettings(records.map(({ config }) => config)), markets, market };
}

function comparedRun(
  store: RunStore,
  { id, name, status, step, config, result }: RunRecord,
  backtests: readonly BacktestSummary[],
): ComparedRun {
  const points = store.points(id, { most: MOST_POINTS });
  const speeds = points.flatMap(({ detail }) => (detail as { stepsPerSecond?: number }).stepsPerSecond ?? []);
  return {
    id,
    name,
    status,
    step,
    best: store.checkpoint(id, isForecasterRun(config) ? "latest" : "best")?.validation ?? null,
    anchor: (points.at(-1)?.detail as Partial<PointDetail> | undefined)?.anchorLoss ?? null,
    result: result as RunResult | null,
    stepsPerSecond: median(speeds),
    curve: points.map(({ step, train, validation, detail }) => ({
      step,
      train,
      silent: (detail as Partial<PointDetail>).silentLoss ?? null,
      validation,
    })),
    rates: ratesByLayer(points),
    backtest: backtests.find(({ request }) => request.run === id) ?? null,
  };
}

/** Mean learned rate of each layer at the last point that has some. */
function ratesByLayer(points: readonly RunPoint[]): number[] {
  const rates = points.map(({ detail }) => (detail as PointDetail).rates ?? []).findLast(({ length }) => length > 0) ??
    [];
  const layers = Math.max(0, ...rates.map(({ layer }) => layer + 1));
  return Array.from({ length: layers }, (_, layer) => {
    const own = rates.filter((rate) => rate.layer === layer);
    return own.reduce((sum, { mean }) => sum + mean, 0) / own.length;
  });
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((a, b) => a - b)[values.length >> 1];
}
