/**
 * The thread that runs one backtest, so that pages stay responsive: it says that it listens, is told what to test in one
 * message, tells its progress, keeps the result as files, and ends. It never opens the runs' database, whose opening takes up
 * interrupted runs.
 * @module
 */
/// <reference lib="deno.worker" />
import {
  compareBaselines,
  type Comparison,
  CURVE_STEPS,
  DataError,
  decodeState,
  deflateTogether,
  type Engine,
  fillsCsv,
  type MetaState,
  openEngine,
  openTrials,
  pretrain,
  renderReport,
  tradesCsv,
} from "@adaptrade/adaptrade";
import { keepBacktest } from "./backtest_files.ts";
import { type BacktestRequest, compareOptionsOf } from "./backtest_request.ts";
import { backtestView } from "./backtest_view.ts";
import { loadMarket } from "./markets.ts";
import { trialsDatabase } from "./paths.ts";
import type { RunConfig } from "./run_config.ts";
import { planRun, type RunPlan } from "./run_plan.ts";

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
  /** The run's checkpoint, as `encodeState` gave it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What the thread tells. */
export type BacktestNews =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly share: number; readonly stage: string }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly message: string };

const scope = self as unknown as DedicatedWorkerGlobalScope;
const tell = (news: BacktestNews): void => scope.postMessage(news);

/** Shares of the whole that adapting and, before it, training the pooled baseline take. */
const ADAPTING = 0.85;
const PRETRAINING = 0.5;

/** An engine that tells how many of the comparison's device calls have come back. */
function watched(engine: Engine, calls: number, from: number): Engine {
  let done = 0;
  return {
    ...engine,
    adaptPredict: async (inner, learner, pairs) => {
      const outputs = await engine.adaptPredict(inner, learner, pairs);
      const share = Math.min(1, ++done / calls);
      const stage = share < 1 ? "Adapting at every bar" : "Judging: intervals, shuffled prices, tests";
      tell({ kind: "progress", share: from + share * (ADAPTING - from), stage });
      return outputs;
    },
  };
}

/** The pooled baseline, trained on the run's own batches for as many steps. */
async function pooled(engine: Engine, state: MetaState, plan: RunPlan, seed: number): Promise<MetaState> {
  const counted = function* () {
    let made = 0;
    for (const batch of plan.batches(0)) {
      if (made === state.step) return;
      if (made++ % 20 === 0) {
        tell({ kind: "progress", share: PRETRAINING * made / state.step, stage: "Training the pooled baseline" });
      }
      yield batch;
    }
  };
  return await pretrain(engine, state.config, counted(), { seed });
}

/** Logs a comparison, and judges it by every backtest of its market before it: deleting one takes no trial back. */
async function judgedByLog(comparison: Comparison): Promise<Comparison> {
  using trials = await openTrials(trialsDatabase());
  const [judged] = deflateTogether([comparison], trials.record(comparison.strategies.map(({ result }) => result)));
  return judged;
}

async function test({ id, request, config, runName, bytes }: BacktestOrder): Promise<void> {
  tell({ kind: "progress", share: 0, stage: "Reading the markets" });
  const [{ state: metaLearned }, plan, candles] = await Promise.all([
    decodeState(bytes, "the run's checkpoint"),
    planRun(config),
    loadMarket(request.market),
  ]);
  const from = request.from === "" ? plan.testFrom : Date.parse(request.from);
  if (from < plan.testFrom) {
    const date = new Date(plan.testFrom).toISOString().slice(0, 10);
    throw new DataError(
      `Cannot test from ${request.from}: the run was trained and selected on bars before ${date}. Choose that date or a later one`,
    );
  }
  await using engine = await openEngine();
  const { seed, supportRows, horizon } = config;
  const pretrained = request.pretrained && metaLearned.step > 0
    ? await pooled(engine, metaLearned, plan, seed)
    : undefined;
  const options = { ...compareOptionsOf(request), from, supportRows, horizon, seed };
  const steps = options.steps ?? metaLearned.config.inner.steps;
  const models = pretrained === undefined ? 2 : 3;
  const calls = models * (1 + CURVE_STEPS.filter((count) => count !== steps).length);
  const start = pretrained === undefined ? 0.02 : PRETRAINING;
  tell({ kind: "progress", share: start, stage: "Adapting at every bar" });
  const compared = await compareBaselines(
    watched(engine, calls, start),
    { metaLearned, ...(pretrained && { pretrained }) },
    candles,
    options,
  );
  tell({ kind: "progress", share: 0.95, stage: "Drawing the tear sheet" });
  const comparison = await judgedByLog(compared);
  const view = backtestView(comparison, candles, { id, createdAt: Date.now(), request, runName });
  const report = await renderReport([comparison], {
    title: `${runName} on ${candles.symbol}`,
    settings: Object.fromEntries(Object.entries(request).map(([name, value]) => [name, String(value)])),
    state: metaLearned,
  });
  const [{ result }] = comparison.strategies;
  await keepBacktest(view, { report, trades: tradesCsv(result), fills: fillsCsv(result) });
}

scope.onmessage = async ({ data }: MessageEvent<BacktestOrder>) => {
  try {
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
