/**
 * Tasks by asset as a family: the draws of `asset_tasks.ts`, mixable with others.
 * @module
 */
import { requireShape, type TaskSourceOptions } from "./asset_tasks.ts";
import type { MarketRows } from "./market_rows.ts";
import { sourceFamily, type TaskFamily, windowSource } from "./task_family.ts";

/**
 * The family of tasks by asset: every market is a source, every contiguous window in it a task.
 *
 * @param markets Rows of each market, all with the same features and horizon.
 * @param options Task shape and time range.
 * @throws {DataError} There is no market, or one is too short (naming it, its rows and the rows needed).
 * @throws {RangeError} A length is out of range, or horizons differ.
 * @throws {TypeError} Markets differ in their features.
 */
export function assetFamily(markets: readonly MarketRows[], options: TaskSourceOptions): TaskFamily {
  requireShape(markets, options);
  return sourceFamily("asset", markets.map((market) => windowSource(market.market, market, options)), options);
}
