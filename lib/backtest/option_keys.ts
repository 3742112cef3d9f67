/**
 * Names of every option of a backtest. One options object may serve all of its steps (walk, sizes, account, comparison,
 * look-ahead check), so each step accepts what another one reads, and refuses what none does. The values, and what they mean,
 * are where each is read; the compiler demands here what an interface adds there.
 * @module
 */

/** What an options object that the steps of a backtest share may hold. */
export const BACKTEST_KEYS = {
  // the walk
  supportRows: true,
  horizon: true,
  from: true,
  to: true,
  features: true,
  labels: true,
  steps: true,
  // positions
  threshold: true,
  mode: true,
  sizing: true,
  every: true,
  weighting: true,
  maxGross: true,
  // the account
  fill: true,
  entry: true,
  rebalance: true,
  costs: true,
  costRate: true,
  exits: true,
  brake: true,
  initialCapital: true,
  periodsPerYear: true,
  riskFreeRate: true,
  // comparisons and checks
  seed: true,
  shuffles: true,
  resamples: true,
  trials: true,
  curveSteps: true,
  cuts: true,
  denseCuts: true,
  stages: true,
  otherMarkets: true,
  lagged: true,
  training: true,
  // trainings that walk too
  queryRows: true,
  batches: true,
  tasks: true,
  window: true,
  warmStart: true,
  skipShort: true,
  // the run
  strategy: true,
  signal: true,
  others: true,
  onProgress: true,
} as const;
