/**
 * Names of every option by which tasks are drawn and their rows made. One options object may serve several samplers, so each
 * accepts what another reads, and refuses what none does; the compiler demands here what an interface adds there.
 * @module
 */

/** What an options object that samplers share may hold. */
export const TASK_KEYS = {
  // a task's shape, and which rows it may use
  supportRows: true,
  queryRows: true,
  from: true,
  to: true,
  skipShort: true,
  // rows
  horizon: true,
  features: true,
  lookback: true,
  labels: true,
  // draws
  count: true,
  tasks: true,
  batches: true,
  start: true,
  seed: true,
  // families
  period: true,
  kind: true,
  regimes: true,
  strategies: true,
  strategy: true,
  pairs: true,
  window: true,
  entry: true,
  scales: true,
} as const;
