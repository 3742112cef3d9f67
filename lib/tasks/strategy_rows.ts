/**
 * What a strategy earns, as rows to learn from: the bars on which its signal fires, with the market's features, labelled
 * with signal × forward return. It keeps each label's known time, and no bar on which the strategy has no opinion.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { forwardReturns, type Labels } from "../features/labels.ts";
import { tradingFeatures } from "../features/trading_features.ts";
import { joinRows, type MarketRows, pickRows } from "./market_rows.ts";
import {
  type SignalStrategy,
  type StrategySignal,
  strategySignal,
  type StrategySignalOptions,
} from "./strategy_signal.ts";
import { requireKnownKeys } from "../options.ts";
import { TASK_KEYS } from "./option_keys.ts";

/** What {@linkcode pairRows} takes. */
export interface PairRowsOptions extends StrategySignalOptions {
  /** Bars that a label looks ahead, at least 1. */
  readonly horizon: number;
  /** Features (default `tradingFeatures`). */
  readonly features?: FeatureFunction;
}

/** What {@linkcode strategyRows} takes. */
export interface StrategyRowsOptions extends PairRowsOptions {
  /** Whose signal. */
  readonly strategy: SignalStrategy;
}

/** Rows at which the signal is not 0, their labels multiplied by it. */
function firedRows(market: MarketRows, signal: StrategySignal): MarketRows {
  const signalAt = new Map(Array.from(signal.time, (time, i) => [time, signal.values[i]]));
  const signals = Array.from(market.time, (time) => signalAt.get(time) ?? 0);
  const fired = pickRows(market, signals.flatMap((value, row) => value === 0 ? [] : [row]));
  const sides = signals.filter((value) => value !== 0);
  return { ...fired, y: fired.y.map((value, i) => value * sides[i]) };
}

/**
 * Rows of a strategy on one market: the bars on which its signal fires, the market's features, and as label what following
 * the signal for `horizon` bars earns, signal × (close[i + h] / close[i] − 1). A model that forecasts it judges the
 * strategy's signals (meta-labelling: López de Prado 2018, ch. 3.6): position = signal where the forecast is above 0.
 *
 * @param candles Bars of one market, oldest first.
 * @param options Strategy, its window, horizon, features.
 * @returns May hold no row, where the signal never fires.
 * @throws {DataError} The market is shorter than the warm-up and the horizon together.
 * @throws {RangeError} An option is out of range.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { strategyRows } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * assertEquals(strategyRows(dax, { strategy: "momentum", horizon: 5 }).horizon, 5);
 * ```
 */
export function strategyRows(candles: Candles, options: StrategyRowsOptions): MarketRows {
  requireKnownKeys("Cannot make rows", "options", options, TASK_KEYS);
  const { strategy, horizon, features = tradingFeatures } = options;
  const signal = strategySignal(candles, strategy, options);
  return firedRows(joinRows(candles.symbol, features(candles), forwardReturns(candles, horizon)), signal);
}

/**
 * The price ratio of two markets at the bars that both have, as a close-only market named `A/B`.
 *
 * @throws {DataError} They share no bar.
 * @throws {RangeError} Their intervals differ.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { pairCandles } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax, cac] = await sampleMarkets({ symbols: ["DAX", "CAC"] });
 * const { ratio } = pairCandles(dax, cac);
 * assertEquals(ratio.close[0], dax.close[0] / cac.close[0]);
 * ```
 */
export function pairCandles(
  a: Candles,
  b: Candles,
): { readonly ratio: Candles; readonly a: Candles; readonly b: Candles } {
  if (a.interval !== b.interval) {
    throw new RangeError(`Cannot pair ${a.symbol} and ${b.symbol}: intervals are ${a.interval} and ${b.interval}`);
  }
  const rowOf = new Map(Array.from(b.time, (time, i) => [time, i]));
  const shared = Array.from(a.time, (time, i) => [i, rowOf.get(time)] as const).filter(([, j]) => j !== undefined);
  if (shared.length === 0) throw new DataError(`Cannot pair ${a.symbol} and ${b.symbol}: they share no bar`);
  const pick = (candles: Candles, side: 0 | 1): Candles => {
    const at = (values: Float64Array): Float64Array => Float64Array.from(shared, (rows) => values[rows[side]!]);
    const { time, open, high, low, close, volume } = candles;
    return {
      ...candles,
      time: at(time),
      open: at(open),
      high: at(high),
      low: at(low),
      close: at(close),
      volume: at(volume),
    };
  };
  const [left, right] = [pick(a, 0), pick(b, 1)];
  const close = left.close.map((price, i) => price / right.close[i]);
  const volume = new Float64Array(close.length);
  const ratio: Candles = {
    symbol: `${a.symbol}/${b.symbol}`,
    interval: a.interval,
    time: left.time,
    open: close,
    high: close,
    low: close,
    close,
    volume,
    closeOnly: true,
  };
  return { ratio, a: left, b: right };
}

/**
 * Rows of a pair spread: the bars on which mean reversion of the price ratio A / B fires, the ratio's features, and as label
 * signal × (return of A − return of B) over `horizon` of the bars that both have: long one, short the other, in equal money.
 *
 * @param a First market.
 * @param b Second market, of the same interval.
 * @param options Window, entry, horizon, features.
 * @throws {DataError} They share no bar, or fewer than the warm-up and the horizon together.
 * @throws {RangeError} Intervals differ, or an option is out of range.
 *
 * @example
 * ```ts
 * import { sampleMarkets } from "@adaptrade/adaptrade";
 * import { pairRows } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax, cac] = await sampleMarkets({ symbols: ["DAX", "CAC"] });
 * assertEquals(pairRows(dax, cac, { horizon: 5 }).horizon, 5);
 * ```
 */
export function pairRows(a: Candles, b: Candles, options: PairRowsOptions): MarketRows {
  requireKnownKeys("Cannot make rows", "options", options, TASK_KEYS);
  const { horizon, features = tradingFeatures } = options;
  const pair = pairCandles(a, b);
  const [left, right] = [forwardReturns(pair.a, horizon), forwardReturns(pair.b, horizon)];
  const labels: Labels = { ...left, values: left.values.map((value, i) => value - right.values[i]) };
  const signal = strategySignal(pair.ratio, "mean-reversion", options);
  return firedRows(joinRows(pair.ratio.symbol, features(pair.ratio), labels), signal);
}
