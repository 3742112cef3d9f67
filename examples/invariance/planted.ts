/**
 * Rows of markets with a column planted that leads astray: it goes with what will come, more or less in each environment of the
 * training, and against it after the split.
 * @module
 */
import { type Candles, type Labels, marketRows, random, splitByTime, tradingFeatures } from "@adaptrade/adaptrade";
import type { MarketRows } from "@adaptrade/adaptrade/tasks";

/** Rows to train on, an environment each, and rows to be judged on, a market each. */
export interface Environments {
  /** Rows before the split, by market and half of its time. */
  readonly train: readonly MarketRows[];
  /** Rows after it, by market. */
  readonly test: readonly MarketRows[];
}

/** How a planted column goes with the label: its correlation in even and odd environments, and after the split. */
export interface Planting {
  readonly even: number;
  readonly odd: number;
  readonly after: number;
}

/** Bars that labels look ahead. */
const HORIZON = 5;
/** Share of a market's time before the split. */
const SHARE = 0.7;

/** Log of the mean |return| of the next bars: what volatility will be, of closes alone. */
function volatilityAhead({ time, close }: Candles, horizon: number): Labels {
  const rows = close.length - horizon;
  const values = Float64Array.from({ length: rows }, (_, t) => {
    let sum = 0;
    for (let i = 1; i <= horizon; i++) sum += Math.abs(Math.log(close[t + i] / close[t + i - 1]));
    return Math.log(Math.max(1e-6, sum / horizon));
  });
  return { time: time.slice(0, rows), knownAt: time.slice(horizon), values, horizon };
}

/** Rows with one column more, of the correlation given with the label as it lies in these rows. */
function withColumn(rows: MarketRows, correlation: number, seed: number): MarketRows {
  const stream = random(seed);
  const mean = rows.y.reduce((sum, value) => sum + value, 0) / rows.rows;
  const deviation = Math.sqrt(rows.y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows.rows);
  const rest = Math.sqrt(1 - correlation ** 2);
  const cols = rows.cols + 1;
  const x = new Float64Array(rows.rows * cols);
  for (let i = 0; i < rows.rows; i++) {
    x.set(rows.x.subarray(i * rows.cols, (i + 1) * rows.cols), i * cols);
    x[i * cols + rows.cols] = correlation * (rows.y[i] - mean) / deviation + rest * stream.normal();
  }
  return { ...rows, cols, x };
}

/** Environments of some markets, with the planted column last, or without one. */
export function environmentsOf(markets: readonly Candles[], planting: Planting | null, seed: number): Environments {
  const halves: MarketRows[] = [];
  const test: MarketRows[] = [];
  markets.forEach((candles, m) => {
    const all = marketRows(candles, { horizon: HORIZON, features: tradingFeatures, labels: volatilityAhead });
    const { train: [before], test: [after] } = splitByTime([all], { train: SHARE, validation: 0 });
    const { train: [early], test: [late] } = splitByTime([before], { train: 0.5, validation: 0 });
    [early, late].forEach((half, h) => {
      const name = { ...half, market: `${half.market}, ${h === 0 ? "early" : "late"}` };
      const e = halves.length;
      halves.push(planting ? withColumn(name, e % 2 === 0 ? planting.even : planting.odd, seed + e) : name);
    });
    test.push(planting ? withColumn(after, planting.after, seed + 1000 + m) : after);
  });
  return { train: halves, test };
}
