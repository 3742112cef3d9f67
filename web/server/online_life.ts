/**
 * Reads a paper trader's life from its file while its worker writes: bars with forecast, position and what had been learned, and
 * the log of decisions, fills and gaps. Only ever reads.
 * @module
 */
import { awayPeriods, type Database, openDatabase, TRADER_MIGRATIONS } from "@adaptrade/adaptrade/store";
import { forecastFigure, forecastMargin, type OnlineForecasting } from "../components/online_forecast.ts";
import { traderFile } from "./online_paths.ts";
import type { OnlineEvent } from "./online_store.ts";

/** One bar of a trader's life. */
export interface OnlinePoint {
  /** Open time, ms UTC. */
  readonly time: number;
  /** Close. */
  readonly close: number;
  /** Equity at the close, net of costs. */
  readonly equity: number;
  /** Forecast in its unit: a return as a fraction, the log of a volatility; null without one. */
  readonly value: number | null;
  /** Deviation of the ensemble's forecasts, in the same unit. */
  readonly spread: number | null;
  /** Deviation of a normal error whose 80% interval were the adaptive one, in the same unit; null where that covers everything. */
  readonly deviation: number | null;
  /** Highest equity so far. */
  readonly peak: number;
  /** Price of the bar's last fill that bought; null where none did. */
  readonly bought: number | null;
  /** Price of the bar's last fill that sold; null where none did. */
  readonly sold: number | null;
  /** Position held, as a fraction of equity. */
  readonly held: number;
  /** Position wanted from the next bar on. */
  readonly wanted: number;
  /** Learned rate of each layer. */
  readonly rates: readonly number[];
  /** φ of the learned loss. */
  readonly phi: readonly number[];
  /** ω. */
  readonly weightDecay: number;
}

/** One line of the log. */
export interface OnlineLine {
  /** What tells it from the others. */
  readonly key: string;
  /** Open time of the bar it belongs to, ms UTC; null before the first. */
  readonly time: number | null;
  /** `decision`, `fill`, `rejected`, or an event's kind. */
  readonly kind: string;
  /** In words. */
  readonly text: string;
}

/** Price of a bar's last fill that moved the position up or down. */
function lastFill(towards: ">" | "<"): string {
  return `(SELECT price FROM fills f WHERE f.moment = m.time AND f.to_position ${towards} f.from_position ORDER BY f.id DESC LIMIT 1)`;
}

/** Moments with the highest equity so far. */
const REACHED = "reached AS (SELECT time, equity, max(equity) OVER (ORDER BY time) AS peak FROM moments)";

const POINTS = `
  SELECT m.time, b.close, m.equity, m.peak, ${lastFill(">")} AS bought, ${
  lastFill("<")
} AS sold, p.value, p.spread, p.deviation, s.held, s.wanted,
         l.rates, l.phi, l.weight_decay AS weightDecay
  FROM reached m
  JOIN bars b ON b.time = m.time
  JOIN positions s ON s.market = b.market AND s.time = b.time
  JOIN meta_parameters l ON l.time = m.time
  LEFT JOIN predictions p ON p.market = b.market AND p.time = b.time`;

const files = new Map<string, Database>();
const opening = new Map<string, Promise<void>>();

/** A trader's file, where it has been opened; asking opens it, so ask again. */
export function lifeOf(id: string): Database | null {
  const held = files.get(id);
  if (held === undefined) void openLife(id);
  return held ?? null;
}

/** Opens a trader's file; there is none until its worker has made it. */
export function openLife(id: string): Promise<void> {
  if (files.has(id)) return Promise.resolve();
  const under = opening.get(id) ?? openDatabase(traderFile(id), TRADER_MIGRATIONS, { readOnly: true })
    .then((database) => void files.set(id, database), () => {})
    .finally(() => opening.delete(id));
  opening.set(id, under);
  return under;
}

/** Closes a trader's file. */
export function closeLife(id: string): void {
  files.get(id)?.close();
  files.delete(id);
}

/** Bars behind a time, oldest first, at most `most`. */
export function pointsAfter(life: Database, after: number, most: number): OnlinePoint[] {
  return life.prepare(`WITH ${REACHED} ${POINTS} WHERE m.time > ? ORDER BY m.time LIMIT ?`).all(after, most).map(
    pointOf,
  );
}

/** The whole life, thinned evenly to at most `most` bars, but for the last `recent`, which are all there. */
export function history(life: Database, most: number, recent: number): OnlinePoint[] {
  const count = Number(life.prepare("SELECT count(*) AS n FROM moments").get()?.n);
  const every = Math.max(1, Math.ceil(count / most));
  return life.prepare(
    `WITH kept AS (SELECT time FROM (SELECT time, row_number() OVER (ORDER BY time DESC) AS n FROM moments)
                   WHERE (n - 1) % ? = 0 OR n <= ?), ${REACHED}
     ${POINTS} WHERE m.time IN kept ORDER BY m.time`,
  ).all(every, recent).map(pointOf);
}

