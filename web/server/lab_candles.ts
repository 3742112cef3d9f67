/**
 * The bars of a market as charts take them: plain arrays, prices to seven digits, the most recent ones of a long history.
 * @module
 */
import type { Candles } from "@adaptrade/adaptrade";
import { labMarket, labModel } from "./lab_model.ts";

/** Bars as JSON, oldest first. All arrays have the same length. */
export interface ChartBars {
  /** The market's symbol. */
  readonly symbol: string;
  /** Bar length, such as `1d`. */
  readonly interval: string;
  /** Whether the source had closing prices alone. */
  readonly closeOnly: boolean;
  /** Open time of each bar, ms UTC. */
  readonly time: readonly number[];
  /** Opening price; empty for a market of closes alone, as high and low are. */
  readonly open: readonly number[];
  /** Highest price. */
  readonly high: readonly number[];
  /** Lowest price. */
  readonly low: readonly number[];
  /** Closing price. */
  readonly close: readonly number[];
}

/** What the lab's chart shows. */
export interface LabCandles {
  /** The bars. */
  readonly bars: ChartBars;
  /** Bars before these that are not shown. */
  readonly hidden: number;
  /** Open time of the first bar shown that can be forecast from, ms UTC; null where there is none. */
  readonly first: number | null;
}

/** More bars would make a page slow, and nobody sees them at once. */
const MOST_BARS = 20_000;

/** Bars from `start` on, as JSON. */
export function chartBars(candles: Candles, start = 0, end: number = candles.time.length): ChartBars {
  const part = (values: Float64Array): number[] =>
    Array.from(values.subarray(start, end), (value) => Number(value.toPrecision(7)));
  const closeOnly = candles.closeOnly === true;
  const { symbol, interval } = candles;
  return {
    symbol,
    interval,
    closeOnly,
    time: Array.from(candles.time.subarray(start, end)),
    open: closeOnly ? [] : part(candles.open),
    high: closeOnly ? [] : part(candles.high),
    low: closeOnly ? [] : part(candles.low),
    close: part(candles.close),
  };
}

/** The bars of a market, and where a run can begin on it. */
export async function labCandles(id: string, run: string): Promise<LabCandles> {
  const { candles, inspection: { first } } = await labMarket(await labModel(run), id);
  const hidden = Math.max(0, candles.time.length - MOST_BARS);
  return {
    bars: chartBars(candles, hidden),
    hidden,
    first: first === null ? null : Math.max(first, candles.time[hidden]),
  };
}
