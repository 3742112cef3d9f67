/**
 * Runs, trials and the paper trader in SQLite, which is opened only when a function is called (`node:sqlite`).
 * @module
 */
export { type Database, type DatabaseOptions, openDatabase } from "./database.ts";
export { type FailedJob, type JobResult, type JobStore, openJobStore } from "./job_store.ts";
export {
  type CheckpointKind,
  openRuns,
  OwnershipError,
  type RunCheckpoint,
  type RunPoint,
  type RunRecord,
  type RunReport,
  type RunRequest,
  type RunStatus,
  type RunStore,
} from "./runs.ts";
export { removeTraderFile } from "./trader_lock.ts";
export { TRADER_MIGRATIONS } from "./trader_schema.ts";
export { type AwayPeriod, awayPeriods, openTraderStore, type TraderStore } from "./trader_store.ts";
export { openTrials, type TrialRecord, type TrialStore, type TriedBacktest } from "./trial_store.ts";
