/**
 * Tasks by regime: windows that a regime leads into, or rows of one regime alone. Which regime a task belongs to is decided
 * from labels known when its query begins; it refuses to look at the query's own future.
 * @module
 */
import { DataError } from "../data/candles.ts";
import { type Regime, regimeAt, type RegimeLabels, REGIMES } from "../features/regimes.ts";
import { requireShape, rowRange, type TaskSourceOptions } from "./asset_tasks.ts";
import { type MarketRows, pickRows } from "./market_rows.ts";
import { taskSpan } from "./market_task.ts";
import { type FamilySource, sourceFamily, type TaskFamily, windowSource } from "./task_family.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** What {@linkcode regimeFamily} takes. */
export interface RegimeFamilyOptions extends TaskSourceOptions {
  /**
   * `led` (default): a contiguous window whose regime is the one known when the last support label is, so at the decision
   * on the query. `inside`: only bars of the regime are rows, so support and query are its bars alone, with other bars
   * passed over: what one who adapts on the latest bars of the present regime would see.
   */
  readonly kind?: "led" | "inside";
  /** Regimes to draw from (default all). */
  readonly regimes?: readonly Regime[];
}

/** Windows of a market by the regime that leads into their query. */
function ledSources(market: MarketRows, labels: RegimeLabels, options: RegimeFamilyOptions): FamilySource[] {
  const { supportRows, regimes = REGIMES } = options;
  const { first, end } = rowRange(market, options);
  const starts = new Map(regimes.map((regime) => [regime, [] as number[]]));
  for (let start = first; start + taskSpan(options, market.horizon) <= end; start++) {
    const regime = regimeAt(labels, market.knownAt[start + supportRows - 1]);
    if (regime !== null) starts.get(regime)?.push(start);
  }
  return [...starts].map(([regime, at]) => ({
    source: `${market.market} ${regime}`,
    market,
    rows: end - first,
    starts: at.length,
    startAt: (i) => at[i],
  }));
}

/** Rows of a market that bear a regime, as a market of their own. */
function insideSources(market: MarketRows, labels: RegimeLabels, options: RegimeFamilyOptions): FamilySource[] {
  const regimes = Array.from(market.time, (time) => regimeAt(labels, time));
  return (options.regimes ?? REGIMES).map((regime) => {
    const rows = regimes.flatMap((one, row) => one === regime ? [row] : []);
    return windowSource(`${market.market} ${regime}`, pickRows(market, rows), options);
  });
}

/**
 * The family of tasks by regime: each market and regime is a source, as likely as any other, so that rare regimes are drawn
 * as often as common ones. The labels of a market are found by its name.
 *
 * @param markets Rows of each market, all with the same features and horizon.
 * @param labels Regimes of each market, from `labelRegimes` on the same candles.
 * @param options Kind, regimes, task shape and time range.
 * @throws {DataError} A market has no labels, or gives no task of a regime (naming both and what it lacks).
 * @throws {RangeError} A length is out of range, a regime or kind is unknown, or horizons differ.
 * @throws {TypeError} Markets differ in their features.
 *
 * @example
 * ```ts
 * import { marketRows, random, sampleMarkets } from "@adaptrade/adaptrade";
 * import { labelRegimes } from "@adaptrade/adaptrade/features";
 * import { regimeFamily } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const rows = marketRows(dax, { horizon: 1 });
 * const family = regimeFamily([rows], [labelRegimes(dax)], { supportRows: 20, queryRows: 10, skipShort: true });
 * assertEquals(family.draw(random(1)).query.rows, 10);
 * ```
 */
export function regimeFamily(
  markets: readonly MarketRows[],
  labels: readonly RegimeLabels[],
  options: RegimeFamilyOptions,
): TaskFamily {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  requireShape(markets, options);
  const { kind = "led", regimes = REGIMES } = options;
  if (kind !== "led" && kind !== "inside") {
    throw new RangeError(`Cannot draw tasks: kind must be led or inside, got ${String(kind)}`);
  }
  const unknown = regimes.find((regime) => !REGIMES.includes(regime));
  if (unknown !== undefined || regimes.length === 0) {
    throw new RangeError(`Cannot draw tasks: regimes must be some of ${REGIMES.join(", ")}, got ${String(unknown)}`);
  }
  const sources = markets.flatMap((market) => {
    const own = labels.find((one) => one.market === market.market);
    if (!own) throw new DataError(`Cannot draw tasks by regime: ${market.market} has no regime labels`);
    return kind === "led" ? ledSources(market, own, options) : insideSources(market, own, options);
  });
  return sourceFamily("regime", sources, options);
}
