// Bar lengths and calendars.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { marketCalendar, periodsPerYear, weekdayOf } from "../../lib/data/calendar.ts";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { bybitInterval, findOtherInterval, inferInterval, intervalMs, intervalName } from "../../lib/data/interval.ts";
import { sampleMarkets } from "../../lib/data/sample.ts";
import { copyOf, seriesOf } from "./candle_files.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2024, 0, 1);

/** A flat series of `days` days whose bars open at the given hours of the given weekdays. */
function market(days: number, interval: string, hours: readonly number[], weekdays: readonly number[]): Candles {
  const times: number[] = [];
  for (let day = 0; day < days; day++) {
    const midnight = START + day * DAY;
    if (weekdays.includes(weekdayOf(midnight))) times.push(...hours.map((hour) => midnight + hour * HOUR));
  }
  return seriesOf(times.map(() => 1), interval, times);
}

const ALL_HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const WEEKDAYS = [1, 2, 3, 4, 5];

Deno.test("intervalMs() and intervalName() are each other's inverse", () => {
  for (const name of ["1s", "1m", "5m", "15m", "1h", "4h", "12h", "1d", "3d", "1w"]) {
    assertEquals(intervalName(intervalMs(name)), name);
  }
  // Whatever length inferInterval() finds, below 28 days.
  for (let seconds = 1; seconds < 28 * 86_400; seconds += 97) {
    assertEquals(intervalMs(intervalName(seconds * 1000)), seconds * 1000);
  }
  assertEquals([intervalMs("1m"), intervalMs("1h"), intervalMs("1d"), intervalMs("1w")], [60_000, HOUR, DAY, 7 * DAY]);
});

Deno.test("intervalMs() throws on what is no interval", () => {
  for (const bad of ["", "h", "0h", "-1h", "1.5h", "60", "1M", "1y", "1 h", "1H"]) {
    assertThrows(() => intervalMs(bad), RangeError, "Cannot read an interval");
  }
  for (const bad of [0, -1, 1500, NaN, Infinity]) assertThrows(() => intervalName(bad), RangeError);
});

Deno.test("bybitInterval() maps names and codes both ways and refuses others", () => {
  assertEquals(bybitInterval("60"), { name: "1h", code: "60" });
  assertEquals(bybitInterval("1h"), { name: "1h", code: "60" });
  assertEquals(bybitInterval("D"), { name: "1d", code: "D" });
  assertEquals(bybitInterval("1w"), { name: "1w", code: "W" });
  assertThrows(() => bybitInterval("7"), RangeError, 'got "7"');
});

Deno.test("inferInterval() takes the most common difference, the shorter of two", () => {
  assertEquals(inferInterval(Float64Array.of(0, DAY, 4 * DAY, 5 * DAY)), "1d");
  assertEquals(inferInterval(Float64Array.of(0, HOUR, 3 * HOUR)), "1h");
  assertEquals(inferInterval(Float64Array.of(0)), undefined);
  assertEquals(inferInterval(Float64Array.of(0, 31 * DAY, 59 * DAY, 90 * DAY)), undefined);
});

Deno.test("inferInterval() takes nights off the grid for holes, and bars of two lengths in turn for none", () => {
  // Every second session begins half an hour later: the nights before and behind it are no whole number of hours.
  const sessions = Array.from(
    { length: 20 },
    (_, day) => Array.from({ length: 7 }, (_, i) => day * DAY + (9 + i + (day % 2) / 2) * HOUR),
  );
  assertEquals(inferInterval(Float64Array.from(sessions.flat())), "1h");
  const auctions = Array.from({ length: 21 }, (_, i) => Math.floor(i / 2) * 7 * DAY + (i % 2) * 3 * DAY);
  assertEquals(inferInterval(Float64Array.from(auctions)), undefined);
});

Deno.test("findOtherInterval() finds the first long run of bars of another length", () => {
  const hours = Array.from({ length: 30 }, (_, i) => i * HOUR);
  const days = Array.from({ length: 13 }, (_, i) => 29 * HOUR + i * DAY);
  assertEquals(findOtherInterval(Float64Array.from(hours), HOUR), undefined);
  assertEquals(findOtherInterval(Float64Array.from([...hours, ...days.slice(1)]), HOUR), { index: 29, ms: DAY });
  assertEquals(findOtherInterval(Float64Array.from([...hours, ...days.slice(1, -1)]), HOUR), undefined);
});

