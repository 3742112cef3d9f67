/**
 * Tasks by calendar period (UTC): each month, quarter or year of a market is a source, and a task lies within one.
 * It refuses windows that reach over a border.
 * @module
 */
import { requireShape, rowRange, type TaskSourceOptions } from "./asset_tasks.ts";
import type { MarketRows } from "./market_rows.ts";
import { taskSpan } from "./market_task.ts";
import { type FamilySource, sourceFamily, type TaskFamily } from "./task_family.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** A calendar period. */
export type Period = "month" | "quarter" | "year";

/** What {@linkcode periodFamily} takes. */
export interface PeriodFamilyOptions extends TaskSourceOptions {
  /** Length of the periods. */
  readonly period: Period;
}

function periodName(time: number, period: Period): string {
  const date = new Date(time);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (period === "year") return `${year}`;
  return period === "quarter"
    ? `${year}Q${Math.floor(month / 3) + 1}`
    : `${year}-${String(month + 1).padStart(2, "0")}`;
}

function periodSources(market: MarketRows, options: PeriodFamilyOptions): FamilySource[] {
  const { first, end } = rowRange(market, options);
  const needed = taskSpan(options, market.horizon);
  const sources: FamilySource[] = [];
  for (let start = first; start < end;) {
    const name = periodName(market.time[start], options.period);
    let next = start + 1;
    while (next < end && periodName(market.time[next], options.period) === name) next++;
    const [from, rows] = [start, next - start];
    const starts = Math.max(0, rows - needed + 1);
    sources.push({ source: `${market.market} ${name}`, market, rows, starts, startAt: (i) => from + i });
    start = next;
  }
  return sources.length > 0
    ? sources
    : [{ source: `${market.market} (any ${options.period})`, market, rows: 0, starts: 0, startAt: () => 0 }];
}

/**
 * The family of tasks by period: every support and query bar opens within the same month, quarter or year of one market.
 * Each market and period is as likely as any other. A series seldom begins and ends with a whole period: `skipShort`
 * leaves the parts out.
 *
 * @param markets Rows of each market, all with the same features and horizon.
 * @param options Period, task shape and time range.
 * @throws {DataError} There is no market, or a period of one is too short (naming both, its rows and the rows needed).
 * @throws {RangeError} A length is out of range, the period is unknown, or horizons differ.
 * @throws {TypeError} Markets differ in their features.
 *
 * @example
 * ```ts
 * import { marketRows, random, sampleMarkets } from "@adaptrade/adaptrade";
 * import { periodFamily } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const rows = marketRows(dax, { horizon: 1 });
 * const family = periodFamily([rows], { supportRows: 20, queryRows: 10, period: "quarter", skipShort: true });
 * assertEquals(family.draw(random(1)).support.rows, 20);
 * ```
 */
export function periodFamily(markets: readonly MarketRows[], options: PeriodFamilyOptions): TaskFamily {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  requireShape(markets, options);
  if (!["month", "quarter", "year"].includes(options.period)) {
    throw new RangeError(`Cannot draw tasks: period must be month, quarter or year, got ${String(options.period)}`);
  }
  return sourceFamily(options.period, markets.flatMap((market) => periodSources(market, options)), options);
}
