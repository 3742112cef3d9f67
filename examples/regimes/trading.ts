/**
 * The candidates of the regimes example on the bars of one part: learners that adapt at every bar, rules, holding, nothing.
 * @module
 */
import {
  adaptPredict,
  backtestPositions,
  type BacktestResult,
  type Candles,
  type Engine,
  walkForward,
} from "@adaptrade/adaptrade";
import { backtestWalk } from "@adaptrade/adaptrade/backtest";
import { type MarketTask, type SignalStrategy, strategySignal } from "@adaptrade/adaptrade/tasks";
import type { LearnedStart } from "./families.ts";

/** How candidates trade. */
export interface TradingOptions {
  /** First decision, ms UTC. */
  readonly from: number;
  /** Decisions are taken on bars that open before this, ms UTC. */
  readonly to?: number;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** Labels to adapt on. */
  readonly supportRows: number;
  /** Cost of a trade as a fraction of what is traded; forecasts below it stay flat. */
  readonly costRate: number;
}

const RULES: readonly SignalStrategy[] = ["momentum", "mean-reversion", "breakout"];

/** Every candidate's result on one market, on the same bars. */
export async function runCandidates(
  engine: Engine,
  learners: readonly LearnedStart[],
  candles: Candles,
  trading: TradingOptions,
): Promise<BacktestResult[]> {
  const options = { ...trading, threshold: trading.costRate };
  const walk = walkForward(candles, options);
  const results: BacktestResult[] = [];
  for (const { name: strategy, startOf } of learners) {
    results.push(await backtestWalk(engine, startOf(candles.symbol), candles, { walk, options, strategy }));
  }
  const decisions = walk.time.length;
  for (const rule of RULES) {
    const wanted = strategySignal(candles, rule).values.slice(walk.start, walk.start + decisions);
    results.push(backtestPositions(rule, candles, { walk, wanted, options }));
  }
  results.push(
    backtestPositions("buy and hold", candles, { walk, wanted: new Float64Array(decisions).fill(1), options }),
  );
  return [...results, backtestPositions("flat", candles, { walk, wanted: new Float64Array(decisions), options })];
}

/** Result of wanted positions on the same bars as a candidate's. */
export function runPositions(
  name: string,
  candles: Candles,
  run: { readonly wanted: Float64Array; readonly trading: TradingOptions },
): BacktestResult {
  const { wanted, trading } = run;
  return backtestPositions(name, candles, { walk: walkForward(candles, trading), wanted, options: trading });
}

/** Mean squared forecast error over the queries of tasks, in units of each support's label deviation. */
export async function meanQueryLoss(
  engine: Engine,
  start: LearnedStart,
  run: { readonly tasks: readonly MarketTask[]; readonly steps: number },
): Promise<number> {
  const { tasks, steps } = run;
  let sum = 0;
  for (const symbol of new Set(tasks.map(({ market }) => market))) {
    const own = tasks.filter(({ market }) => market === symbol);
    const pairs = own.map(({ support, query }) => ({ support, x: query.x }));
    const outputs = await adaptPredict(engine, start.startOf(symbol), pairs, { steps });
    outputs.forEach((output, t) => {
      const { y, rows } = own[t].query;
      sum += output.reduce((total, value, i) => total + (value - y[i]) ** 2, 0) / rows;
    });
  }
  return sum / tasks.length;
}

/** The same of the forecast that nothing moves. */
export function zeroQueryLoss(tasks: readonly MarketTask[]): number {
  const losses = tasks.map(({ query, scaler }) => {
    const zero = -scaler.y.mean[0] / scaler.y.scale[0];
    return query.y.reduce((total, value) => total + (zero - value) ** 2, 0) / query.rows;
  });
  return losses.reduce((total, loss) => total + loss, 0) / losses.length;
}

/** Mean of several markets' net returns at each time that any of them has: equal weights, restored at every bar for free. */
export function meanReturns(results: readonly BacktestResult[]): Float64Array {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { time, netReturns } of results) {
    time.forEach((t, i) => {
      const { sum, count } = sums.get(t) ?? { sum: 0, count: 0 };
      sums.set(t, { sum: sum + netReturns[i], count: count + 1 });
    });
  }
  return Float64Array.from([...sums].sort(([a], [b]) => a - b), ([, { sum, count }]) => sum / count);
}
