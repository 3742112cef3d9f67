/**
 * Walk-forward in which meta-training walks too: at each date of a schedule the start is learned anew from what was known
 * before it, and trades until the next. It refuses markets whose bars differ in length, for the date then says nothing
 * about what was known.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import type { MetaConfig } from "../meta/config.ts";
import { metaInit, type MetaState } from "../meta/state.ts";
import { metaTrain } from "../meta/train.ts";
import { random } from "../net/random.ts";
import { taskBatches } from "../tasks/asset_tasks.ts";
import { lowerBound, type MarketRows, marketRows } from "../tasks/market_rows.ts";
import {
  type BacktestOptions,
  backtestPositions,
  type BacktestResult,
  decisionContext,
  wantedPositions,
} from "./backtest.ts";
import { walkForwardSteps } from "./walk_forward.ts";
import { requireKnownKeys } from "../options.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";
import { forecastDeviation } from "./forecast_deviation.ts";
import { forecastWalk } from "./forecast_walk.ts";
import { inTurns, type Steps, untilAborted } from "../event_loop.ts";

/** What is trained, on what, and when. */
export interface RetrainPlan {
  /** Method to train. */
  readonly config: MetaConfig;
  /** Markets to draw tasks from, of the same bar length as the one traded, which may be among them. */
  readonly markets: readonly Candles[];
  /** Market to trade. */
  readonly target: Candles;
  /** Dates to train at, ms UTC, ascending; trading starts at the first. `[periods]` */
  readonly retrainAt: readonly number[];
}

/** How far one training is. */
export interface RetrainProgress {
  /** Index of the period. */
  readonly period: number;
  /** Number of periods. */
  readonly periods: number;
  /** Outer steps made in this period. */
  readonly step: number;
  /** Mean meta-loss of the steps since the last report. */
  readonly loss: number;
}

/** What {@linkcode retrainWalkForward} takes; `from` is the plan's first date. */
export interface RetrainOptions extends Omit<BacktestOptions, "from"> {
  /** Rows of a training task's query, at least 1 (default 20); its support has `supportRows`. */
  readonly queryRows?: number;
  /** Outer steps of each training, at least 1 (default 100). */
  readonly batches?: number;
  /** Tasks an outer step, at least 1 (default 8). */
  readonly tasks?: number;
  /** Train on rows of this much time before each date alone, ms (default: on all before it). */
  readonly window?: number;
  /** Go on from the start learned before instead of a new one (default false). */
  readonly warmStart?: boolean;
  /** Leave out markets too short for one task at a date, rather than throw; throws if all are (default false). */
  readonly skipShort?: boolean;
  /** Seed of the starts and the draws (default 0). */
  readonly seed?: number;
  /** Stops between outer steps; the signal's reason is thrown. */
  readonly signal?: AbortSignal;
  /** Called about ten times a training. */
  readonly onProgress?: (progress: RetrainProgress) => void;
}

/** One training and the stretch it traded. */
export interface RetrainPeriod {
  /** Date of the training, ms UTC: no label it saw was known at or after it. */
  readonly trainedAt: number;
  /** When the last label that tasks could be drawn from became known, ms UTC: before `trainedAt`. */
  readonly lastKnownAt: number;
  /** Open time of the first bar decided on, ms UTC. */
  readonly from: number;
  /** Decisions taken in the period. */
  readonly decisions: number;
  /** The start that traded it. */
  readonly state: MetaState;
  /** Mean meta-loss of the last steps of its training. */
  readonly loss: number;
}

/** A backtest whose start was learned anew on a schedule. */
export interface RetrainedBacktest {
  /** The whole run as one account: positions are carried over a training, and so is equity. */
  readonly result: BacktestResult;
  /** The trainings, oldest first; those without a decision of their own are left out. */
  readonly periods: readonly RetrainPeriod[];
}

interface Trained {
  readonly state: MetaState;
  readonly loss: number;
  readonly lastKnownAt: number;
}

function requirePlan({ markets, target, retrainAt }: RetrainPlan, options: RetrainOptions): void {
  const { batches = 100, window = Infinity } = options;
  const action = "Cannot retrain";
  if (retrainAt.length === 0) throw new RangeError(`${action}: expected at least 1 date, received 0`);
  const bad = retrainAt.findIndex((date, i) => !Number.isFinite(date) || date <= retrainAt[i - 1]);
  if (bad >= 0) throw new RangeError(`${action}: dates must be finite and ascend, got ${retrainAt[bad]} at ${bad}`);
  if (!Number.isInteger(batches) || batches < 1) {
    throw new RangeError(`${action}: batches must be an integer of at least 1, got ${String(batches)}`);
  }
  if (!(window > 0)) throw new RangeError(`${action}: window must be above 0 ms, got ${String(window)}`);
  for (const { symbol, interval } of markets) {
    if (interval !== target.interval) {
      throw new RangeError(
        `${action}: ${symbol} has bars of ${interval}, expected ${target.interval} as ${target.symbol} has`,
      );
    }
  }
}

function periodSeed(seed: number, period: number): number {
  return random(seed).fork(period).integer(2 ** 32);
}

