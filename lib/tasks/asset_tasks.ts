/**
 * Draws tasks by asset: every market is a source of tasks, every contiguous window in it is one.
 * It refuses a market that is too short instead of drawing around it, unless told to skip such markets.
 * @module
 */
import { DataError } from "../data/candles.ts";
import { type Random, random } from "../net/random.ts";
import { lowerBound, type MarketRows } from "./market_rows.ts";
import { cutTask, type MarketTask, type TaskShape, taskSpan } from "./market_task.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** What every sampler needs to know. */
export interface TaskSourceOptions extends TaskShape {
  /** Rows before this time are not used, ms UTC (default: all). */
  readonly from?: number;
  /** Rows whose label is not known before this time are not used, ms UTC (default: all). */
  readonly to?: number;
  /** The horizon that the markets' labels must have; a check against mixing horizons. */
  readonly horizon?: number;
  /** Leave out markets that are too short for one task, rather than throw; throws if all are (default false). */
  readonly skipShort?: boolean;
}

/** What {@linkcode assetTasks} takes. */
export interface AssetTasksOptions extends TaskSourceOptions {
  /** Tasks to draw, at least 1. */
  readonly count: number;
  /** Seed of the draw; a safe integer. */
  readonly seed: number;
}

/** What {@linkcode taskBatches} takes. */
export interface TaskBatchesOptions extends TaskSourceOptions {
  /** Tasks a batch, at least 1. */
  readonly tasks: number;
  /** Batches to give (default: no end). */
  readonly batches?: number;
  /** Index of the first batch, for resuming: batch k is the same whatever came before it (default 0). */
  readonly start?: number;
  /** Seed of the draws; a safe integer. */
  readonly seed: number;
}

/** How many tasks one market can give. */
export interface TaskCapacity {
  /** Market name. */
  readonly market: string;
  /** Rows within the time range. */
  readonly rows: number;
  /** Rows that one task needs. */
  readonly needed: number;
  /** Different tasks it can give; 0 when it is too short. */
  readonly tasks: number;
}

interface TaskSource {
  readonly market: MarketRows;
  readonly first: number;
  readonly tasks: number;
}

/** Throws a `RangeError` unless a count is an integer of at least `least`. */
export function requireCount(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`Cannot draw tasks: ${name} must be an integer of at least ${least}, got ${String(value)}`);
  }
}

/** Throws unless the shape is in range, there is a market, and all have the same features and horizon. */
export function requireShape(markets: readonly MarketRows[], options: TaskSourceOptions): void {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  requireCount("supportRows", options.supportRows, 2);
  requireCount("queryRows", options.queryRows, 1);
  if (markets.length === 0) throw new DataError("Cannot draw tasks: expected at least 1 market, received 0");
  for (const { market, cols, horizon } of markets) {
    if (cols !== markets[0].cols) {
      throw new TypeError(`Cannot draw tasks: ${market} has ${cols} features, ${markets[0].market} ${markets[0].cols}`);
    }
    if (horizon !== (options.horizon ?? markets[0].horizon)) {
      throw new RangeError(
        `Cannot draw tasks: ${market} has labels of horizon ${horizon}, expected ${
          options.horizon ?? markets[0].horizon
        }`,
      );
    }
  }
}

/** Rows of a market within the time range: the first, and the one behind the last. */
export function rowRange(
  market: MarketRows,
  options: Pick<TaskSourceOptions, "from" | "to">,
): { first: number; end: number } {
  const { from = -Infinity, to = Infinity } = options;
  const first = lowerBound(market.time, from);
  return { first, end: Math.max(first, lowerBound(market.knownAt, to)) };
}

/**
 * Says how many different tasks each market can give, 0 for those too short.
 *
 * @param markets Rows of each market.
 * @param options Task shape and time range.
 *
 * @example
 * ```ts
 * import { marketRows, sampleMarkets } from "@adaptrade/adaptrade";
 * import { taskCapacities } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const rows = marketRows(dax, { horizon: 1 });
 * const [{ market, needed }] = taskCapacities([rows], { supportRows: 20, queryRows: 10 });
 * assertEquals([market, needed], ["DAX", 31]); // a gap of the horizon lies between them
 * ```
 */
