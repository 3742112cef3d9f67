/**
 * The thread that runs one backtest, so that pages stay responsive: it says that it listens, is told what to test in one
 * message, tells its progress, keeps the result as files, and ends. It never opens the runs' database, whose opening takes up
 * interrupted runs.
 * @module
 */
/// <reference lib="deno.worker" />
import {
  compareResults,
  type Comparison,
  DataError,
  type Engine,
  openEngine,
  renderReport,
} from "@adaptrade/adaptrade";
import { deflateTogether, holdAtRisk, type MoneyPlan, tradeReturns } from "@adaptrade/adaptrade/backtest";
import { decodeForecaster } from "@adaptrade/adaptrade/forecast";
import { fillsCsv, tradesCsv } from "@adaptrade/adaptrade/report";
import { openTrials } from "@adaptrade/adaptrade/store";
import { requestWords } from "../components/backtest_words.ts";
import { keepBacktest } from "./backtest_files.ts";
import { type BacktestRequest, tradingOptionsOf } from "./backtest_request.ts";
import { backtestView } from "./backtest_view.ts";
import { type JudgedForecasts, judgedForecasts } from "./judged_forecasts.ts";
import { loadMarket } from "./markets.ts";
import { chooseDataFolder, trialsDatabase } from "./paths.ts";
import type { RunConfig } from "./run_config.ts";

/** What the thread is told. */
export interface BacktestOrder {
  /** The id to keep the result under. */
  readonly id: string;
  /** What to test. */
  readonly request: BacktestRequest;
  /** What the run was asked for. */
  readonly config: RunConfig;
  /** The run's name. */
  readonly runName: string;
  /** The run's forecaster, as `encodeForecaster` gave it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the backtest before said of its forecasts; null of the first. */
  readonly judged: JudgedForecasts | null;
  /** The data folder. */
  readonly folder: string;
}

/** What the thread tells. */
export type BacktestNews =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly share: number; readonly stage: string }
  | { readonly kind: "judged"; readonly judged: JudgedForecasts }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };

const scope = self as unknown as DedicatedWorkerGlobalScope;
const tell = (news: BacktestNews): void => scope.postMessage(news);

/** Shares of the whole that reading the markets and adapting take. */
const READING = 0.05;
const ADAPTING = 0.85;
/** Forecasts in one device call; see the library's ensemble. */
const CHUNK = 512;

/** An engine that tells how many of the device calls have come back. */
function watched(engine: Engine, calls: number): Engine {
  let done = 0;
  return {
    ...engine,
    adaptPredict: async (inner, learner, pairs) => {
      const outputs = await engine.adaptPredict(inner, learner, pairs);
      const share = Math.min(1, ++done / calls);
      const stage = share < 1 ? "Adapting at every bar" : "Judging: intervals, shuffled prices, tests";
      tell({ kind: "progress", share: READING + share * (ADAPTING - READING), stage });
      return outputs;
    },
  };
}

/** Logs a comparison, and judges it by every backtest of its market before it: deleting one takes no trial back. */
async function judgedByLog(comparison: Comparison): Promise<Comparison> {
  using trials = await openTrials(trialsDatabase());
  const [judged] = deflateTogether([comparison], trials.record(comparison.strategies.map(({ result }) => result)));
  return judged;
}

async function test({ id, request, config, runName, bytes, judged: before }: BacktestOrder): Promise<void> {
  tell({ kind: "progress", share: 0, stage: "Reading the markets" });
  const [forecaster, market, ...others] = await Promise.all([
    decodeForecaster(bytes, { source: "the run's forecaster" }),
    loadMarket(request.market),
    ...config.markets.filter((other) => other !== request.market).map(loadMarket),
  ]);
  const from = request.from === "" ? forecaster.trainedOn.trainedUntil : Date.parse(request.from);
  await using engine = await openEngine();
  const options = tradingOptionsOf(request, config.target);
  const decisions = market.time.filter((time) => time >= from).length;
  // Every network adapts at every bar: from the learned start, the pretrained one and from scratch.
  const calls = 3 * forecaster.members.length * Math.max(1, Math.ceil(decisions / CHUNK));
  const plan: MoneyPlan = { market, others, from, seed: config.seed, options, alone: true };
  const tested = watched(engine, calls);
  tell({ kind: "progress", share: READING, stage: "Adapting at every bar" });
  const results = config.target === "return"
    ? await tradeReturns(tested, forecaster, plan)
    : (await holdAtRisk(tested, forecaster, { ...plan, risk: request.risk })).results;
  tell({ kind: "progress", share: ADAPTING, stage: "Judging: intervals, shuffled prices, tests" });
  const compared = compareResults(results, market, { ...options, seed: config.seed });
  tell({ kind: "progress", share: 0.9, stage: "Judging its forecasts beside every cheap method's" });
  const pool = config.markets.includes(request.market) ? [market, ...others] : others;
  const judged = await judgedForecasts(engine, { forecaster, bytes, market, pool, from }, before);
  tell({ kind: "judged", judged });
  tell({ kind: "progress", share: 0.95, stage: "Drawing the tear sheet" });
  const comparison = await judgedByLog(compared);
  const view = backtestView(comparison, market, { id, createdAt: Date.now(), request, runName, target: config.target });
  const report = await renderReport([comparison], {
    title: `${runName} on ${market.symbol}`,
    settings: Object.fromEntries([
      ["Run", runName],
      ...requestWords(request, config.target),
      ["Capital", view.capital.toLocaleString("en")],
    ]),
    state: forecaster.members[0].state,
    ...(judged.report && { forecast: judged.report }),
  });
  const [{ result }] = comparison.strategies;
  await keepBacktest(view, { report, trades: tradesCsv(result), fills: fillsCsv(result) });
}

scope.onmessage = async ({ data }: MessageEvent<BacktestOrder>) => {
  try {
    chooseDataFolder(data.folder);
    await test(data);
    tell({ kind: "done" });
  } catch (error) {
    if (!(error instanceof DataError || error instanceof RangeError || error instanceof TypeError)) {
      console.error(error);
    }
    tell({ kind: "failed", message: (error as Error).message });
  }
};

// A module below may await something while it loads, as Fresh's do; what is sent until then reaches nobody.
tell({ kind: "ready" });
