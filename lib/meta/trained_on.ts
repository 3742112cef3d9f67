/**
 * What a state was trained on, remembered by the state itself: a backtest on bars that training has seen can then say so.
 * It takes the tasks' word for where they were cut from; tasks that say nothing leave no trace.
 * @module
 */
import type { Task } from "../engine/problem.ts";

/** Where what is learned comes from. Frozen. */
export interface TrainedOn {
  /** Markets that tasks were cut from, validation tasks included, each once, in alphabetical order. */
  readonly markets: readonly string[];
  /** When the last label used became known: open time of the bar whose close completed it, ms UTC; null where no task says. */
  readonly trainedUntil: number | null;
}

function frozen(markets: Iterable<string>, trainedUntil: number | null): TrainedOn {
  return Object.freeze({ markets: Object.freeze([...new Set(markets)].sort()), trainedUntil });
}

/** What was trained on, after tasks more; the same value where they add nothing. */
export function trainedOnTasks(
  before: TrainedOn | null,
  tasks: readonly Pick<Task, "market" | "knownAt">[],
): TrainedOn | null {
  const { markets = [], trainedUntil = null } = before ?? {};
  const known = new Set(markets);
  let until = trainedUntil ?? -Infinity;
  for (const { market, knownAt } of tasks) {
    if (market !== undefined) known.add(market);
    if (knownAt !== undefined && knownAt > until) until = knownAt;
  }
  const latest = until === -Infinity ? null : until;
  if (known.size === markets.length && latest === trainedUntil) return before;
  return frozen(known, latest);
}

/**
 * What several states were trained on, as one.
 *
 * @param all Of each; null for a state that nothing is known of.
 * @returns Null where nothing is known of any.
 */
export function mergeTrainedOn(all: readonly (TrainedOn | null)[]): TrainedOn | null {
  const known = all.filter((one) => one !== null);
  if (known.length === 0) return null;
  const times = known.flatMap(({ trainedUntil }) => trainedUntil ?? []);
  return frozen(known.flatMap(({ markets }) => markets), times.length > 0 ? Math.max(...times) : null);
}

/** Throws unless a value is what a state remembers; the frozen copy of it. */
export function requireTrainedOn(action: string, value: TrainedOn): TrainedOn {
  const { markets, trainedUntil } = value;
  if (!Array.isArray(markets) || markets.some((market) => typeof market !== "string")) {
    throw new TypeError(`${action}: expected trainedOn.markets to be names of markets, received ${String(markets)}`);
  }
  if (trainedUntil !== null && !Number.isFinite(trainedUntil)) {
    throw new TypeError(
      `${action}: expected trainedOn.trainedUntil to be ms UTC or null, received ${String(trainedUntil)}`,
    );
  }
  return frozen(markets, trainedUntil);
}
