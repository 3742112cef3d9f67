/**
 * Holes in a series, seen with the market's own calendar. Nights, weekends and up to two holidays in a row are no holes.
 * @module
 */
import { DAY_MS, type MarketCalendar, weekdayOf } from "./calendar.ts";
import type { Candles } from "./candles.ts";
import { intervalMs } from "./interval.ts";

/** This many open weekdays in a row without a bar are taken for holidays. */
const MOST_HOLIDAYS = 2;

/** A time of day is usual when at least this share of the days with bars have a bar then. */
const USUAL_SHARE = 0.5;

/** Times of day, in ms, at which most days of the series have a bar. */
function usualTimes(time: Float64Array): Set<number> {
  const counts = new Map<number, number>();
  const days = new Set<number>();
  for (const t of time) {
    const day = Math.floor(t / DAY_MS);
    days.add(day);
    counts.set(t - day * DAY_MS, (counts.get(t - day * DAY_MS) ?? 0) + 1);
  }
  return new Set([...counts].filter(([, count]) => count >= USUAL_SHARE * days.size).map(([at]) => at));
}

/** Open weekdays strictly between the days of two times. */
function missedDays(from: number, to: number, open: readonly boolean[]): number {
  let missed = 0;
  for (let day = Math.floor(from / DAY_MS) + 1; day < Math.floor(to / DAY_MS); day++) {
    if (open[weekdayOf(day * DAY_MS)]) missed++;
  }
  return missed;
}

/** Usual bars strictly between two times of one day. */
function missedBars(from: number, to: number, step: number, usual: ReadonlySet<number>): number {
  let missed = 0;
  for (let t = from + step; t < to; t += step) if (usual.has(t - Math.floor(t / DAY_MS) * DAY_MS)) missed++;
  return missed;
}

/**
 * Finds the holes of a series in ascending order.
 *
 * @param candles The series.
 * @param calendar When it trades.
 * @returns By index of the first bar behind the hole: bars missing (round the clock, or within a day of an exchange) or open
 * weekdays missing (between days of an exchange).
 */
export function findGaps(candles: Candles, calendar: MarketCalendar): Map<number, number> {
  const { time } = candles;
  const step = intervalMs(candles.interval);
  const usual = calendar.roundTheClock || step >= DAY_MS ? new Set<number>() : usualTimes(time);
  const gaps = new Map<number, number>();
  for (let i = 1; i < time.length; i++) {
    const [from, to] = [time[i - 1], time[i]];
    if (to - from <= step) continue;
    if (calendar.roundTheClock) {
      const missing = Math.round((to - from) / step) - 1;
      if (missing > 0) gaps.set(i, missing);
      continue;
    }
    const days = missedDays(from, to, calendar.openWeekdays);
    const sameDay = Math.floor(from / DAY_MS) === Math.floor(to / DAY_MS);
    const missing = sameDay ? missedBars(from, to, step, usual) : days > MOST_HOLIDAYS ? days : 0;
    if (missing > 0) gaps.set(i, missing);
  }
  return gaps;
}