/** Close of the first bar with a forecast: what holding is compared from. */
export function firstForecastClose(life: Database): number | null {
  const row = life.prepare(
    "SELECT b.close FROM predictions p JOIN bars b USING (market, time) ORDER BY p.time LIMIT 1",
  ).get();
  return row === undefined ? null : Number(row.close);
}

function pointOf(row: Record<string, unknown>): OnlinePoint {
  return {
    ...row as unknown as OnlinePoint,
    rates: JSON.parse(row.rates as string),
    phi: JSON.parse(row.phi as string),
  };
}

/**
 * The last lines of the log, newest first: events, and from the trader's file (where there is one) changes of what is wanted,
 * fills and refused updates.
 */
export function logLines(
  life: Database | null,
  events: readonly OnlineEvent[],
  { most, forecasts }: { readonly most: number; readonly forecasts: OnlineForecasting },
): OnlineLine[] {
  const lines = events.map(({ id, time, kind, text }): OnlineLine => ({ key: `e${padded(id)}`, time, kind, text }));
  if (life !== null) {
    lines.push(...decisions(life, most, forecasts), ...fills(life, most), ...rejections(life, most), ...absences(life));
  }
  // What belongs to one bar: what was filled in it, what was learned at its close, what was then decided, what came after.
  const rank = ({ kind }: OnlineLine) => ["fill", "rejected", "decision"].indexOf(kind) + 1 || 4;
  return lines.sort((a, b) => (b.time ?? 0) - (a.time ?? 0) || rank(b) - rank(a) || (a.key < b.key ? 1 : -1))
    .slice(0, most);
}

function decisions(life: Database, most: number, forecasts: OnlineForecasting): OnlineLine[] {
  const rows = life.prepare(
    `SELECT time, wanted, value, deviation FROM (
       SELECT s.time, s.wanted, p.value, p.deviation, lag(s.wanted, 1, 0.0) OVER (ORDER BY s.time) AS before
       FROM positions s LEFT JOIN predictions p USING (market, time)
       WHERE s.time > coalesce((SELECT time FROM moments ORDER BY time DESC LIMIT 1 OFFSET ?), -1e15)
     ) WHERE wanted <> before ORDER BY time DESC LIMIT ?`,
  ).all(LOOK_BACK, most) as unknown as Pick<OnlinePoint, "time" | "wanted" | "value" | "deviation">[];
  return rows.map(({ time, wanted, value, deviation }) => {
    const forecast = value === null
      ? "no forecast"
      : `forecast ${forecastFigure(forecasts, value)}, ${forecastMargin(forecasts, { value, deviation })}`;
    return { key: `d${time}`, time, kind: "decision", text: `Wants to be ${position(wanted)}: ${forecast}` };
  });
}

/** Keys of one kind sort as their numbers do. */
function padded(id: number): string {
  return String(id).padStart(12, "0");
}

/** Bars that decisions are looked for in. */
const LOOK_BACK = 2000;

function fills(life: Database, most: number): OnlineLine[] {
  const rows = life.prepare(
    "SELECT id, time, price, from_position AS was, to_position AS now, cost, reason FROM fills ORDER BY id DESC LIMIT ?",
  ).all(most) as unknown as Record<"id" | "time" | "price" | "was" | "now" | "cost", number>[];
  return rows.map((row) => {
    const { reason } = row as unknown as { readonly reason: string };
    const why = reason === "signal" ? "" : `, by its ${reason}`;
    const words = `From ${position(row.was)} to ${position(row.now)} at ${Number(row.price.toPrecision(8))}, costs ${
      row.cost.toFixed(2)
    }${why}`;
    return { key: `f${padded(row.id)}`, time: row.time, kind: "fill", text: words };
  });
}

function rejections(life: Database, most: number): OnlineLine[] {
  const rows = life.prepare(
    "SELECT time FROM meta_parameters WHERE outcome = 'rejected' ORDER BY time DESC LIMIT ?",
  ).all(most) as unknown as { readonly time: number }[];
  const text = "A meta-step was not finite and was refused; the state before it stands";
  return rows.map(({ time }) => ({ key: `r${time}`, time, kind: "rejected", text }));
}

/** When the trader was away: what it missed, and that it traded nothing in it. */
function absences(life: Database): OnlineLine[] {
  return awayPeriods(life).map(({ from, to, bars }) => ({
    key: `a${from}`,
    time: to,
    kind: "away",
    text: `Away for ${bars} ${bars === 1 ? "bar" : "bars"} from ${
      new Date(from).toISOString()
    }: learned from, not traded`,
  }));
}

/** "long 100%", "short 50%", "flat". */
function position(value: number): string {
  return value === 0 ? "flat" : `${value > 0 ? "long" : "short"} ${(Math.abs(value) * 100).toFixed(0)}%`;
}
