/**
 * The problems that methods are compared on: where tasks to learn from and tasks to be judged on come from. Markets that judge are
 * never among those learned from, nor are their times; every support's labels were known before its queries.
 * @module
 */
import {
  assetTasks,
  type Candles,
  type Labels,
  marketRows,
  type Random,
  random,
  sampleMarkets,
  type Samples,
  simulateMarket,
  type Task,
  taskBatches,
} from "@adaptrade/adaptrade";
import { barVariances, riskFeatures } from "@adaptrade/adaptrade/features";
import type { MarketRows, MarketTask } from "@adaptrade/adaptrade/tasks";
import { drawPoints, drawSinusoid } from "../sinusoid/tasks.ts";

/** What methods are compared on. */
export interface Problem {
  /** File-name-safe name. */
  readonly id: string;
  /** Name in the table. */
  readonly title: string;
  /** Inputs of a row. */
  readonly inputs: number;
  /** Whether targets are one-hot, of two classes. */
  readonly classes: boolean;
  /** Batches to learn from; batch k is the same whatever came before it. */
  batches(seed: number): Iterable<readonly Task[]>;
  /** The same of simulated markets; absent where the problem is no market's. */
  simulated?(seed: number): Iterable<readonly Task[]>;
  /** Tasks to be judged on, the same for every method and seed. */
  readonly tests: readonly Task[];
}

/** How large the tasks of a problem are. */
export interface Sizes {
  /** Tasks a batch. */
  readonly tasks: number;
  /** Tasks to be judged on. */
  readonly tests: number;
}

const SHAPE = { supportRows: 20, queryRows: 10 };
const JUDGED_SEED = 0x7e57;

/** Curves of Finn et al. 2017, ten points to learn from and ten to forecast. */
export function sinusoid({ tasks, tests }: Sizes): Problem {
  const draw = (stream: Random): Task => {
    const curve = drawSinusoid(stream);
    return { support: drawPoints(curve, 10, stream), query: drawPoints(curve, 10, stream) };
  };
  const judged = random(JUDGED_SEED);
  return {
    id: "sinusoid",
    title: "sinusoid",
    inputs: 1,
    classes: false,
    *batches(seed) {
      for (let batch = 0;; batch++) {
        const stream = random(seed).fork(batch);
        yield Array.from({ length: tasks }, () => draw(stream));
      }
    },
    tests: Array.from({ length: tests }, () => draw(judged)),
  };
}

/** Log of the volatility a bar over the next bars, as it is known at their end. */
function volatilityAhead(candles: Candles, horizon: number): Labels {
  const { total } = barVariances(candles);
  const rows: number[] = [];
  const values: number[] = [];
  for (let t = 0; t + horizon < total.length; t++) {
    let sum = 0;
    for (let i = 1; i <= horizon; i++) sum += total[t + i];
    if (!(sum > 0)) continue;
    rows.push(t);
    values.push(0.5 * Math.log(sum / horizon));
  }
  return {
    time: Float64Array.from(rows, (t) => candles.time[t]),
    knownAt: Float64Array.from(rows, (t) => candles.time[t + horizon]),
    values: Float64Array.from(values),
    horizon,
  };
}

/** Markets to learn from until a time, and others to be judged on after it. */
export interface Markets {
  /** Learned from. */
  readonly train: readonly Candles[];
  /** Judged on. */
  readonly test: readonly Candles[];
  /** First time that is judged, ms UTC; labels learned from were known before. */
  readonly from: number;
}

/** Markets that were never there, with jumps: volatility clusters in one half of them and switches between two regimes in the other. */
function simulatedMarkets(
  count: number,
  bars: number,
  { seed, interval }: { readonly seed: number; readonly interval: string },
): Candles[] {
  const stream = random(seed);
  return Array.from({ length: count }, (_, i) => {
    const garch = { alpha: 0.03 + 0.1 * stream.uniform(), beta: 0.84 };
    const regimes = { factor: 1.3 + 1.7 * stream.uniform(), leave: 0.005 + 0.02 * stream.uniform() };
    return simulateMarket({
      symbol: `SIM${i}`,
      bars,
      interval,
      seed: stream.integer(2 ** 31),
      jumps: { probability: 0.01 * stream.uniform(), size: 0.03 },
      ...(i % 2 === 0 ? { garch } : { regimes }),
    }).candles;
  });
}

