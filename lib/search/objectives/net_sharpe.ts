/**
 * The objective `netSharpe`: a forecaster trained before a date and traded after it, net of costs, on every market in equal parts.
 * The best of many such ratios is high by luck alone, so each is kept for `deflatedSearch` to count.
 * @module
 */
import { backtest, type BacktestOptions } from "../../backtest/backtest.ts";
import type { Candles } from "../../data/candles.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import type { Json } from "../../pool/job.ts";
import type { Pool } from "../../pool/pool.ts";
import { excessOf } from "../../statistics/risk_free.ts";
import { sharpeEstimate } from "../../statistics/sharpe_estimate.ts";
import type { Objective } from "../trial_job.ts";
import {
  livesWithin,
  marketObjective,
  marketsOf,
  requireTraining,
  type RunObjective,
  TRAINING_KEYS,
  type TrainingSettings,
  trainTrial,
} from "./training.ts";

/** What {@linkcode netSharpe} takes. */
export interface NetSharpeSettings extends TrainingSettings {
  /** First decision that is traded, ms UTC: nothing is trained on behind it. */
  readonly from: number;
  /** Decisions before this, ms UTC. */
  readonly to: number;
  /** Costs, sizes, exits, as `backtest()` takes them; plain data. */
  readonly backtest?: Omit<BacktestOptions, "from" | "to" | "others">;
}

const KEYS: OptionKeys<NetSharpeSettings> = { ...TRAINING_KEYS, from: true, to: true, backtest: true };

/** Runs it. A strategy that never trades has no ratio: its loss is 0, which any gain is better than. */
export const runNetSharpe: RunObjective = async (inputs, task, context) => {
  const { from, to, backtest: options = {} } = task.params as unknown as NetSharpeSettings;
  const markets = marketsOf(inputs);
  const forecaster = await trainTrial(markets, task, { ...context, own: { testFrom: from } });
  const engine = await context.engine();
  const byTime = new Map<number, { sum: number; count: number }>();
  let [trades, periodsPerYear] = [0, 0];
  for (const market of markets) {
    context.signal.throwIfAborted();
    if (!livesWithin(market, from, to)) continue;
    const result = await backtest(engine, forecaster, market, { ...options, from, to, others: markets });
    trades += result.metrics.trades ?? 0;
    periodsPerYear = Math.max(periodsPerYear, result.periodsPerYear);
    const excess = excessOf(result);
    result.time.forEach((time, i) => {
      const { sum, count } = byTime.get(time) ?? { sum: 0, count: 0 };
      byTime.set(time, { sum: sum + excess[i], count: count + 1 });
    });
  }
  const returns = [...byTime].sort(([a], [b]) => a - b).map(([, { sum, count }]) => sum / count);
  const estimate = sharpeEstimate(Float64Array.from(returns));
  return {
    loss: -(estimate.sharpe ?? 0),
    detail: { estimate: { ...estimate } as unknown as Json, trades, periodsPerYear },
  };
};

/**
 * Searches for the forecaster that earned most for its risk, net of costs: the loss is minus the Sharpe ratio a bar of the mean
 * over markets.
 *
 * @param pool Where trials run; the markets are put there.
 * @param markets Markets to learn over before `from` and to trade from it on.
 * @param options The training, what a unit of budget buys, the range, and how it is traded: a forecaster of log volatility
 * holds each market at `backtest: { sizing: { kind: "volatility", target } }`.
 * @returns The objective. A trial's detail has the `estimate` that {@linkcode deflatedSearch} reads.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown, or the target is one's own.
 *
 * @example
 * ```ts ignore
 * const range = { from: Date.UTC(2005, 0), to: Date.UTC(2010, 0) };
 * const objective = await netSharpe(pool, markets, { training, steps: 50, ...range, backtest: { costRate: 0.001 } });
 * const { trials } = await runSearch(pool, { space, method: hyperband({ maxBudget: 27 }), objective });
 * console.log(deflatedSearch(trials).value);
 * ```
 */
export async function netSharpe(
  pool: Pool,
  markets: readonly Candles[],
  options: NetSharpeSettings,
): Promise<Objective> {
  const action = "Cannot search for a Sharpe ratio";
  requireKnownKeys(action, "options", options, KEYS);
  requireTraining(action, options);
  const { from, to } = options;
  if (!(from < to)) throw new RangeError(`${action}: expected from before to, received ${from} and ${to}`);
  return await marketObjective(pool, markets, { objective: "netSharpe", ...options });
}
