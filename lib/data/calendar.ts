/**
 * When a market trades, judged from its own timestamps: round the clock, or on the weekdays of an exchange.
 * It holds no table of holidays: it counts the bars that are there.
 * @module
 */
import { type Candles, DataError } from "./candles.ts";
import { intervalMs } from "./interval.ts";

/** A day in ms. */
export const DAY_MS = 86_400_000;

/** Days of the year that annual figures refer to. */
const YEAR_DAYS = 365;

/** A weekday is open when it has at least this share of the bars of the busiest weekday. */
const OPEN_SHARE = 0.2;

/** A difference of more days than this is a hole in the data, not a holiday. */
const HOLE_DAYS = 10;

/** A market open on all weekdays trades round the clock when its bars fill at least this share of the time. */
const ROUND_THE_CLOCK_SHARE = 0.5;

/** What timestamps say about a market's hours. All days are UTC. */
export interface MarketCalendar {
  /** Whether it trades round the clock on all seven days. */
  readonly roundTheClock: boolean;
  /** Which weekdays are open, Sunday first, `[7]`. */
  readonly openWeekdays: readonly boolean[];
  /** Bars per year of 365 days. */
  readonly periodsPerYear: number;
  /** False where the series is too short to tell: it passes no weekend, and its bars fill the days or are days. */
  readonly certain: boolean;
}

/** The UTC weekday of a time in ms; 0 is Sunday. */
export function weekdayOf(time: number): number {
  return (((Math.floor(time / DAY_MS) + 4) % 7) + 7) % 7;
}

/** Adds one to each weekday from the UTC day of `from` to that of `to`, both included. */
function countWeekdays(counts: Float64Array, from: number, to: number): void {
  for (let day = Math.floor(from / DAY_MS); day <= Math.floor(to / DAY_MS); day++) counts[weekdayOf(day * DAY_MS)]++;
}

/** What a series covers, holes of more than ten days left out: calendar days by weekday `[7]`, and ms from open to close. */
function coverage(time: Float64Array, interval: number): { readonly days: Float64Array; readonly span: number } {
  const days = new Float64Array(7);
  let span = 0;
  let from = time[0];
  for (let i = 1; i <= time.length; i++) {
    if (i < time.length && time[i] - time[i - 1] <= HOLE_DAYS * DAY_MS) continue;
    countWeekdays(days, from, time[i - 1]);
    span += time[i - 1] + interval - from;
    from = time[i];
  }
  return { days, span };
}

/** Saturday and Sunday. */
const WEEKEND: readonly number[] = [6, 0];

/**
 * Judges a market's calendar from the weekdays its bars fall on; holes of more than ten days count for nothing. A weekday that
 * the series never passes (a series of less than a week) counts as open, but for Saturday and Sunday where bars that leave most
 * of each day free are those of an exchange's sessions. A series that shows neither a weekend nor sessions is taken to trade
 * round the clock, and is not `certain`.
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
  const roundTheClock: MarketCalendar = {
    roundTheClock: true,
    openWeekdays: Array<boolean>(7).fill(true),
    periodsPerYear: YEAR_DAYS * DAY_MS / interval,
    certain: true,
  };
  if (interval > DAY_MS) return roundTheClock;
  const bars = new Float64Array(7);
  for (const t of time) bars[weekdayOf(t)]++;
  const { days, span } = coverage(time, interval);
  const density = bars.map((count, day) => days[day] > 0 ? count / days[day] : NaN);
  const busiest = Math.max(...density.filter((value) => !Number.isNaN(value)));
  const isFull = time.length * interval >= ROUND_THE_CLOCK_SHARE * span;
  const unpassed = (day: number): boolean => !WEEKEND.includes(day) || isFull;
  const openWeekdays = Array.from(
    density,
    (value, day) => Number.isNaN(value) ? unpassed(day) : value >= OPEN_SHARE * busiest,
  );
  const openPerWeek = openWeekdays.filter(Boolean).length;
  if (openPerWeek === 7 && isFull) {
    // A whole day of bars without a break is no session.
    const fillsDays = interval < DAY_MS && span >= DAY_MS;
    return { ...roundTheClock, certain: fillsDays || WEEKEND.some((day) => days[day] > 0) };
  }
  const openDays = days.reduce((sum, count, day) => sum + (openWeekdays[day] ? count : 0), 0);
  return {
    roundTheClock: false,
    openWeekdays,
    periodsPerYear: time.length / openDays * openPerWeek * YEAR_DAYS / 7,
    certain: true,
  };
}

/**
 * Bars per year of 365 days, for annualising: round the clock it is the year over the interval (8,760 hourly bars), on an
 * exchange the bars the series has per open weekday, times the open weekdays of a year (about 252 daily bars).
 *
 * @param candles A series in ascending order with at least 1 bar.
 * @returns Bars a year.
 * @throws {DataError} The series is empty, or too short to tell its calendar: five daily bars from Monday to Friday are those of
 * an exchange as well as of a market that never closes.
 * @throws {RangeError} Its interval is not a name such as `"1h"`.
 *
 * @example
 * ```ts
 * import { periodsPerYear, sampleMarkets } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * const [sp500] = await sampleMarkets({ symbols: ["SP500"] });
 * assertEquals(Math.round(periodsPerYear(sp500)), 251);
 * ```
 */
export function periodsPerYear(candles: Candles): number {
  const { certain, periodsPerYear } = marketCalendar(candles);
  if (certain) return periodsPerYear;
  const { symbol, interval, time } = candles;
  throw new DataError(
    `Cannot judge the calendar of ${symbol}: its ${time.length} bars of ${interval} pass no weekend, so they may be those of ` +
      `an exchange or of a market that never closes; set periodsPerYear, such as 252 or 365 for daily bars`,
  );
}