Deno.test("periodsPerYear() of a market that never closes is the year over the interval", () => {
  assertEquals(periodsPerYear(market(90, "1d", [0], EVERY_DAY)), 365);
  assertEquals(periodsPerYear(market(30, "1h", ALL_HOURS, EVERY_DAY)), 8760);
  assertEquals(periodsPerYear(market(3, "1h", ALL_HOURS, EVERY_DAY)), 8760);
  assertEquals(periodsPerYear(seriesOf([1, 1], "1w", [START, START + 7 * DAY])), 365 / 7);
});

Deno.test("periodsPerYear() refuses a series too short to tell its calendar, and asks for the bars a year", () => {
  const daily = (weekdays: readonly number[]) => market(7, "1d", [0], weekdays);
  for (const short of [daily(WEEKDAYS), daily([1, 2, 3, 4]), seriesOf([1, 1], "1m", [START, START + 60_000])]) {
    assertThrows(() => periodsPerYear(short), DataError, "pass no weekend");
    assertThrows(() => periodsPerYear(short), DataError, "set periodsPerYear");
    const { certain, roundTheClock } = marketCalendar(short);
    assertEquals([certain, roundTheClock], [false, true]);
  }
});

Deno.test("periodsPerYear() takes weekdays never passed as closed once there are sessions, and as open round the clock", () => {
  const sessions = market(3, "1h", [14, 15, 16, 17, 18, 19, 20], EVERY_DAY); // Monday to Wednesday
  assertEquals(marketCalendar(sessions).openWeekdays, [false, true, true, true, true, true, false]);
  assertAlmostEquals(periodsPerYear(sessions), 7 * 5 * 365 / 7);
  assertEquals(periodsPerYear(market(6, "1d", [0], EVERY_DAY)), 365); // Saturday has a bar, Sunday was not reached
  const overWeekend = market(8, "1d", [0], [4, 5, 1]); // Monday, Thursday, Friday, Monday
  assertEquals(marketCalendar(overWeekend).openWeekdays[6], false);
});

Deno.test("periodsPerYear() does not mistake a hole for an exchange", () => {
  const whole = market(200, "1h", ALL_HOURS, EVERY_DAY);
  const keep = [...whole.time].filter((t) => t < START + 50 * DAY || t > START + 120 * DAY);
  assertEquals(periodsPerYear(seriesOf(keep.map(() => 1), "1h", keep)), 8760);
});

Deno.test("periodsPerYear() counts the bars an exchange has", () => {
  assertAlmostEquals(periodsPerYear(market(364, "1d", [0], WEEKDAYS)), 260 / 364 * 365);
  assertAlmostEquals(periodsPerYear(market(364, "1h", [14, 15, 16, 17, 18, 19, 20], WEEKDAYS)), 7 * 260 / 364 * 365);
  assertAlmostEquals(periodsPerYear(market(364, "1d", [0], [1, 2, 3, 4, 5, 6])), 312 / 364 * 365);
  const forex = market(364, "1h", ALL_HOURS, WEEKDAYS);
  assertAlmostEquals(periodsPerYear(forex), 24 * 260 / 364 * 365);
});

Deno.test("periodsPerYear() of real daily markets is near 252, and knows no literal", async () => {
  const [sp500, wti, dax] = await sampleMarkets({ symbols: ["SP500", "WTI", "DAX"] });
  // 5,031 sessions in 20 years are 251.55 a year of 365.25 days.
  assertAlmostEquals(periodsPerYear(sp500), 251.5, 0.2);
  assertAlmostEquals(periodsPerYear(wti), 252, 0.2);
  // R's series has no holidays: every weekday is a session.
  assertAlmostEquals(periodsPerYear(dax), 5 * 365 / 7);
});

Deno.test("marketCalendar() finds the weekdays and throws on an empty series", () => {
  const exchange = market(60, "1d", [0], WEEKDAYS);
  const before = copyOf(exchange);
  const calendar = marketCalendar(exchange);
  assert(!calendar.roundTheClock);
  assertEquals(calendar.openWeekdays, [false, true, true, true, true, true, false]);
  assertEquals(exchange, before);
  // Sunday to Thursday, as in Tel Aviv.
  assertEquals(marketCalendar(market(60, "1d", [0], [0, 1, 2, 3, 4])).openWeekdays.indexOf(false), 5);
  assertThrows(() => marketCalendar(seriesOf([], "1d", [])), DataError, "expected at least 1 bar");
});
