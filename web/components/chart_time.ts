/**
 * How charts name moments: in UTC wherever they are looked at, with their year, and without an hour where bars are days. Takes
 * seconds UTC; draws nothing.
 * @module
 */
import { dateUtc, momentUtc } from "./format.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 30 * DAY;
const YEAR = 365 * DAY;

/** Whether moments are days: all of them at midnight UTC. */
export function isDaily(x: readonly number[]): boolean {
  return x.every((seconds) => seconds % DAY === 0);
}

/** "2024-05-01", or "2024-05-01 13:45 UTC" where moments are no days. */
export function momentName(seconds: number, daily: boolean): string {
  return (daily ? dateUtc : momentUtc)(seconds * 1000);
}

/** Distances of an axis' ticks where bars are days, in seconds: none is shorter than a day. */
export const DAILY_TICKS: readonly number[] = [
  ...[1, 2, 3, 7, 14].map((days) => days * DAY),
  ...[1, 2, 3, 6].map((months) => months * MONTH),
  ...[1, 2, 5, 10, 25, 50, 100].map((years) => years * YEAR),
];

/** Least distance of an axis' ticks over so many seconds, CSS pixels: years alone take less room than days with months. */
export function labelRoom(span: number): number {
  return span > 4 * YEAR ? 40 : 64;
}

const BELOW = "\n{D} {MMM} {YYYY}";

/**
 * What stands at an axis' ticks, as uPlot's `axis.values` takes it: from which distance of ticks on, the label, and what is added
 * below it where the year, the month, the day, the hour, the minute or the second is another than at the tick before.
 */
export const TIME_LABELS: readonly (readonly (number | string | null)[])[] = [
  [YEAR, "{YYYY}", null, null, null, null, null, null, 1],
  [MONTH * 28 / 30, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [DAY, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [MINUTE, "{HH}:{mm}", BELOW, null, BELOW, null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", BELOW, null, BELOW, null, null, null, 1],
];

/** Months as axes and tables name them. */
export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * What stands at a tick of a chart of candles: "2018", "Nov 2018" and "21 Nov" where bars are days, else "21 Nov 2018" and "13:45".
 *
 * @param seconds the moment, seconds UTC
 * @param kind how lightweight-charts calls the tick: 0 a year's first, 1 a month's, 2 a day's, 3 a minute, 4 a second
 */
export function tickName(seconds: number, kind: number, daily: boolean): string {
  const at = new Date(seconds * 1000);
  if (kind > 2) return at.toISOString().slice(11, kind === 3 ? 16 : 19);
  const [day, month, year] = [at.getUTCDate(), MONTHS[at.getUTCMonth()], at.getUTCFullYear()];
  if (!daily) return `${day} ${month} ${year}`;
  return kind === 0 ? String(year) : kind === 1 ? `${month} ${year}` : `${day} ${month}`;
}
