/**
 * What a paper trader's life amounts to so far, from its file: trades, profit by day, falls of its equity, what its forecasts
 * were worth, and how long it was away. Only ever reads.
 * @module
 */
import { type Drawdown, worstDrawdowns } from "@adaptrade/adaptrade/statistics";
import type { ExitReason } from "@adaptrade/adaptrade/trading";
import type { OnlineForecasting } from "../components/online_forecast.ts";
import { awayPeriods, type Database } from "@adaptrade/adaptrade/store";
import { type OnlineSkill, skillOf } from "./online_skill.ts";

/** A closed trade. Money in account currency. */
export interface OnlineTrade {
  /** Its number, ascending. */
  readonly id: number;
  /** Long or short. */
  readonly side: "long" | "short";
  /** Open time of the bar of its entry, ms UTC. */
  readonly entryTime: number;
  /** Average price of what was held. */
  readonly entryPrice: number;
  /** Open time of the bar of its exit, ms UTC. */
  readonly exitTime: number;
  /** Price it was left at. */
  readonly exitPrice: number;
  /** Why it was left. */
  readonly exitReason: ExitReason;
  /** Profit less costs. */
  readonly net: number;
}

/** How a trader stands. */
export interface OnlineStanding {
  /** Changes of position. */
  readonly fills: number;
  /** Closed trades. */
  readonly closed: number;
  /** Those that won after costs. */
  readonly won: number;
  /** The last of them, newest first. */
  readonly trades: readonly OnlineTrade[];
  /** Profit of each of the last days (UTC), oldest first; the day's midnight in ms UTC. */
  readonly days: readonly { readonly time: number; readonly profit: number }[];
  /** The deepest falls. */
  readonly falls: readonly Drawdown[];
  /** What its forecasts were worth; null before the first that can be judged. */
  readonly skill: OnlineSkill | null;
  /** Volatility of its equity a year, as a fraction, since its first forecast; null before there are enough bars. */
  readonly risk: number | null;
  /** Bars in which it was away, and in how many stretches. */
  readonly away: { readonly bars: number; readonly stretches: number };
}

const MOST_TRADES = 500;
const MOST_DAYS = 60;
const MOST_FALLS = 3;
const DAY = 86_400_000;
const YEAR = 365.25 * DAY;
/** From fewer no volatility is told. */
const FEWEST_MOVES = 20;

/** How the trader of a file stands; `capital` is what it began with, `forecasts` what it forecasts. */
export function standingOf(
  life: Database,
  { capital, forecasts }: { readonly capital: number; readonly forecasts: OnlineForecasting },
): OnlineStanding {
  const count = life.prepare("SELECT count(*) AS closed, coalesce(sum(pnl - cost > 0), 0) AS won FROM trades").get()!;
  const away = awayPeriods(life);
  return {
    fills: Number(life.prepare("SELECT count(*) AS fills FROM fills").get()!.fills),
    closed: Number(count.closed),
    won: Number(count.won),
    trades: lastTrades(life),
    days: profitByDay(life, capital),
    falls: falls(life, capital),
    skill: skillOf(life, forecasts),
    risk: risk(life),
    away: { bars: away.reduce((sum, { bars }) => sum + bars, 0), stretches: away.length },
  };
}

function lastTrades(life: Database): OnlineTrade[] {
  return life.prepare(
    `SELECT id, side, entry_time AS entryTime, entry_price AS entryPrice, exit_time AS exitTime,
            exit_price AS exitPrice, exit_reason AS exitReason, pnl - cost AS net
     FROM trades ORDER BY id DESC LIMIT ?`,
  ).all(MOST_TRADES) as unknown as OnlineTrade[];
}

function profitByDay(life: Database, capital: number): { readonly time: number; readonly profit: number }[] {
  const rows = life.prepare(
    `WITH ends AS (SELECT time / ${DAY} AS day, equity, row_number() OVER (PARTITION BY time / ${DAY} ORDER BY time DESC) AS n FROM moments)
     SELECT day, equity - lag(equity, 1, ?) OVER (ORDER BY day) AS profit FROM ends WHERE n = 1 ORDER BY day DESC LIMIT ?`,
  ).all(capital, MOST_DAYS) as unknown as { readonly day: number; readonly profit: number }[];
  return rows.map(({ day, profit }) => ({ time: day * DAY, profit })).reverse();
}

function falls(life: Database, capital: number): Drawdown[] {
  const rows = life.prepare("SELECT time, equity FROM moments ORDER BY time").all() as unknown as {
    readonly time: number;
    readonly equity: number;
  }[];
  if (rows.length === 0) return [];
  return worstDrawdowns(
    Float64Array.from([rows[0].time, ...rows.map(({ time }) => time)]),
    Float64Array.from([capital, ...rows.map(({ equity }) => equity)]),
    { most: MOST_FALLS },
  );
}

/** Deviation of the equity's moves between bars with a forecast, by as many of them as came a year. */
function risk(life: Database): number | null {
  const { count, mean, square, span } = life.prepare(
    `SELECT count(*) AS count, avg(move) AS mean, avg(move * move) AS square, max(time) - min(time) AS span
     FROM (SELECT m.time, m.equity / lag(m.equity) OVER (ORDER BY m.time) - 1 AS move FROM moments m
           WHERE m.time >= (SELECT min(time) FROM predictions)) WHERE move IS NOT NULL`,
  ).get() as unknown as Record<"count" | "mean" | "square" | "span", number>;
  if (count < FEWEST_MOVES || !(span > 0)) return null;
  return Math.sqrt(Math.max(0, square - mean * mean) * (count - 1) * YEAR / span);
}
