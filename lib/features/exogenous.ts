/**
 * Columns from elsewhere beside a market's own: funding, another market, a series of one's own. Each value says when it became
 * known, and a row reads the last one known when its bar closed. It fetches nothing and fills no hole.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import { requireKnownKeys } from "../options.ts";
import { bisectRight } from "./bisect.ts";
import type { FeatureFunction, FeatureMatrix } from "./feature_matrix.ts";

/** A column of values that lie there: the past. */
export interface ExogenousSeries {
  /** Name of the column. */
  readonly name: string;
  /** When each value became known to everybody, ms UTC, ascending, `[n]`: when it was published, not what it is of. */
  readonly knownAt: Float64Array;
  /** Values, finite, `[n]`. */
  readonly values: Float64Array;
}

/** A column that is asked for: other values for other markets, or values that go on coming while a trader lives. */
export interface ExogenousSource {
  /** Name of the column. */
  readonly name: string;
  /** The last value known at `time`, ms UTC; NaN where none was. The same question must always have the same answer. */
  readonly valueAt: (time: number, symbol: string) => number;
}

/** A column from elsewhere. */
export type ExogenousColumn = ExogenousSeries | ExogenousSource;

const ACTION = "Cannot make exogenous features";

function requireColumn(column: ExogenousColumn, i: number): void {
  const what = `columns[${i}]`;
  if ("valueAt" in column) return requireKnownKeys(ACTION, what, column, { name: true, valueAt: true });
  requireKnownKeys(ACTION, what, column, { name: true, knownAt: true, values: true });
  const { name, knownAt, values } = column;
  if (knownAt.length !== values.length) {
    throw new TypeError(
      `${ACTION}: expected ${knownAt.length} values of ${name}, as many as times, received ${values.length}`,
    );
  }
  for (let j = 0; j < values.length; j++) {
    if (!Number.isFinite(values[j])) {
      throw new TypeError(`${ACTION}: expected finite values of ${name}, received ${values[j]} at ${j}`);
    }
    if (!(j === 0 ? Number.isFinite(knownAt[0]) : knownAt[j] >= knownAt[j - 1])) {
      throw new RangeError(`${ACTION}: expected ascending knownAt of ${name}, received ${knownAt[j]} at ${j}`);
    }
  }
}

function valueAt(column: ExogenousColumn, time: number, symbol: string): number {
  if ("valueAt" in column) return column.valueAt(time, symbol);
  return column.values[bisectRight(column.knownAt, time) - 1] ?? NaN;
}

/** A function under a name: what an online learner's snapshot knows it by. */
function named(name: string, features: FeatureFunction): FeatureFunction {
  return Object.defineProperty(features, "name", { value: name });
}

/**
 * A feature function of columns from elsewhere. Row i holds of each the last value known when bar i closed (its open time and its
 * interval). Bars that closed before every column had a value are warm-up.
 *
 * {@linkcode checkLookahead} cuts candles, which these columns do not come from: it names them as not vouched for. What keeps
 * them honest is `knownAt`.
 *
 * @param columns At least one.
 * @returns A function for every option called `features` (see {@linkcode joinFeatures}) or `extra`, live as in backtests. It
 * throws a `DataError` where a column has no value for any bar, or loses it after it had one.
 * @throws {RangeError} There is no column, a name is there twice, or times do not ascend.
 * @throws {TypeError} Lengths differ, a value is not finite, or a key is unknown.
 *
 * @example Funding, known every eight hours
 * ```ts
 * import { exogenousFeatures } from "@adaptrade/adaptrade/features";
 * import { simulateMarket } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const { candles } = simulateMarket({ bars: 24, interval: "1h" });
 * const knownAt = Float64Array.of(0, 8, 16).map((hour) => candles.time[0] + hour * 3_600_000);
 * const funding = { name: "funding", knownAt, values: Float64Array.of(1e-4, 2e-4, -1e-4) };
 * const { values } = exogenousFeatures([funding])(candles);
 * assertEquals([values[6], values[7], values[23]], [1e-4, 2e-4, -1e-4]); // bar 7 closes as the second is published
 * ```
 */
