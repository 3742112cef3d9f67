/**
 * The shape of a table of features, one row a bar, and the check that candles can be turned into one.
 * It computes no feature; see `trading_features.ts`.
 * @module
 */
import type { Candles } from "../data/candles.ts";

/** Features of one market, oldest bar first. Row i uses bars at or before `time[i]` alone. */
export interface FeatureMatrix {
  /** Column names, `[cols]`. */
  readonly names: readonly string[];
  /** Open time of each row's bar, ms UTC, `[rows]`. The row is known once that bar has closed. */
  readonly time: Float64Array;
  /** Number of rows: bars less the warm-up. */
  readonly rows: number;
  /** Number of columns. */
  readonly cols: number;
  /** Values, `[rows, cols]` row-major, all finite. */
  readonly values: Float64Array;
  /** Bars cut from the start: row i belongs to bar i + warmup. */
  readonly warmup: number;
}

/** Computes features of candles; row i may use bars at or before its own alone ({@linkcode checkLookahead} tests that). */
export type FeatureFunction = (candles: Candles) => FeatureMatrix;

/**
 * Checks a feature matrix of one's own, and returns it.
 *
 * @param matrix What a function made of `candles`.
 * @param candles The bars.
 * @param before What the same function made of other bars, whose columns it must have.
 * @throws {TypeError} Lengths differ from rows and columns, columns from `before`, or a value is not finite.
 */
export function requireMatrix(matrix: FeatureMatrix, candles: Candles, before = matrix): FeatureMatrix {
  const { names, time, rows, cols, values } = matrix;
  const action = `Cannot read features of ${candles.symbol}`;
  if (names.length !== cols || time.length !== rows || values.length !== rows * cols) {
    throw new TypeError(
      `${action}: expected ${rows} rows of ${cols} columns as they say, received ${names.length} names, ${time.length} ` +
        `times and ${values.length} values`,
    );
  }
  if (names.some((name, j) => name !== before.names[j]) || cols !== before.cols) {
    throw new TypeError(`${action}: expected the columns ${before.names.join(", ")}, received ${names.join(", ")}`);
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return matrix;
  const at = new Date(time[Math.floor(bad / cols)]).toISOString();
  throw new TypeError(
    `${action}: expected finite values, received ${values[bad]} in ${names[bad % cols]} at ${at}; leave out the rows ` +
      "of bars that have none",
  );
}

/**
 * Checks what every reader of prices relies on: equal lengths, times ascending, closes and opens finite and above 0.
 *
 * @param candles The bars to check.
 * @param action What cannot be done otherwise; it opens the error message.
 * @throws {TypeError} Arrays differ in length, or a price or time is not a finite number.
 * @throws {RangeError} A price is not above 0, or times do not ascend.
 */
export function requireCandles(candles: Candles, action: string): void {
  const { time, open, close, symbol } = candles;
  const bars = time.length;
  for (const [name, values] of [["open", open], ["close", close]] as const) {
    if (values.length !== bars) {
      throw new TypeError(`Cannot ${action}: ${symbol} has ${bars} times and ${values.length} ${name} prices`);
    }
    for (let i = 0; i < bars; i++) {
      if (!Number.isFinite(values[i])) {
        throw new TypeError(`Cannot ${action}: ${symbol} needs finite prices, got ${name}[${i}] = ${values[i]}`);
      }
      if (values[i] <= 0) {
        throw new RangeError(`Cannot ${action}: ${symbol} needs prices above 0, got ${name}[${i}] = ${values[i]}`);
      }
    }
  }
  for (let i = 0; i < bars; i++) {
    if (!Number.isFinite(time[i])) {
      throw new TypeError(`Cannot ${action}: ${symbol} needs finite times, got time[${i}] = ${time[i]}`);
    }
    if (i > 0 && time[i] <= time[i - 1]) {
      throw new RangeError(
        `Cannot ${action}: ${symbol} needs ascending times, got time[${i}] = ${time[i]} after ${time[i - 1]}`,
      );
    }
  }
}
