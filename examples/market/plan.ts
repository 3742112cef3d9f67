/**
 * What the market examples train and test on: the split in time, the market kept unseen, the tasks, the method.
 * `portfolio` and `regimes` share it; the forecasting examples take the split in time alone.
 * @module
 */
import {
  assetTasks,
  type Candles,
  DataError,
  maml,
  marketRows,
  type MetaConfig,
  mlp,
  splitByTime,
  taskBatches,
} from "@adaptrade/adaptrade";
import type { MarketTask } from "@adaptrade/adaptrade/tasks";
import { numberOption, UsageError } from "../cli.ts";

/** The options of a training, for `parseArgs`. */
export const PLAN_OPTIONS = {
  unseen: { type: "string" },
  "test-from": { type: "string" },
  steps: { type: "string", default: "3000" },
  seed: { type: "string", default: "1" },
  horizon: { type: "string", default: "1" },
} as const;

/** Help text of {@linkcode PLAN_OPTIONS}. */
export const PLAN_HELP =
  `  --unseen SYMBOL    the market kept out of training and traded in the test (default NASDAQ, else the last)
  --test-from DATE   the test starts here, ISO date (default: the last quarter of the time that all markets span)
  --steps N          outer steps of meta-training (default 3000)
  --horizon N        bars that a forecast looks ahead (default 1)
  --seed N           seed of everything random (default 1)`;

/** Values of {@linkcode PLAN_OPTIONS} as parsed. */
export interface PlanValues {
  /** Symbol. */
  readonly unseen?: string;
  /** ISO date. */
  readonly "test-from"?: string;
  /** Outer steps. */
  readonly steps: string;
  /** Seed. */
  readonly seed: string;
  /** Bars. */
  readonly horizon: string;
}

/** A training laid out. */
export interface MarketPlan {
  /** The market that training never sees. */
  readonly unseen: Candles;
  /** Symbols trained on. */
  readonly seen: readonly string[];
  /** First time of the validation part, ms UTC. */
  readonly validationFrom: number;
  /** First time of the test part, ms UTC. */
  readonly testFrom: number;
  /** The method. */
  readonly config: MetaConfig;
  /** Outer steps in all. */
  readonly steps: number;
  /** Seed of everything random. */
  readonly seed: number;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** Rows of a support set. */
  readonly supportRows: number;
  /** Batches from outer step `start` on. */
  batches(start: number): Iterable<MarketTask[]>;
  /** Tasks of the validation part. */
  readonly validation: readonly MarketTask[];
}

/** Rows of support and query, and tasks of a batch. */
const SHAPE = { supportRows: 20, queryRows: 10 };
const TASKS_A_BATCH = 16;
const VALIDATION_TASKS = 200;
/** Share of the time before the test that is kept for validation. */
const VALIDATION_SHARE = 0.2;
const TEST_SHARE = 0.25;

/** The market that is kept out of training: the one asked for, NASDAQ, or the last. */
export function pickUnseen(markets: readonly Candles[], symbol: string | undefined): Candles {
  if (markets.length < 2) {
    throw new DataError(`Cannot keep a market unseen: expected at least 2 markets, received ${markets.length}`);
  }
  const wanted = symbol ?? "NASDAQ";
  const found = markets.find((market) => market.symbol === wanted);
  if (!found && symbol !== undefined) {
    throw new UsageError(`--unseen must be one of ${markets.map((m) => m.symbol).join(", ")}, got "${symbol}"`);
  }
  return found ?? markets[markets.length - 1];
}

/** First bar of all markets, and when the test starts. */
export function testStart(markets: readonly Candles[], text: string | undefined): { first: number; testFrom: number } {
  const first = Math.min(...markets.map(({ time }) => time[0]));
  const last = Math.max(...markets.map(({ time }) => time[time.length - 1]));
  if (text === undefined) return { first, testFrom: first + (1 - TEST_SHARE) * (last - first) };
  const testFrom = Date.parse(text);
  if (Number.isNaN(testFrom)) throw new UsageError(`--test-from must be an ISO date such as 2015-01-01, got "${text}"`);
  if (testFrom <= first || testFrom > last) {
    throw new UsageError(
      `--test-from must lie between ${new Date(first).toISOString()} and ${
        new Date(last).toISOString()
      }, got "${text}"`,
    );
  }
  return { first, testFrom };
}

/**
 * Lays a training out: one market unseen, the others split in time with a purge; tasks come from the training part alone.
 *
 * @throws {DataError} There are fewer than two markets, or all others are too short.
 */
export function planTraining(markets: readonly Candles[], values: PlanValues): MarketPlan {
  const horizon = numberOption("horizon", values.horizon, { min: 1, integer: true });
  const seed = numberOption("seed", values.seed, { min: 0, integer: true });
  const steps = numberOption("steps", values.steps, { min: 1, integer: true });
  const unseen = pickUnseen(markets, values.unseen);
  const { first, testFrom } = testStart(markets, values["test-from"]);
  const others = markets.filter((market) => market !== unseen).map((candles) => marketRows(candles, { horizon }));
  const validationFrom = testFrom - VALIDATION_SHARE * (testFrom - first);
  const { train, validation } = splitByTime(others, { validationFrom, testFrom });
  const tasks = { ...SHAPE, horizon, skipShort: true };
  const net = mlp({ inputs: others[0].cols, hidden: [64, 64], outputs: 1 });
  return {
    unseen,
    seen: others.map(({ market }) => market),
    validationFrom,
    testFrom,
    config: maml({ net, inner: { steps: 5, lr: 0.01 }, outer: { lr: 1e-3, clipNorm: 10 } }),
    steps,
    seed,
    horizon,
    supportRows: SHAPE.supportRows,
    batches: (start) => taskBatches(train, { ...tasks, tasks: TASKS_A_BATCH, seed, start, batches: steps - start }),
    validation: assetTasks(validation, { ...tasks, count: VALIDATION_TASKS, seed: seed + 1 }),
  };
}