/** The sample's indices: learned from six until 2010-10, judged on NASDAQ after it. */
export async function sampleSplit(): Promise<Markets> {
  return {
    train: await sampleMarkets({ symbols: ["SP500", "WTI", "DAX", "SMI", "CAC", "FTSE"] }),
    test: await sampleMarkets({ symbols: ["NASDAQ"] }),
    from: Date.UTC(2010, 9, 1),
  };
}

/** Simulated hourly markets: learned from eight, judged on four others. */
export function simulatedSplit(): Markets {
  const all = simulatedMarkets(12, 3000, { seed: 99, interval: "1h" });
  return { train: all.slice(0, 8), test: all.slice(8), from: all[0].time[1500] };
}

/** One-hot: falls or stays, rises. */
function directions({ scaler: { y: { mean, scale } } }: MarketTask, { rows, x, y }: Samples): Samples {
  const rises = Array.from(y, (value) => value * scale[0] + mean[0] > 0);
  return { rows, x, y: Float32Array.from(rises.flatMap((one) => one ? [0, 1] : [1, 0])) };
}

/** Tasks of markets: a stretch of labelled rows, a gap of the horizon, the rows behind it. */
function marketProblem(
  about: Pick<Problem, "id" | "title" | "classes">,
  { train, test, from }: Markets,
  run: { readonly sizes: Sizes; readonly rowsOf: (candles: Candles) => MarketRows },
): Problem {
  const { sizes, rowsOf } = run;
  const [learned, judged] = [train, test].map((markets) => markets.map(rowsOf));
  const shaped = (task: MarketTask): Task =>
    about.classes
      ? { support: directions(task, task.support), query: directions(task, task.query) }
      : { support: task.support, query: task.query };
  function* shapedBatches(markets: readonly MarketRows[], seed: number, to?: number): Generator<Task[]> {
    const options = { ...SHAPE, tasks: sizes.tasks, seed, skipShort: true, ...(to === undefined ? {} : { to }) };
    for (const batch of taskBatches(markets, options)) yield batch.map(shaped);
  }
  return {
    ...about,
    inputs: judged[0].cols,
    batches: (seed) => shapedBatches(learned, seed, from),
    simulated(seed) {
      const made = simulatedMarkets(16, 1500, { seed: seed + 500, interval: train[0].interval });
      return shapedBatches(made.map(rowsOf), seed);
    },
    tests: assetTasks(judged, { ...SHAPE, count: sizes.tests, seed: JUDGED_SEED, from }).map(shaped),
  };
}

/** Log volatility some bars ahead. */
export function volatility(
  about: Pick<Problem, "id" | "title">,
  markets: Markets,
  run: { horizon: number; sizes: Sizes },
): Problem {
  const { horizon, sizes } = run;
  const rowsOf = (candles: Candles): MarketRows =>
    marketRows(candles, {
      horizon,
      features: (one) => riskFeatures(one, { closeOnly: true }),
      labels: (one, ahead) => volatilityAhead(one, ahead),
    });
  return marketProblem({ ...about, classes: false }, markets, { sizes, rowsOf });
}

/** Whether the next bar rises. */
export function direction(markets: Markets, sizes: Sizes): Problem {
  const about = { id: "direction", title: "direction of the next day", classes: true };
  return marketProblem(about, markets, { sizes, rowsOf: (candles) => marketRows(candles, { horizon: 1 }) });
}

/** A task with the rows of its support in an order that depends on its place among the tasks alone. */
export function shuffled({ support, query }: Task, place: number): Task {
  const { rows, x, y } = support;
  const stream = random(place + 1);
  const order = Array.from({ length: rows }, (_, i) => i);
  for (let i = rows - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const ordered = (values: Float32Array): Float32Array => {
    const width = values.length / rows;
    return Float32Array.from(order.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));
  };
  return { support: { rows, x: ordered(x), y: ordered(y) }, query };
}
