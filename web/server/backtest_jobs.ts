/**
 * Backtests that wait or run: one at a time, each in a thread of its own. Finished ones are files; see `backtest_files.ts`. What
 * runs when the server ends is lost and has to be started again.
 * @module
 */
import { HttpError } from "fresh";
import { readBacktest } from "./backtest_files.ts";
import { type BacktestRequest, parseBacktestRequest } from "./backtest_request.ts";
import type { BacktestNews, BacktestOrder } from "./backtest_worker.ts";
import type { JudgedForecasts } from "./judged_forecasts.ts";
import { dataFolder } from "./paths.ts";
import { requireTestable } from "./run_check.ts";
import { runManager } from "./run_manager.ts";
import { trainedRun } from "./run_training.ts";
import { type EventChannel, openChannel } from "./sse.ts";

/** A backtest that has not been finished. */
export interface BacktestJob {
  /** Its id. */
  readonly id: string;
  /** The run's name. */
  readonly runName: string;
  /** Id of the market. */
  readonly market: string;
  /** Where it is. */
  readonly status: "queued" | "running" | "failed";
  /** How much of it is done, in [0, 1]. */
  readonly share: number;
  /** What it is doing, in words. */
  readonly stage: string;
  /** Why it failed, or null. */
  readonly error: string | null;
}

const WORKER = new URL("./backtest_worker.ts", import.meta.url).href;
/** Failed ones are remembered, so that a reload still says why. */
const MOST_FAILED = 5;

const jobs = new Map<string, BacktestJob>();
const orders = new Map<string, Omit<BacktestOrder, "judged" | "folder">>();
let running: { readonly id: string; readonly worker: Worker } | null = null;
/** What the last one said of its forecasts: settings are tried on one run and market again and again. */
let judged: JudgedForecasts | null = null;
let channel: EventChannel | undefined;

/** The backtests that wait, run or failed, oldest first. */
export function backtestJobs(): BacktestJob[] {
  return [...jobs.values()];
}

/**
 * Queues a backtest.
 *
 * @param input see `parseBacktestRequest` for what it takes and throws
 * @throws {FieldError} Its market cannot be read, or ends before the test begins.
 * @throws {HttpError} There is no such run, it is of an earlier version, has no trained network yet, or forecasts what is not traded.
 */
export async function startBacktest(input: unknown): Promise<BacktestJob> {
  const request: BacktestRequest = parseBacktestRequest(input);
  const { store } = await runManager();
  const { config, name: runName, forecaster } = await trainedRun(store, request.run);
  if (config.target === "logVolume") {
    throw new HttpError(
      400,
      "A forecast of volume takes no position: choose a run that forecasts volatility or returns.",
    );
  }
  await requireTestable(request, forecaster.trainedOn.trainedUntil);
  const { bytes } = store.checkpoint(request.run, "latest")!;
  const id = Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => (byte % 36).toString(36)).join("");
  orders.set(id, { id, request, config, runName, bytes });
  const job: BacktestJob = {
    id,
    runName,
    market: request.market,
    status: "queued",
    share: 0,
    stage: "Waits for another backtest to end",
    error: null,
  };
  jobs.set(id, job);
  next();
  tell();
  return jobs.get(id)!;
}

/** Ends a backtest that waits or runs, and forgets one that failed. */
export function cancelBacktest(id: string): void {
  jobs.delete(id);
  orders.delete(id);
  if (running?.id === id) end();
  tell();
}

/** Connects a reader to the stream of jobs: `jobs` events with all of them, `finished` events with an id. */
export function connectBacktests(): Response {
  channel ??= openChannel();
  return channel.connect([{ name: "jobs", data: backtestJobs() }]);
}

/** A file of a finished backtest as a response. @throws {HttpError} There is no such backtest. */
export async function backtestResponse(
  id: string,
  file: Parameters<typeof readBacktest>[1],
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const bytes = await readBacktest(id, file);
  if (bytes === null) throw new HttpError(404, "There is no such backtest. It may have been deleted, or not finished.");
  return new Response(bytes, { headers });
}

function tell(finished?: string): void {
  channel?.publish({ name: "jobs", data: backtestJobs() });
  if (finished !== undefined) channel?.publish({ name: "finished", data: finished });
}

function next(): void {
  if (running !== null) return;
  const [order] = orders.values();
  if (order === undefined) return;
  const { id } = order;
  orders.delete(id);
  const worker = new Worker(WORKER, { type: "module" });
  running = { id, worker };
  change(id, { status: "running", stage: "Starting" });
  worker.onmessage = ({ data }: MessageEvent<BacktestNews>) => {
    if (data.kind === "ready") worker.postMessage({ ...order, judged, folder: dataFolder() } satisfies BacktestOrder);
    else hear(id, data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    hear(id, { kind: "failed", message: `The backtest ended unexpectedly: ${event.message}` });
  };
}

function hear(id: string, news: Exclude<BacktestNews, { readonly kind: "ready" }>): void {
  // A message may still be on its way when its thread has been ended.
  if (running?.id !== id) return;
  if (news.kind === "progress") {
    change(id, { share: news.share, stage: news.stage });
    return tell();
  }
  if (news.kind === "judged") {
    judged = news.judged;
    return;
  }
  if (news.kind === "done") jobs.delete(id);
  else change(id, { status: "failed", stage: "Failed", error: news.message });
  const failed = backtestJobs().filter(({ status }) => status === "failed");
  failed.slice(0, -MOST_FAILED).forEach((old) => jobs.delete(old.id));
  end();
  tell(news.kind === "done" ? id : undefined);
}

function end(): void {
  running?.worker.terminate();
  running = null;
  next();
}

function change(id: string, news: Partial<BacktestJob>): void {
  const job = jobs.get(id);
  if (job !== undefined) jobs.set(id, { ...job, ...news });
}
