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
 *
 * @example
 * ```ts
 * import { marketRows, random, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assetFamily } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const family = assetFamily([marketRows(dax, { horizon: 1 })], { supportRows: 20, queryRows: 10 });
 * const { support, query } = family.draw(random(1));
 * assertEquals([support.rows, query.rows], [20, 10]);
 * ```
 */
export function assetFamily(markets: readonly MarketRows[], options: TaskSourceOptions): TaskFamily {
  requireShape(markets, options);
  return sourceFamily("asset", markets.map((market) => windowSource(market.market, market, options)), options);
}
