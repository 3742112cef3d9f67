/**
 * Rows that are sequences: the features of the last bars, oldest first, for models that read time (`lstm`, `tcn`, `attention`).
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { FeatureFunction, FeatureMatrix } from "./feature_matrix.ts";
import { tradingFeatures } from "./trading_features.ts";

/** Requires a number of bars to look back on. */
function requireLookback(lookback: number): void {
  if (!Number.isInteger(lookback) || lookback < 1) {
    throw new RangeError(
      `Cannot make sequences: expected lookback to be a whole number of at least 1, received ${String(lookback)}`,
    );
  }
}

/**
 * A feature function whose rows are `[lookback][features]`, oldest bar first: each row holds the features of its own bar and of
 * the bars before it, and nothing later. The first `lookback` − 1 rows are part of the warm-up.
 *
 * @param lookback Bars of a row, at least 1.
 * @param features Features of a bar (default `tradingFeatures`).
 * @returns A function for every option called `features`, in training and in backtests alike.
 * @throws {RangeError} `lookback` is no whole number of at least 1.
 *
 * @example
 * ```ts
 * import { lstm, sampleMarkets } from "@adaptrade/adaptrade";
 * import { sequenceFeatures } from "@adaptrade/adaptrade/features";
 * import { assertEquals } from "@std/assert";
 *
 * const [candles] = await sampleMarkets({ symbols: ["DAX"] });
 * const { cols, names } = sequenceFeatures(20)(candles);
 * assertEquals([cols, names[0], names[199]], [200, "return_1, 19 bars back", "bb_position"]);
 * assertEquals(lstm({ time: 20, features: 10, hidden: 8, outputs: 1 }).inputs, cols);
 * ```
 */
export function sequenceFeatures(lookback: number, features: FeatureFunction = tradingFeatures): FeatureFunction {
  requireLookback(lookback);
  return (candles: Candles): FeatureMatrix => {
    const { names, time, rows, cols, values, warmup } = features(candles);
    const count = rows - lookback + 1;
    if (count < 1) {
      throw new DataError(
        `Cannot make sequences of ${candles.symbol}: ${rows} rows of features, ${lookback} bars a row`,
      );
    }
    const sequences = new Float64Array(count * lookback * cols);
    for (let row = 0; row < count; row++) {
      sequences.set(values.subarray(row * cols, (row + lookback) * cols), row * lookback * cols);
    }
    const backs = Array.from({ length: lookback }, (_, t) => lookback - 1 - t);
    return {
      names: backs.flatMap((back) => names.map((name) => back === 0 ? name : `${name}, ${back} bars back`)),
      time: time.slice(lookback - 1),
      rows: count,
      cols: lookback * cols,
      values: sequences,
      warmup: warmup + lookback - 1,
    };
  };
}