export function exogenousFeatures(columns: readonly ExogenousColumn[]): FeatureFunction {
  if (columns.length === 0) throw new RangeError(`${ACTION}: expected at least 1 column, received 0`);
  columns.forEach(requireColumn);
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new RangeError(`${ACTION}: ${twice} is there twice`);
  return named(`exogenousFeatures(${names.join(", ")})`, (candles: Candles): FeatureMatrix => {
    const { time, symbol } = candles;
    const interval = intervalMs(candles.interval);
    const [bars, cols] = [time.length, columns.length];
    const values = new Float64Array(bars * cols);
    for (let i = 0; i < bars; i++) {
      columns.forEach((column, c) => values[i * cols + c] = valueAt(column, time[i] + interval, symbol));
    }
    const isWhole = (i: number): boolean => values.subarray(i * cols, (i + 1) * cols).every(Number.isFinite);
    let warmup = 0;
    while (warmup < bars && !isWhole(warmup)) warmup++;
    const missing = (i: number): string =>
      names[values.subarray(i * cols).findIndex((value) => !Number.isFinite(value))];
    if (warmup === bars) {
      throw new DataError(`${ACTION} of ${symbol}: no bar has a value of each of ${names.join(", ")}`);
    }
    for (let i = warmup; i < bars; i++) {
      if (isWhole(i)) continue;
      throw new DataError(`${ACTION} of ${symbol}: ${missing(i)} has no value at ${new Date(time[i]).toISOString()}`);
    }
    return { names, time: time.slice(warmup), rows: bars - warmup, cols, values: values.slice(warmup * cols), warmup };
  });
}

/**
 * A feature function of the columns of two, side by side. Rows are those that both have.
 *
 * @param first Its columns come first.
 * @param second Its columns come behind them.
 * @returns A function for every option called `features`.
 *
 * @example
 * ```ts
 * import { exogenousFeatures, joinFeatures } from "@adaptrade/adaptrade/features";
 * import { sampleMarkets, tradingFeatures } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [nasdaq, vix] = await sampleMarkets({ symbols: ["NASDAQ", "VIX"] });
 * const day = 86_400_000;
 * const fear = { name: "vix", knownAt: vix.time.map((time) => time + day), values: vix.close };
 * const { names, time } = joinFeatures(tradingFeatures, exogenousFeatures([fear]))(nasdaq);
 * assertEquals([names.length, names[10]], [11, "vix"]);
 * assertEquals(time[0] >= vix.time[0], true);
 * ```
 */
export function joinFeatures(first: FeatureFunction, second: FeatureFunction): FeatureFunction {
  return named(`joinFeatures(${first.name}, ${second.name})`, (candles: Candles): FeatureMatrix => {
    const parts = [first(candles), second(candles)];
    const warmup = Math.max(...parts.map((part) => part.warmup));
    const rows = candles.time.length - warmup;
    for (const { time, names } of parts) {
      if (rows > 0 && time[time.length - 1] === candles.time[candles.time.length - 1] && time.length >= rows) continue;
      throw new DataError(
        `Cannot join features of ${candles.symbol}: ${names[0]} and the columns with it have ${time.length} rows, ` +
          `not one for each bar from ${warmup} on`,
      );
    }
    const cols = parts[0].cols + parts[1].cols;
    const values = new Float64Array(rows * cols);
    let at = 0;
    for (const part of parts) {
      const skipped = part.rows - rows;
      for (let i = 0; i < rows; i++) {
        const row = part.values.subarray((skipped + i) * part.cols, (skipped + i + 1) * part.cols);
        values.set(row, i * cols + at);
      }
      at += part.cols;
    }
    return {
      names: parts.flatMap(({ names }) => names),
      time: candles.time.slice(warmup),
      rows,
      cols,
      values,
      warmup,
    };
  });
}
