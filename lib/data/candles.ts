/**
 * The shape of a market's price history. It holds no reader; see `csv.ts`, `bybit.ts` and `sample.ts`.
 * @module
 */
import type { Dialect } from "./dialect.ts";

/** Price bars of one market, oldest first. All arrays have the same length. */
export interface Candles {
  /** Market name, such as `BTCUSDT`. */
  readonly symbol: string;
  /** Bar length, such as `1h` or `1d`. */
  readonly interval: string;
  /** Open time of each bar, ms since 1970 UTC, strictly ascending. */
  readonly time: Float64Array;
  /** First price of the bar; equal to `close` in a close-only series. */
  readonly open: Float64Array;
  /** Highest price of the bar. */
  readonly high: Float64Array;
  /** Lowest price of the bar. */
  readonly low: Float64Array;
  /** Last price of the bar, known at `time + interval`. */
  readonly close: Float64Array;
  /** Traded volume in base units; 0 where the source has none. */
  readonly volume: Float64Array;
  /** True when the source had closing prices alone: open, high and low are copies of close. */
  readonly closeOnly?: boolean;
  /** How the file was understood that they were read from; absent where they come from elsewhere. */
  readonly dialect?: Dialect;
}

/** Thrown when data are missing, malformed or too short; the message names the source and, for files, the line. */
export class DataError extends Error {
  /** The class name, for logs. */
  override readonly name = "DataError";
}
