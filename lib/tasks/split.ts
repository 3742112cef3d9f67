/**
 * Splits markets by time into meta-training, validation and test rows, with a purge at each border.
 * It refuses to split at random: neighbouring bars share most of their history.
 * @module
 */
import { DataError } from "../data/candles.ts";
import { lowerBound, type MarketRows, sliceRows } from "./market_rows.ts";

/** Where the parts begin: dates (ms UTC), or fractions of the time that the markets span together. */
export type SplitPoints =
  | {
    /** First time of the validation part, ms UTC. */
    readonly validationFrom: number;
    /** First time of the test part, ms UTC. */
    readonly testFrom: number;
  }
  | {
    /** Share of the time span for training, within (0, 1). */
    readonly train: number;
    /** Share of the time span for validation; the rest is the test part. */
    readonly validation: number;
  };

/** Rows of each part, market by market in the order given; a market may have no rows in a part. */
export interface TimeSplit {
  /** Rows whose labels were known before `validationFrom`. */
  readonly train: readonly MarketRows[];
  /** Rows from `validationFrom` on whose labels were known before `testFrom`. */
  readonly validation: readonly MarketRows[];
  /** Rows from `testFrom` on. */
  readonly test: readonly MarketRows[];
  /** First time of the validation part, ms UTC. */
  readonly validationFrom: number;
  /** First time of the test part, ms UTC. */
  readonly testFrom: number;
}

function borders(markets: readonly MarketRows[], points: SplitPoints): [number, number] {
  if ("validationFrom" in points) return [points.validationFrom, points.testFrom];
  const { train, validation } = points;
  if (!(train > 0 && validation >= 0 && train + validation < 1)) {
    throw new RangeError(
      `Cannot split by time: train and validation must be shares that leave a test part, got ${train} and ${validation}`,
    );
  }
  const filled = markets.filter(({ rows }) => rows > 0);
  const first = Math.min(...filled.map(({ time }) => time[0]));
  const span = Math.max(...filled.map(({ time }) => time[time.length - 1])) - first;
  return [first + train * span, first + (train + validation) * span];
}

/**
 * Splits every market at the same two points in time. A row whose label would reach to a border or past it is purged, so
 * no training label has seen a bar of the validation part, and no validation label one of the test part.
 *
 * @param markets Rows of each market.
 * @param points Dates or shares.
 * @throws {DataError} There is no row at all, or none is left to train on.
 * @throws {RangeError} The points do not ascend, or leave no test part.
 *
 * @example
 * ```ts
 * import { marketRows, sampleMarkets, splitByTime } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const { train, test } = splitByTime([marketRows(dax, { horizon: 5 })], { train: 0.6, validation: 0.2 });
 * assertEquals(train[0].knownAt.at(-1)! < test[0].time[0], true);
 * ```
 */
export function splitByTime(markets: readonly MarketRows[], points: SplitPoints): TimeSplit {
  if (!markets.some(({ rows }) => rows > 0)) throw new DataError("Cannot split by time: there is no row to split");
  const [validationFrom, testFrom] = borders(markets, points);
  if (!(validationFrom <= testFrom)) {
    throw new RangeError(
      `Cannot split by time: validation from ${validationFrom} must not be after test from ${testFrom}`,
    );
  }
  const part = (from: number, to: number): MarketRows[] =>
    markets.map((market) => {
      const start = lowerBound(market.time, from);
      return sliceRows(market, start, Math.max(start, lowerBound(market.knownAt, to)));
    });
  const train = part(-Infinity, validationFrom);
  if (!train.some(({ rows }) => rows > 0)) {
    throw new DataError(
      `Cannot split by time: no row is known before ${new Date(validationFrom).toISOString()}, nothing to train on`,
    );
  }
  return {
    train,
    validation: part(validationFrom, testFrom),
    test: part(testFrom, Infinity),
    validationFrom,
    testFrom,
  };
}
