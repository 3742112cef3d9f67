/**
 * Support and query sets: how candles, features and labels become the tasks of a training, by market, period, regime, strategy
 * or pair, and how time is split.
 * @module
 */
export { assetFamily } from "./asset_family.ts";
export {
  assetTasks,
  type AssetTasksOptions,
  taskBatches,
  type TaskBatchesOptions,
  taskCapacities,
  type TaskCapacity,
  type TaskSourceOptions,
} from "./asset_tasks.ts";
export { classStarts, type ClassStartsOptions } from "./class_starts.ts";
export { type HierarchicalFamily, hierarchicalTasks, type HierarchicalTasksOptions } from "./hierarchical_tasks.ts";
export { joinRows, type MarketRows, marketRows, type MarketRowsOptions } from "./market_rows.ts";
export type { MarketTask, TaskScaler, TaskShape } from "./market_task.ts";
export { mixTasks, type MixTasksOptions, type WeightedFamily } from "./mix_tasks.ts";
export { type Period, periodFamily, type PeriodFamilyOptions } from "./period_family.ts";
export { regimeFamily, type RegimeFamilyOptions } from "./regime_family.ts";
export { resampleCandles } from "./resample_candles.ts";
export { splitByTime, type SplitPoints, type TimeSplit } from "./split.ts";
export { type Strategy, strategyFamily, type StrategyFamilyOptions } from "./strategy_family.ts";
export {
  pairCandles,
  pairRows,
  type PairRowsOptions,
  strategyRows,
  type StrategyRowsOptions,
} from "./strategy_rows.ts";
export {
  type SignalStrategy,
  type StrategySignal,
  strategySignal,
  type StrategySignalOptions,
} from "./strategy_signal.ts";
export type { SourceCapacity, TaskFamily } from "./task_family.ts";
