/**
 * Batches of tasks from several families by weight, for `metaTrain`. Batch k depends on the seed and k alone.
 * It refuses families whose features or horizons differ: one network could not learn both.
 * @module
 */
import { type Random, random } from "../net/random.ts";
import { requireCount } from "./asset_tasks.ts";
import type { MarketTask } from "./market_task.ts";
import { requireAlike, type TaskFamily } from "./task_family.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** A family and how often it is drawn from. */
export interface WeightedFamily {
  /** The family. */
  readonly family: TaskFamily;
  /** Its weight, at least 0; its share is weight / Σ weights. */
  readonly weight: number;
}

/** What {@linkcode mixTasks} takes. */
export interface MixTasksOptions {
  /** Tasks a batch, at least 1. */
  readonly tasks: number;
  /** Batches to give (default: no end). */
  readonly batches?: number;
  /** Index of the first batch, for resuming: batch k is the same whatever came before it (default 0). */
  readonly start?: number;
  /** Seed of the draws; a safe integer. */
  readonly seed: number;
}

function requireWeights(families: readonly WeightedFamily[]): void {
  for (const { family, weight } of families) {
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(
        `Cannot mix tasks: the weight of family ${family.name} must be finite and at least 0, got ${String(weight)}`,
      );
    }
  }
  if (!families.some(({ weight }) => weight > 0)) {
    throw new RangeError("Cannot mix tasks: expected a weight above 0, got none");
  }
}

function pick(families: readonly WeightedFamily[], total: number, stream: Random): TaskFamily {
  let left = stream.uniform() * total;
  const found = families.find(({ weight }) => (left -= weight) < 0);
  // Rounding can leave nothing: then it is the last family that has a weight.
  return (found ?? families.findLast(({ weight }) => weight > 0)!).family;
}

/**
 * Mixes families: each task of a batch comes from a family drawn by weight. The batches are seeded, restartable (each loop
 * over them starts anew) and resumable (`start`).
 *
 * @param families Families with their weights; a weight of 0 leaves one out.
 * @param options Tasks a batch, batches, first batch and seed.
 * @throws {DataError} There is no family.
 * @throws {RangeError} A weight or a length is out of range, or horizons differ.
 * @throws {TypeError} Families differ in their features.
 *
 * @example
 * ```ts
 * import { marketRows, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assetFamily, mixTasks, periodFamily } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const markets = (await sampleMarkets({ symbols: ["DAX", "CAC"] })).map((candles) => marketRows(candles, { horizon: 1 }));
 * const shape = { supportRows: 20, queryRows: 10, skipShort: true };
 * const families = [
 *   { family: assetFamily(markets, shape), weight: 3 },
 *   { family: periodFamily(markets, { ...shape, period: "quarter" }), weight: 1 },
 * ];
 * const [batch] = mixTasks(families, { tasks: 8, batches: 1, seed: 1 });
 * assertEquals(batch.length, 8);
 * ```
 */
export function mixTasks(families: readonly WeightedFamily[], options: MixTasksOptions): Iterable<MarketTask[]> {
  requireKnownKeys("Cannot draw tasks", "options", options, TASK_KEYS);
  const { tasks, batches = Infinity, start = 0, seed } = options;
  requireCount("tasks", tasks, 1);
  requireCount("start", start, 0);
  if (batches !== Infinity) requireCount("batches", batches, 0);
  requireAlike(families.map(({ family }) => family));
  requireWeights(families);
  const entries = families.map(({ family, weight }) => ({ family, weight }));
  const total = entries.reduce((sum, { weight }) => sum + weight, 0);
  const root = random(seed);
  return {
    *[Symbol.iterator](): Generator<MarketTask[]> {
      for (let batch = start; batch < start + batches; batch++) {
        const stream = root.fork(batch);
        yield Array.from({ length: tasks }, () => pick(entries, total, stream).draw(stream));
      }
    },
  };
}
