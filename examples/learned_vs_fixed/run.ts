/**
 * One method over all markets, bar by bar, and what it forecast and learned on the way.
 * @module
 */
import {
  barsOf,
  type Candles,
  type Engine,
  learningRates,
  observe,
  onlineInit,
  updateAndPredict,
} from "@adaptrade/adaptrade";
import { onlineLearner } from "@adaptrade/adaptrade/online";
import type { Method } from "./methods.ts";

/** What is learned at one bar. */
export interface Reading {
  /** Open time of the bar, ms UTC. */
  readonly time: number;
  /** Rate of each layer. */
  readonly rates: readonly number[];
  /** φ of the learned loss: direction, magnitude, asymmetry. */
  readonly phi: readonly number[];
}

/** A run's forecasts, judged, and what it learned. */
export interface OnlineRun {
  /** Squared error of each judged forecast, in deviations of its own support's labels, by market and time of judgement. */
  readonly losses: ReadonlyMap<string, number>;
  /** Mean of those. */
  readonly meanLoss: number;
  /** What was learned at each bar. */
  readonly readings: readonly Reading[];
  /** Forecasts withheld because the inner loop had diverged. */
  readonly withheld: number;
  /** Wall time in ms for each bar time. */
  readonly msPerBar: number;
}

/** Key of a judged forecast. */
export function lossKey(symbol: string, time: number): string {
  return `${symbol} ${time}`;
}

/** The last `bars` bars of a market. */
export function lastBars(candles: Candles, bars: number): Candles {
  const cut = (values: Float64Array): Float64Array => values.slice(-bars);
  const { time, open, high, low, close, volume } = candles;
  return {
    ...candles,
    time: cut(time),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
}

/** Runs a method over the markets: at each time the bars that opened then join, and the learner is updated once. */
export async function runOnline(
  engine: Engine,
  method: Method,
  markets: readonly Candles[],
  options: { readonly seed: number; readonly signal: AbortSignal; readonly onBar?: (share: number) => void },
): Promise<OnlineRun> {
  const { seed, signal, onBar } = options;
  const config = method.config(seed);
  let state = onlineInit(config, markets);
  const bars = markets.map((candles) => [...barsOf(candles)]);
  const next = markets.map(() => 0);
  const times = [...new Set(markets.flatMap(({ time }) => [...time]))].sort((a, b) => a - b);
  const losses = new Map<string, number>();
  const readings: Reading[] = [];
  const started = performance.now();
  for (const [done, time] of times.entries()) {
    signal.throwIfAborted();
    const before = state;
    markets.forEach(({ symbol }, m) => {
      if (bars[m][next[m]]?.time === time) state = observe(state, bars[m][next[m]++], { symbol });
    });
    state.markets.forEach(({ symbol, score }, m) => {
      const { count, lossSum } = before.markets[m].score;
      if (score.count > count) losses.set(lossKey(symbol, time), score.lossSum - lossSum);
    });
    ({ state } = await updateAndPredict(engine, state));
    if (method.learns && state.updates > 0) {
      const learner = onlineLearner(state);
      readings.push({ time, rates: learningRates(learner).map(({ mean }) => mean), phi: [...learner.phi] });
    }
    onBar?.((done + 1) / times.length);
  }
  let sum = 0;
  for (const loss of losses.values()) sum += loss;
  return {
    losses,
    meanLoss: sum / losses.size,
    readings,
    withheld: state.withheld,
    msPerBar: (performance.now() - started) / times.length,
  };
}