export function taskCapacities(markets: readonly MarketRows[], options: TaskSourceOptions): TaskCapacity[] {
  requireShape(markets, options);
  return markets.map((market) => {
    const { first, end } = rowRange(market, options);
    const needed = taskSpan(options, market.horizon);
    return { market: market.market, rows: end - first, needed, tasks: Math.max(0, end - first - needed + 1) };
  });
}

function taskSources(markets: readonly MarketRows[], options: TaskSourceOptions): TaskSource[] {
  const capacities = taskCapacities(markets, options);
  const lacking = ({ market, rows, needed }: TaskCapacity): string => `${market} has ${rows} of ${needed} rows`;
  const short = capacities.filter(({ tasks }) => tasks === 0);
  const parts = `(${options.supportRows} support, ${markets[0].horizon} gap, ${options.queryRows} query)`;
  if (short.length === capacities.length) {
    throw new DataError(`Cannot draw tasks: every market is too short ${parts}: ${short.map(lacking).join("; ")}`);
  }
  if (short.length > 0 && !options.skipShort) {
    throw new DataError(`Cannot draw tasks: too short ${parts}: ${short.map(lacking).join("; ")}`);
  }
  return markets
    .map((market, i) => ({ market, first: rowRange(market, options).first, tasks: capacities[i].tasks }))
    .filter(({ tasks }) => tasks > 0);
}

function drawTask(sources: readonly TaskSource[], shape: TaskShape, stream: Random): MarketTask {
  const { market, first, tasks } = sources[stream.integer(sources.length)];
  return cutTask(market, first + stream.integer(tasks), shape);
}

/**
 * Draws tasks: first a market, each as likely as any other, then a window in it. A market of exactly one task's length
 * gives that task.
 *
 * @param markets Rows of each market, all with the same features and horizon.
 * @param options Task shape, count, seed and time range.
 * @throws {DataError} There is no market, or one is too short (naming it, its rows and the rows needed).
 * @throws {RangeError} A length is out of range, or horizons differ.
 * @throws {TypeError} Markets differ in their features.
 *
 * @example
 * ```ts
 * import { assetTasks, marketRows, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const rows = marketRows(dax, { horizon: 1 });
 * const [task] = assetTasks([rows], { supportRows: 20, queryRows: 10, horizon: 1, count: 3, seed: 1 });
 * assertEquals([task.support.rows, task.query.rows], [20, 10]);
 * ```
 */
export function assetTasks(markets: readonly MarketRows[], options: AssetTasksOptions): MarketTask[] {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  requireCount("count", options.count, 1);
  const sources = taskSources(markets, options);
  const stream = random(options.seed);
  return Array.from({ length: options.count }, () => drawTask(sources, options, stream));
}

/**
 * Batches of tasks for `metaTrain`: seeded, restartable (each loop over it starts anew) and resumable (`start`).
 *
 * @param markets Rows of each market, all with the same features and horizon.
 * @param options Task shape, tasks a batch, seed and time range.
 * @throws {DataError} There is no market, or one is too short; thrown here, not when the first batch is drawn.
 * @throws {RangeError} A length is out of range, or horizons differ.
 *
 * @example
 * ```ts
 * import { marketRows, sampleMarkets, splitByTime, taskBatches } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const markets = (await sampleMarkets({ symbols: ["DAX", "CAC"] })).map((candles) => marketRows(candles, { horizon: 1 }));
 * const { train } = splitByTime(markets, { train: 0.6, validation: 0.2 });
 * const options = { supportRows: 20, queryRows: 10, tasks: 4, batches: 3, seed: 1 };
 * assertEquals([...taskBatches(train, options)].map((batch) => batch.length), [4, 4, 4]);
 * ```
 */
export function taskBatches(markets: readonly MarketRows[], options: TaskBatchesOptions): Iterable<MarketTask[]> {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  const { tasks, batches = Infinity, start = 0, seed } = options;
  requireCount("tasks", tasks, 1);
  requireCount("start", start, 0);
  if (batches !== Infinity) requireCount("batches", batches, 0);
  const sources = taskSources(markets, options);
  const root = random(seed);
  return {
    *[Symbol.iterator](): Generator<MarketTask[]> {
      for (let batch = start; batch < start + batches; batch++) {
        const stream = root.fork(batch);
        yield Array.from({ length: tasks }, () => drawTask(sources, options, stream));
      }
    },
  };
}
