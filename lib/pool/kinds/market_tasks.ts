/**
 * The kind `marketTasks`: tasks cut from markets' rows, drawn by their number. The rows travel once; workers cut the windows.
 * @module
 */
import type { Task } from "../../engine/problem.ts";
import { random } from "../../net/random.ts";
import { requireKnownKeys } from "../../options.ts";
import { assetFamily } from "../../tasks/asset_family.ts";
import type { TaskBatchesOptions, TaskSourceOptions } from "../../tasks/asset_tasks.ts";
import type { MarketRows } from "../../tasks/market_rows.ts";
import { TASK_KEYS } from "../../tasks/option_keys.ts";
import type { TaskFamily } from "../../tasks/task_family.ts";
import { packValue, unpackValue } from "../pack.ts";
import { type DefinedTaskKind, defineTaskKind } from "../task_kind.ts";

interface Source {
  readonly markets: readonly MarketRows[];
  readonly options: TaskSourceOptions;
}

/** The kind. */
export const marketTaskKind: DefinedTaskKind = defineTaskKind<TaskFamily>({
  kind: "marketTasks",
  version: 1,
  read(bytes) {
    const { markets, options } = unpackValue<Source>(bytes);
    return assetFamily(markets, options);
  },
  task: (family, { seed, index }) => family.draw(random(seed).fork(index)),
});

/**
 * Batches of tasks cut from markets, as `taskBatches` gives them, for a training that is shared out: with a `distribute`d engine
 * the markets' rows are put once, and each worker cuts its part of a batch itself. Each task is drawn by its own number, so the
 * draws are others than those of `taskBatches`.
 *
 * @param markets Rows of each market, all with the same features and horizon.
 * @param options Task shape, tasks a batch, seed and time range.
 * @returns The batches; each loop over them starts anew.
 * @throws {DataError} There is no market, or one is too short; thrown here, not when the first batch is drawn.
 * @throws {RangeError} A length is out of range, or horizons differ.
 * @throws {TypeError} Markets differ in their features, or an option is unknown.
 *
 * @example
 * ```ts
 * import { maml, marketRows, metaInit, metaTrain, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { distribute, marketTaskBatches, openPool } from "@adaptrade/adaptrade/pool";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * await using pool = await openPool("local", { workers: 1 });
 * const markets = (await sampleMarkets({ symbols: ["DAX", "CAC"] })).map((candles) => marketRows(candles, { horizon: 1 }));
 * const batches = marketTaskBatches(markets, { supportRows: 20, queryRows: 10, tasks: 32, batches: 2, seed: 1 });
 * const start = metaInit(maml({ net: mlp({ inputs: markets[0].cols, hidden: [8], outputs: 1 }) }));
 * const found = [];
 * for (const on of [engine, distribute(engine, pool, { on: "pool" })]) {
 *   for await (const { state } of metaTrain(on, start, batches, { every: 2 })) found.push(state.params);
 * }
 * assertEquals(found[0], found[1]);
 * ```
 */
export function marketTaskBatches(
  markets: readonly MarketRows[],
  options: TaskBatchesOptions,
): Iterable<readonly Task[]> {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  const { tasks, batches, start, seed, ...shape } = options;
  const source: Source = { markets, options: shape };
  return marketTaskKind.batches(packValue(source), {
    tasks,
    seed,
    ...(batches === undefined ? {} : { batches }),
    ...(start === undefined ? {} : { start }),
  });
}