async function train(
  engine: Engine,
  rows: readonly MarketRows[],
  { start, date, period, periods }: { start: MetaState; date: number; period: number; periods: number },
  options: RetrainOptions,
): Promise<Trained> {
  const { supportRows = 40, queryRows = 20, batches = 100, tasks = 8, window = Infinity, seed = 0 } = options;
  const { skipShort = false, signal, onProgress } = options;
  const range = { from: date - window, to: date };
  const drawn = taskBatches(rows, {
    supportRows,
    queryRows,
    tasks,
    batches,
    seed: periodSeed(seed, period),
    skipShort,
    ...range,
  });
  const every = Math.max(1, Math.floor(batches / 10));
  let [state, loss] = [start, NaN];
  for await (const progress of metaTrain(engine, start, drawn, { every, ...(signal && { signal }) })) {
    ({ state, meanLoss: loss } = progress);
    onProgress?.({ period, periods, step: progress.step - start.step, loss });
  }
  const known = rows.map(({ knownAt }) => knownAt[lowerBound(knownAt, date) - 1] ?? -Infinity);
  return { state, loss, lastKnownAt: Math.max(...known) };
}

function* rowsOf(markets: readonly Candles[], options: Parameters<typeof marketRows>[1]): Steps<MarketRows[]> {
  const rows: MarketRows[] = [];
  for (const market of markets) {
    rows.push(marketRows(market, options));
    yield;
  }
  return rows;
}

/**
 * Backtests a method rather than one start: at each date it is meta-trained on tasks whose every label was known before
 * that date, and forecasts the bars from there to the next date. The forecasts are traded as one account.
 *
 * @param engine Where to train and adapt.
 * @param plan Method, markets and dates.
 * @param options As for `backtest` without `from`, and how to train; all have defaults.
 * @returns The stitched backtest, and the start of each period.
 * @throws {DataError} A market is too short for a task before a date, or the target has no bar to trade.
 * @throws {DivergedError} A training's loss or gradient is not finite.
 * @throws {RangeError} Dates do not ascend, bar lengths differ, or an option is out of range.
 *
 * @example
 * ```ts
 * import { maml, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { retrainWalkForward } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const config = maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) });
 * const markets = await sampleMarkets({ symbols: ["DAX", "CAC"] });
 * const retrainAt = [Date.UTC(1997, 0), Date.UTC(1997, 6)];
 * const options = { batches: 10, tasks: 2, to: Date.UTC(1998, 0) };
 * const { result, periods } = await retrainWalkForward(engine, { config, markets, target: markets[0], retrainAt }, options);
 * assertEquals(periods.map(({ trainedAt, lastKnownAt }) => lastKnownAt < trainedAt), [true, true]);
 * console.log(result.metrics.sharpe);
 * ```
 */
export async function retrainWalkForward(
  engine: Engine,
  plan: RetrainPlan,
  options: RetrainOptions = {},
): Promise<RetrainedBacktest> {
  requireKnownKeys("Cannot retrain", "options", options, BACKTEST_KEYS);
  requirePlan(plan, options);
  const { config, target, retrainAt } = plan;
  const { horizon = 1, features, labels, steps, warmStart = false, seed = 0, signal } = options;
  const rowOptions = { horizon, ...(features && { features }), ...(labels && { labels }) };
  const rows = await inTurns(rowsOf(plan.markets, rowOptions), signal);
  const settings = { ...options, from: retrainAt[0] };
  const walk = await inTurns(walkForwardSteps(target, settings), signal);
  const predictions = new Float64Array(walk.time.length);
  const periods: RetrainPeriod[] = [];
  let before: MetaState | undefined;
  for (const [period, date] of retrainAt.entries()) {
    const start = lowerBound(walk.time, date);
    const end = lowerBound(walk.time, retrainAt[period + 1] ?? Infinity);
    if (start === end) continue;
    signal?.throwIfAborted();
    const from = (warmStart ? before : undefined) ?? metaInit(config, { seed: periodSeed(seed, period) });
    const { state, loss, lastKnownAt } = await train(
      engine,
      rows,
      { start: from, date, period, periods: retrainAt.length },
      options,
    );
    signal?.throwIfAborted();
    const part = {
      time: walk.time.subarray(start, end),
      pairs: walk.pairs.slice(start, end),
      scalers: walk.scalers.slice(start, end),
      blind: walk.blind?.subarray(start, end),
    };
    const forecasts = forecastWalk(engine, state, { market: target.symbol, walk: part, steps });
    predictions.set(await untilAborted(forecasts, signal), start);
    periods.push({ trainedAt: date, lastKnownAt, from: walk.time[start], decisions: end - start, state, loss });
    before = state;
  }
  const { deviation } = forecastDeviation(walk, predictions);
  const wanted = wantedPositions(predictions, settings, decisionContext(target, walk, deviation));
  // Each start trades what came after its own training; the first is the one that the first decisions must come after.
  const { trainedOn } = periods[0].state;
  const run = { walk, wanted, predictions, options: settings, trainedOn };
  const result = backtestPositions("meta-learned, retrained", target, run);
  return { result, periods };
}
