/**
 * Tasks whose targets are classes of market conditions: the regime some bars ahead, or the direction. What a regime is was labelled
 * point in time; the label of a row is known once its bars have passed, and support and query share none of them.
 * @module
 */
import { assetTasks, type Candles, marketRows, type Samples, type Task, taskBatches } from "@adaptrade/adaptrade";
import { type LabelFunction, labelRegimes, regimeAt, REGIMES } from "@adaptrade/adaptrade/features";
import type { MarketRows, MarketTask } from "@adaptrade/adaptrade/tasks";

/** Bars ahead that are classed, and rows of a task's sets. */
const [HORIZON, SUPPORT_ROWS, QUERY_ROWS] = [5, 40, 20];

/** A task to be judged on. */
export interface ClassTask extends Task {
  /** The market that it is of. */
  readonly market: string;
  /** Class at each query row's own bar, where there is such a thing; what would come if nothing changed. */
  readonly now: readonly number[];
}

/** What is forecast. */
export interface ClassProblem {
  /** Name in the table. */
  readonly title: string;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Inputs of a row. */
  readonly inputs: number;
  /** Batches to learn from; batch k is the same whatever came before it. */
  batches(seed: number): Iterable<readonly Task[]>;
  /** Tasks to be judged on. */
  readonly tests: readonly ClassTask[];
}

/** Markets to learn from until a time, and others to be judged on after it. */
export interface ClassMarkets {
  /** Learned from. */
  readonly train: readonly Candles[];
  /** Judged on. */
  readonly test: readonly Candles[];
  /** First time that is judged, ms UTC. */
  readonly from: number;
}

/** Class of each bar, by index; NaN where there is none. */
type Classes = (candles: Candles) => Float64Array;

const regimeOf: Classes = (candles) => {
  const labels = labelRegimes(candles);
  return Float64Array.from(candles.time, (time) => {
    const regime = regimeAt(labels, time);
    return regime === null ? NaN : REGIMES.indexOf(regime);
  });
};

/** Whether the close is above that of so many bars before. */
const directionOf: Classes = ({ close }) =>
  close.map((price, t) => t < HORIZON ? NaN : price > close[t - HORIZON] ? 1 : 0);

/** Labels of the class some bars ahead. */
function classAhead(classes: Classes): LabelFunction {
  return (candles, horizon) => {
    const found = classes(candles);
    const rows = Array.from(found.keys()).filter((t) =>
      t + horizon < found.length && !Number.isNaN(found[t + horizon])
    );
    return {
      time: Float64Array.from(rows, (t) => candles.time[t]),
      knownAt: Float64Array.from(rows, (t) => candles.time[t + horizon]),
      values: Float64Array.from(rows, (t) => found[t + horizon]),
      horizon,
    };
  };
}

/** Class indices of a task's rows, out of labels that were scaled on its support. */
function indices({ scaler: { y: { mean, scale } } }: MarketTask, { y }: Samples): number[] {
  return Array.from(y, (value) => Math.round(value * scale[0] + mean[0]));
}

function oneHot(set: Samples, found: readonly number[], count: number): Samples {
  return {
    ...set,
    y: Float32Array.from(found.flatMap((one) => Array.from({ length: count }, (_, k) => k === one ? 1 : 0))),
  };
}

/** A task to learn from: query rows of a class that its support does not hold count nothing, for nothing could tell them. */
function learnedTask(task: MarketTask, count: number): Task {
  const [known, asked] = [indices(task, task.support), indices(task, task.query)];
  const weights = Float32Array.from(asked, (one) => known.includes(one) ? 1 : 0);
  const query = oneHot(task.query, asked, count);
  return {
    support: oneHot(task.support, known, count),
    query: weights.some((weight) => weight > 0) ? { ...query, weights } : query,
  };
}

function problemOf(
  { title, names, classes }: { readonly title: string; readonly names: readonly string[]; readonly classes: Classes },
  { train, test, from }: ClassMarkets,
  sizes: { readonly tasks: number; readonly tests: number },
): ClassProblem {
  const rowsOf = (candles: Candles): MarketRows =>
    marketRows(candles, { horizon: HORIZON, labels: classAhead(classes) });
  const [learned, judged] = [train, test].map((markets) => markets.map(rowsOf));
  const shape = { supportRows: SUPPORT_ROWS, queryRows: QUERY_ROWS };
  const nowOf = new Map(test.map((candles) => {
    const found = classes(candles);
    return [candles.symbol, new Map(Array.from(candles.time, (time, t) => [time, found[t]]))];
  }));
  return {
    title,
    classes: names,
    inputs: judged[0].cols,
    *batches(seed) {
      for (const batch of taskBatches(learned, { ...shape, tasks: sizes.tasks, seed, to: from, skipShort: true })) {
        yield batch.map((task) => learnedTask(task, names.length));
      }
    },
    tests: assetTasks(judged, { ...shape, count: sizes.tests, seed: 0x7e57, from }).map((task) => ({
      market: task.market,
      now: Array.from(task.queryTime, (time) => nowOf.get(task.market)!.get(time)!),
      support: oneHot(task.support, indices(task, task.support), names.length),
      query: oneHot(task.query, indices(task, task.query), names.length),
    })),
  };
}

/** The regime five bars ahead. */
export function regimeProblem(
  markets: ClassMarkets,
  sizes: { readonly tasks: number; readonly tests: number },
): ClassProblem {
  return problemOf({ title: `regime ${HORIZON} bars ahead`, names: REGIMES, classes: regimeOf }, markets, sizes);
}

/** Whether the close will be above this one five bars ahead. */
export function directionProblem(
  markets: ClassMarkets,
  sizes: { readonly tasks: number; readonly tests: number },
): ClassProblem {
  const about = { title: `direction over ${HORIZON} bars`, names: ["falls", "rises"], classes: directionOf };
  return problemOf(about, markets, sizes);
}
