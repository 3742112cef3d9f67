/**
 * When a market trades, judged from its own timestamps: round the clock, or on the weekdays of an exchange.
 * It holds no table of holidays: it counts the bars that are there.
 * @module
 */
import type { Candles } from "./candles.ts";
import { DataError } from "./candles.ts";
import { intervalMs } from "./interval.ts";

/** A day in ms. */
export const DAY_MS = 86_400_000;

/** Days of the year that annual figures refer to. */
const YEAR_DAYS = 365;

/** A weekday is open when it has at least this share of the bars of the busiest weekday. */
const OPEN_SHARE = 0.2;

/** A difference of more days than this is a hole in the data, not a holiday. */
const HOLE_DAYS = 10;

/** What timestamps say about a market's hours. All days are UTC. */
export interface MarketCalendar {
  /** Whether it trades round the clock on all seven days. */
  readonly roundTheClock: boolean;
  /** Which weekdays are open, Sunday first, `[7]`. */
  readonly openWeekdays: readonly boolean[];
  /** Bars per year of 365 days. */
  readonly periodsPerYear: number;
}

/** The UTC weekday of a time in ms; 0 is Sunday. */
export function weekdayOf(time: number): number {
  return (((Math.floor(time / DAY_MS) + 4) % 7) + 7) % 7;
}

/** Adds one to each weekday from the UTC day of `from` to that of `to`, both included. */
function countWeekdays(counts: Float64Array, from: number, to: number): void {
  for (let day = Math.floor(from / DAY_MS); day <= Math.floor(to / DAY_MS); day++) counts[weekdayOf(day * DAY_MS)]++;
}

/** Calendar days by weekday that the series covers, holes of more than ten days left out. `[7]` */
function coveredDays(time: Float64Array): Float64Array {
  const covered = new Float64Array(7);
  let from = time[0];
  for (let i = 1; i <= time.length; i++) {
    if (i < time.length && time[i] - time[i - 1] <= HOLE_DAYS * DAY_MS) continue;
    countWeekdays(covered, from, time[i - 1]);
    from = time[i];
  }
  return covered;
}

/**
 * Judges a market's calendar from the weekdays its bars fall on. A weekday that the series never passes (a series of
 * less than a week) counts as open; holes of more than ten days count for nothing.
 *
 * @param candles A series in ascending order with at least 1 bar.
 * @throws {DataError} The series is empty.
 * @throws {RangeError} Its interval is not a name such as `"1h"`.
 */
export function marketCalendar(candles: Candles): MarketCalendar {
  const { time } = candles;
  const interval = intervalMs(candles.interval);
  if (time.length === 0) {
    throw new DataError(`Cannot judge the calendar of ${candles.symbol}: expected at least 1 bar, got 0`);
  }
  const always = { roundTheClock: true, openWeekdays: Array<boolean>(7).fill(true) };
  const roundTheClock = { ...always, periodsPerYear: YEAR_DAYS * DAY_MS / interval };
  if (interval > DAY_MS) return roundTheClock;
  const bars = new Float64Array(7);
  for (const t of time) bars[weekdayOf(t)]++;
  const covered = coveredDays(time);
  const density = bars.map((count, day) => covered[day] > 0 ? count / covered[day] : NaN);
  const busiest = Math.max(...density.filter((value) => !Number.isNaN(value)));
  const openWeekdays = Array.from(density, (value) => Number.isNaN(value) || value >= OPEN_SHARE * busiest);
  const openPerWeek = openWeekdays.filter(Boolean).length;
  const openCovered = covered.reduce((sum, days, day) => sum + (openWeekdays[day] ? days : 0), 0);
  const barsPerOpenDay = time.length / openCovered;
  // The first and the last day may be cut short, so short intraday series are judged without them.
  const whole = Math.max(1, (time[time.length - 1] - time[0] + interval) / DAY_MS);
  const filled = time.length / whole * interval / DAY_MS;
  if (openPerWeek === 7 && (filled >= 0.5 || whole <= 1)) return roundTheClock;
  return {
    roundTheClock: false,
    openWeekdays,
    periodsPerYear: barsPerOpenDay * openPerWeek * YEAR_DAYS / 7,
  };
}

/**
 * Bars per year of 365 days, for annualising: round the clock it is the year over the interval (8,760 hourly bars), on an
 * exchange the bars the series has per open weekday, times the open weekdays of a year (about 252 daily bars).
 *
 * @param candles A series in ascending order with at least 1 bar.
 * @throws {DataError} The series is empty.
 * @throws {RangeError} Its interval is not a name such as `"1h"`.
 */
export function periodsPerYear(candles: Candles): number {
  return marketCalendar(candles).periodsPerYear;
}
