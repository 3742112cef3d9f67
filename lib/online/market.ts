/**
 * What an online learner keeps of one market: recent bars, recent rows, and labels queued until their horizon has passed.
 * Values are immutable: {@linkcode observeMarket} returns the next one. It never learns and never forecasts.
 * @module
 */
import type { MarketRows } from "../tasks/market_rows.ts";
import { DataError } from "../data/candles.ts";
import { type Bar, candlesOf } from "../data/bar.ts";
import { requireBar } from "./require_bar.ts";
import type { OnlineConfig } from "./config.ts";
import { EMPTY_SCORE, type OnlineScore, type PendingForecast, scored } from "./score.ts";

/** One bar's features and, once known, its label. */
export interface OnlineRow {
  /** The bar's number in the market, from 0. */
  readonly bar: number;
  /** Open time, ms UTC. */
  readonly time: number;
  /** Its close. */
  readonly close: number;
  /** Features, `[cols]`, from bars at or before this one. */
  readonly x: Float64Array;
  /** Its label, by default the return over the horizon, as a fraction; NaN until known. */
  readonly label: number;
  /** Open time of the bar that completed the label, ms UTC; NaN until known. */
  readonly knownAt: number;
  /** The forecast made at this bar, if any. */
  readonly forecast?: PendingForecast;
}

/** One market as the learner sees it. Frozen. */
export interface OnlineMarket {
  /** Market name. */
  readonly symbol: string;
  /** Bar length, such as `1h`. */
  readonly interval: string;
  /** Bars observed so far. */
  readonly count: number;
  /** Bars observed when the learner was last updated with this market. */
  readonly updated: number;
  /** The last `history` bars. */
  readonly bars: readonly Bar[];
  /** Recent rows, oldest first; as many as the windows span. */
  readonly rows: readonly OnlineRow[];
  /** Rows left out because a feature or label was beyond float32. */
  readonly skipped: number;
  /** How the forecasts fared. */
  readonly score: OnlineScore;
}

/** Features and labels beyond this would not survive being squared in float32. */
const LARGEST = 1e15;

/** A market before its first bar. */
export function emptyMarket(symbol: string, interval: string): OnlineMarket {
  const empty = Object.freeze([]);
  return Object.freeze({
    symbol,
    interval,
    count: 0,
    updated: 0,
    bars: empty,
    rows: empty,
    skipped: 0,
    score: EMPTY_SCORE,
  });
}

/** Rows that both windows span: training, a gap of the horizon, validation. */
export function windowRows({ trainRows, horizon, validationRows }: OnlineConfig): number {
  return trainRows + horizon + validationRows;
}

/** The market after one more bar: its row joins, and the labels that this close completes become known. */
export function observeMarket(config: OnlineConfig, market: OnlineMarket, bar: Bar): OnlineMarket {
  requireBar(market.symbol, bar, market.bars[market.bars.length - 1]);
  const bars = Object.freeze([...market.bars.slice(-(config.history - 1)), Object.freeze({ ...bar })]);
  let { score, skipped } = market;
  const rows: OnlineRow[] = [];
  for (const row of market.rows) {
    if (row.bar + config.horizon !== market.count) {
      rows.push(row);
      continue;
    }
    const label = labelOf(config, { symbol: market.symbol, interval: market.interval, bars }, row.time);
    if (row.forecast) score = scored(score, row.forecast, label);
    const { forecast: _, ...judged } = row;
    if (Math.abs(label) < LARGEST) rows.push(Object.freeze({ ...judged, label, knownAt: bar.time }));
    else skipped++;
  }
  if (bars.length === config.history) {
    const x = lastFeatures(config, market, bars);
    if (x.every((value) => Math.abs(value) < LARGEST)) {
      rows.push(Object.freeze({ bar: market.count, time: bar.time, close: bar.close, x, label: NaN, knownAt: NaN }));
    } else skipped++;
  }
  const kept = Object.freeze(rows.slice(-(windowRows(config) + config.horizon)));
  return Object.freeze({ ...market, count: market.count + 1, bars, rows: kept, skipped, score });
}

/** The label of the bar at `time`, which the last bar completes; NaN where there is none. */
function labelOf(
  config: OnlineConfig,
  { bars, ...market }: Pick<OnlineMarket, "symbol" | "interval" | "bars">,
  time: number,
): number {
  const labels = config.labels(candlesOf(market, bars), config.horizon);
  const at = labels.time.indexOf(time);
  if (at < 0) return NaN;
  const now = bars[bars.length - 1].time;
  if (labels.knownAt[at] <= now) return labels.values[at];
  throw new DataError(
    `Cannot observe ${market.symbol}: expected the label of ${time} to be known ${config.horizon} bars later, at ${now}, ` +
      `received one known at ${labels.knownAt[at]}`,
  );
}

function lastFeatures(config: OnlineConfig, market: OnlineMarket, bars: readonly Bar[]): Float64Array {
  const { rows, cols, time, values } = config.features(candlesOf(market, bars));
  const { inputs } = config.meta.net;
  if (cols !== inputs) {
    throw new TypeError(
      `Cannot observe ${market.symbol}: expected ${inputs} features (the network's), received ${cols}`,
    );
  }
  if (rows === 0 || time[rows - 1] !== bars[bars.length - 1].time) {
    throw new DataError(
      `Cannot observe ${market.symbol}: expected features of the last bar from ${bars.length} bars, received ${rows} rows`,
    );
  }
  return values.slice((rows - 1) * cols, rows * cols);
}

/** The rows whose labels are known, oldest first, in the shape that tasks are cut from. */
export function labelledRows(config: OnlineConfig, market: OnlineMarket): MarketRows {
  const rows = market.rows.filter(({ knownAt }) => !Number.isNaN(knownAt));
  const { inputs } = config.meta.net;
  const x = new Float64Array(rows.length * inputs);
  rows.forEach((row, i) => x.set(row.x, i * inputs));
  return {
    market: market.symbol,
    rows: rows.length,
    cols: inputs,
    time: Float64Array.from(rows, ({ time }) => time),
    knownAt: Float64Array.from(rows, ({ knownAt }) => knownAt),
    x,
    y: Float64Array.from(rows, ({ label }) => label),
    horizon: config.horizon,
  };
}
