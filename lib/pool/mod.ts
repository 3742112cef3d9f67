/**
 * Work beyond one thread and one machine: jobs as plain data with an id, blobs by hash, pools that run them to the same bytes
 * wherever they run.
 * @module
 */
export { distribute, type DistributeOptions } from "./distribute.ts";
export { planStep, type StepCosts, type StepPlan } from "./plan.ts";
export { defineJobKind, type JobContext, type JobKind } from "./job_kind.ts";
export { type Job, jobId, type Json } from "./job.ts";
export { FingerprintError } from "./nats/member.ts";
export type { JobConflict } from "./nats/nats_pool.ts";
export { serveJobs, type ServeOptions } from "./nats/serve.ts";
export { openPool, type PoolOptions } from "./open.ts";
export {
  JobError,
  type JobOutcome,
  type JobProgress,
  type MapOptions,
  type Pool,
  type PoolInfo,
  type PoolWorker,
} from "./pool.ts";
export type { PoolBuild } from "./job_engine.ts";
export type { WrittenError } from "./messages.ts";
export { packValue, unpackValue } from "./pack.ts";
export { type DefinedTaskKind, defineTaskKind, type TaskAt, type TaskKind, type TaskKindBatches } from "./task_kind.ts";
export { marketTaskBatches } from "./kinds/market_tasks.ts";
export { backtestJob, readBacktest } from "./kinds/backtest.ts";
export { forecastJob, readForecasts } from "./kinds/forecast.ts";
export { readTrained, type TrainedSegment, trainJob, type TrainJobOptions } from "./kinds/train.ts";
