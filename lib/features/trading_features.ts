/**
 * The ten standard features of a market's closes, pandas' meaning exactly (design section 5, in its column order).
 * Every row uses bars at or before its own; the warm-up is cut and declared. It scales nothing: see `scaler.ts`.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { type FeatureMatrix, requireCandles } from "./feature_matrix.ts";
import { exponentialMean, percentChange, rollingMean, rollingStd } from "./rolling.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** Column names of {@linkcode tradingFeatures}, in order; `volume_sma_ratio` follows on request. */
export const FEATURE_NAMES: readonly string[] = Object.freeze([
  "return_1",
  "return_5",
  "return_10",
  "sma_ratio",
  "ema_ratio",
  "volatility",
  "momentum",
  "rsi",
  "macd",
  "bb_position",
]);

const FEATURE_NAMES_WITH_VOLUME: readonly string[] = Object.freeze([...FEATURE_NAMES, "volume_sma_ratio"]);

/** What {@linkcode tradingFeatures} takes. */
export interface TradingFeatureOptions {
  /** Window w in bars, at least 2 (default 20). */
  readonly window?: number;
  /** Bars to cut from the start, at least max(w, 10) (default {@linkcode featureWarmup} of the window). */
  readonly warmup?: number;
  /**
   * Whether an eleventh column follows, volume_sma_ratio: volume / rolling mean of it over w bars, 1 where none was traded in
   * them (default false: many markets have no volumes).
   */
  readonly volume?: boolean;
}

const TRADING_FEATURE_KEYS: OptionKeys<TradingFeatureOptions> = { window: true, warmup: true, volume: true };

/** Most weight that the part of an exponential mean cut off by the start of the file may carry. */
const START_WEIGHT = 1e-4;
const MACD_SPANS = [12, 26] as const;

/**
 * Warm-up after which an exponential mean no longer depends on where the file starts: what lies before the file would
 * carry β^n ≤ 1e-4 of the weight, β = 1 − 2/(span + 1), for the longest span (w or macd's 26).
 *
 * @param window Window w in bars.
 * @returns Bars to cut: 120 for w up to 26.
 */
export function featureWarmup(window: number): number {
  const decay = 1 - 2 / (Math.max(window, MACD_SPANS[1]) + 1);
  return Math.max(window, Math.ceil(Math.log(START_WEIGHT) / Math.log(decay)));
}

/** Relative strength over `window` one-bar changes: 100 − 100 / (1 + gain / (loss + 1e-10)); 50 where nothing moved. */
function relativeStrength(close: Float64Array, window: number): Float64Array {
  const gains = new Float64Array(close.length).fill(NaN);
  const losses = new Float64Array(close.length).fill(NaN);
  for (let t = 1; t < close.length; t++) {
    const change = close[t] - close[t - 1];
    gains[t] = Math.max(change, 0);
    losses[t] = Math.max(-change, 0);
  }
  const gain = rollingMean(gains, window);
  const loss = rollingMean(losses, window);
  return gain.map((up, t) => up === 0 && loss[t] === 0 ? 50 : 100 - 100 / (1 + up / (loss[t] + 1e-10)));
}

/** Volume over its rolling mean; 1 where none was traded in the window. */
function volumeRatio({ volume, symbol, time }: Candles, window: number): Float64Array {
  if (volume.length !== time.length) {
    throw new TypeError(`Cannot compute features: ${symbol} has ${time.length} times and ${volume.length} volumes`);
  }
  volume.forEach((value, t) => {
    if (value >= 0 && value < Infinity) return;
    const Kind = value < 0 ? RangeError : TypeError;
    throw new Kind(
      `Cannot compute features: ${symbol} needs finite volumes of at least 0, got volume[${t}] = ${value}`,
    );
  });
  const mean = rollingMean(volume, window);
  return volume.map((value, t) => mean[t] === 0 ? 1 : value / mean[t]);
}

/**
 * Computes the standard features of a market: return_1, return_5, return_10, sma_ratio (close / rolling mean),
 * ema_ratio (close / `ewm(span=w)`, adjust=True), volatility (rolling sample deviation of 1-bar returns), momentum
 * (w-bar return), rsi (0 to 100), macd ((ema12 − ema26) / close) and bb_position ((close − sma) / (2·std + 1e-10)).
 *
 * @param candles Bars, oldest first; only closes are read, and volumes where they are asked for.
 * @param options Window and warm-up in bars, and whether volume is a feature.
 * @returns `[bars − warmup, 10]` (11 with volume); row i belongs to bar i + warmup.
 * @throws {DataError} There is no bar behind the warm-up.
 * @throws {RangeError} The window or warm-up is out of range, a price is not above 0, or a volume asked for is below 0.
 * @throws {TypeError} A price, or a volume asked for, is not finite, or array lengths differ.
 *
 * @example
 * ```ts
 * import { tradingFeatures } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const close = Float64Array.from({ length: 200 }, (_, i) => 100 + Math.sin(i));
 * const time = close.map((_, i) => i * 3_600_000);
 * const candles = { symbol: "X", interval: "1h", time, open: close, high: close, low: close, close, volume: close };
 * const features = tradingFeatures(candles);
 * assertEquals([features.rows, features.cols, features.warmup], [80, 10, 120]);
 * ```
 */
export function tradingFeatures(candles: Candles, options: TradingFeatureOptions = {}): FeatureMatrix {
  requireKnownKeys("Cannot compute features", "options", options, TRADING_FEATURE_KEYS);
  const { window = 20 } = options;
  if (!Number.isInteger(window) || window < 2) {
    throw new RangeError(`Cannot compute features: window must be an integer of at least 2, got ${String(window)}`);
  }
  const { warmup = featureWarmup(window) } = options;
  if (!Number.isInteger(warmup) || warmup < Math.max(window, 10)) {
    throw new RangeError(
      `Cannot compute features: warmup must be an integer of at least ${Math.max(window, 10)}, got ${String(warmup)}`,
    );
  }
  requireCandles(candles, "compute features");
  const bars = candles.time.length;
  if (bars <= warmup) {
    throw new DataError(
      `Cannot compute features of ${candles.symbol}: needs more than ${warmup} bars (the warm-up), got ${bars}`,
    );
  }
  const { close } = candles;
  const mean = rollingMean(close, window);
  const deviation = rollingStd(close, window);
  const ema = exponentialMean(close, window);
  const [fast, slow] = MACD_SPANS.map((span) => exponentialMean(close, span));
  const return1 = percentChange(close, 1);
  const columns = [
    return1,
    percentChange(close, 5),
    percentChange(close, 10),
    close.map((price, t) => price / mean[t]),
    close.map((price, t) => price / ema[t]),
    rollingStd(return1, window),
    percentChange(close, window),
    relativeStrength(close, window),
    close.map((price, t) => (fast[t] - slow[t]) / price),
    close.map((price, t) => (price - mean[t]) / (2 * deviation[t] + 1e-10)),
    ...(options.volume === true ? [volumeRatio(candles, window)] : []),
  ];
  const [rows, cols] = [bars - warmup, columns.length];
  const values = new Float64Array(rows * cols);
  columns.forEach((column, j) => {
    for (let i = 0; i < rows; i++) values[i * cols + j] = column[i + warmup];
  });
  const names = options.volume === true ? FEATURE_NAMES_WITH_VOLUME : FEATURE_NAMES;
  return { names, time: candles.time.slice(warmup), rows, cols, values, warmup };
}
