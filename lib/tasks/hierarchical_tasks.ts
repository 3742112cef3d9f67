/**
 * Tasks by asset class, asset and time scale, nested: each class as likely as any other, then each asset in it, then each
 * scale of it. It refuses to resample bars that end after the time range does, so that no coarse bar looks past it.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import type { TaskSourceOptions } from "./asset_tasks.ts";
import { marketRows } from "./market_rows.ts";
import { resampleCandles } from "./resample_candles.ts";
import {
  capacityOf,
  chooseFamily,
  type FamilySource,
  madeSource,
  requireCapacity,
  sourceFamily,
  type TaskFamily,
} from "./task_family.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** What {@linkcode hierarchicalTasks} takes. */
export interface HierarchicalTasksOptions extends TaskSourceOptions {
  /** Bars that a label looks ahead, at least 1, on each time scale. */
  readonly horizon: number;
  /** Time scales: how many bars make a coarse one, or its interval; 1 is the bars themselves (default 1 alone). */
  readonly scales?: readonly (number | string)[];
  /** Features (default `tradingFeatures`). */
  readonly features?: FeatureFunction;
}

/** A family of nested tasks. */
export interface HierarchicalFamily extends TaskFamily {
  /** The family of each asset class by itself, by name. */
  readonly classes: Readonly<Record<string, TaskFamily>>;
}

/** The bars that have closed by a time. */
function closedBy(candles: Candles, to: number): Candles {
  const { time, open, high, low, close, volume } = candles;
  const interval = intervalMs(candles.interval);
  const after = time.findIndex((t) => t + interval > to);
  const bars = after < 0 ? time.length : after;
  return {
    ...candles,
    time: time.slice(0, bars),
    open: open.slice(0, bars),
    high: high.slice(0, bars),
    low: low.slice(0, bars),
    close: close.slice(0, bars),
    volume: volume.slice(0, bars),
  };
}

function assetFamilies(
  assetClass: string,
  markets: readonly Candles[],
  options: HierarchicalTasksOptions,
): FamilySource[][] {
  const { horizon, scales = [1], features, to = Infinity } = options;
  const rowsOptions = { horizon, ...(features && { features }) };
  return markets.map((candles) => {
    const closed = closedBy(candles, to);
    return scales.map((scale) =>
      madeSource(`${assetClass} ${candles.symbol} ${typeof scale === "number" ? `×${scale}` : scale}`, () => {
        const scaled = resampleCandles(closed, scale);
        const rows = marketRows(scaled, rowsOptions);
        // A label is known when the last of the market's own bars in it has closed, not when the long bar opened.
        const rest = intervalMs(scaled.interval) - intervalMs(closed.interval);
        return { ...rows, knownAt: rows.knownAt.map((time) => time + rest) };
      }, options)
    );
  });
}

/**
 * The family of nested tasks: a draw picks a class, an asset in it, a time scale of it and a window, each as likely as any
 * other of its kind, so that a class of many assets does not crowd out one of few.
 *
 * @param markets Bars of each asset, by asset class.
 * @param options Time scales, horizon, task shape and time range. With `to`, bars that close after it are not read at all.
 * @throws {DataError} There is no class or asset, or one is too short on a scale (naming class, asset and scale), unless
 * `skipShort` leaves it out.
 * @throws {RangeError} A length is out of range, or a scale is no multiple of the bars' interval.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { hierarchicalTasks, mixTasks } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax, cac, wti] = await sampleMarkets({ symbols: ["DAX", "CAC", "WTI"] });
 * const family = hierarchicalTasks({ equity: [dax, cac], energy: [wti] }, {
 *   scales: [1, "1w"],
 *   horizon: 1,
 *   supportRows: 20,
 *   queryRows: 10,
 * });
 * assertEquals([family.capacities.length, Object.keys(family.classes)], [6, ["equity", "energy"]]);
 * const [batch] = mixTasks([{ family, weight: 1 }], { tasks: 4, batches: 1, seed: 1 });
 * assertEquals(batch.length, 4);
 * ```
 */
export function hierarchicalTasks(
  markets: Readonly<Record<string, readonly Candles[]>>,
  options: HierarchicalTasksOptions,
): HierarchicalFamily {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  const { scales = [1] } = options;
  if (scales.length === 0) throw new RangeError("Cannot draw tasks: expected at least 1 scale, received 0");
  const names = Object.keys(markets);
  if (names.length === 0) throw new DataError("Cannot draw tasks: expected at least 1 asset class, received 0");
  const empty = names.find((name) => markets[name].length === 0);
  if (empty !== undefined) throw new DataError(`Cannot draw tasks: asset class ${empty} has no market`);
  const sources = names.map((name) => assetFamilies(name, markets[name], options));
  const capacities = Object.freeze(sources.flat(2).map((source) => capacityOf(source, options)));
  requireCapacity("hierarchy", capacities, options);
  const able = names.flatMap((name, i) => {
    const assets = sources[i].filter((scaled) => scaled.some(({ starts }) => starts > 0));
    if (assets.length === 0) return [];
    return [chooseFamily(name, assets.map((scaled) => sourceFamily(name, scaled, options)))];
  });
  return Object.freeze({
    ...chooseFamily("hierarchy", able),
    capacities,
    classes: Object.freeze(Object.fromEntries(able.map((family) => [family.name, family]))),
  });
}
