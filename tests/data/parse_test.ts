// Strict numbers and times.
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseClock, parseDate } from "../../lib/data/parse_date.ts";
import { parseNumber } from "../../lib/data/parse.ts";
import { timeUnit, unitToMs } from "../../lib/data/time_unit.ts";

Deno.test("parseNumber() refuses what is not wholly a finite decimal", () => {
  const bad = [
    "",
    " ",
    "0x1",
    "0b1",
    "1_000",
    "1,000",
    "Infinity",
    "-Infinity",
    "NaN",
    "nan",
    "null",
    "1e999",
    "1.2.3",
  ];
  for (const text of [...bad, "1e", "e5", ".", "+", "--1", "1 2", "12abc", "١٢", "1n", "true", "$5"]) {
    assertEquals(parseNumber(text), undefined, text);
  }
});

Deno.test("parseNumber() reads decimals, exponents and blanks around them", () => {
  assertEquals(["1", "-2.5", "+.5", "5.", "1e-3", "1E3", " 7\t"].map(parseNumber), [1, -2.5, 0.5, 5, 1e-3, 1000, 7]);
});

Deno.test("parseNumber() reads every finite number it is written", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
    assertEquals(parseNumber(String(value)), value);
  }));
});

Deno.test("parseNumber() never accepts a number with a foreign character in it", () => {
  const foreign = fc.constantFrom(..."abcxyz_,:;/$%#'\"!?()[]é\u00a0\u200b".replaceAll(/\s/g, ""), "NaN", "∞", "--");
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
  fc.assert(fc.property(number, foreign, fc.nat(), (text, bad, at) => {
    const place = at % (text.length + 1);
    assertEquals(parseNumber(text.slice(0, place) + bad + text.slice(place)), undefined);
  }));
});

Deno.test("parseDate() reads ISO dates as UTC unless they say otherwise", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["20240229", "2024-02-29T00:00:00.000Z"],
    ["2024-01-02 03:04", "2024-01-02T03:04:00.000Z"],
    ["2024-01-02T03:04:05.069Z", "2024-01-02T03:04:05.069Z"],
    ["2024-01-02T03:04:05.100000000", "2024-01-02T03:04:05.100Z"],
    ["2024-01-02 03:04:05+02:00", "2024-01-02T01:04:05.000Z"],
    ["2024-01-02 03:04:05-0530", "2024-01-02T08:34:05.000Z"],
    ["1885-02-16", "1885-02-16T00:00:00.000Z"],
    ["2024-1-2", "2024-01-02T00:00:00.000Z"],
    ["2024/01/02 9:30 PM", "2024-01-02T21:30:00.000Z"],
    ["2024.01.02 12:05 am", "2024-01-02T00:05:00.000Z"],
    ["20240102 093000", "2024-01-02T09:30:00.000Z"],
    ["202401020930", "2024-01-02T09:30:00.000Z"],
    ["Jan 02, 2024", "2024-01-02T00:00:00.000Z"],
    ["02-Sep-2024", "2024-09-02T00:00:00.000Z"],
    ["Tue, 2 January 2024 10:00:00 GMT", "2024-01-02T10:00:00.000Z"],
    ["2024-01-02 00:00:00 GMT+0200", "2024-01-01T22:00:00.000Z"],
    ["2020-01-02 09-AM", "2020-01-02T09:00:00.000Z"],
  ];
  for (const [text, iso] of cases) assertEquals(new Date(parseDate(text) ?? NaN).toISOString(), iso, text);
});

Deno.test("parseDate() refuses days and times that do not exist", () => {
  const bad = ["2023-02-29", "2024-13-01", "2024-00-10", "2024-01-32", "01/02/2024", "2024-01-01T24:00"];
  for (
    const text of [
      ...bad,
      "2024-01-01T10:60",
      "2024-01-01T10:00:61",
      "2024-01-01T10:00:00.0001",
      "20240230",
      "yesterday",
      "0099-01-01",
      "2024-01-01 13:00 PM",
      "02-Jan-24",
      "2024010112",
      "1704067200",
    ]
  ) {
    assertEquals(parseDate(text), undefined, text);
  }
});

Deno.test("parseDate() reads day and month, and two digits of a year, in the order it is told", () => {
  const iso = (text: string, order: "dmy" | "mdy") =>
    new Date(parseDate(text, order) ?? NaN).toISOString().slice(0, 10);
  assertEquals([iso("1/2/2024", "dmy"), iso("1/2/2024", "mdy"), iso("02.01.99", "dmy")], [
    "2024-02-01",
    "2024-01-02",
    "1999-01-02",
  ]);
  assertEquals([parseDate("13/1/2024", "mdy"), parseDate("1/13/2024", "dmy")], [undefined, undefined]);
});

Deno.test("parseClock() reads times of day with and without colons", () => {
  const minutes = ["09:30", "9:30:00 AM", "0930", "093000", "9:30:00.000"].map((text) => parseClock(text)! / 60_000);
  assertEquals(minutes, Array(5).fill(570));
  assertEquals(["930", "2400", "9", "09:60", "2024-01-01"].map(parseClock), Array(5).fill(undefined));
});

Deno.test("parseNumber() and parseDate() refuse a long cell in no time", () => {
  assertEquals(parseNumber(`${"1".repeat(1_000_000)}e`), undefined);
  assertEquals(parseDate(`2024-01-01${" ".repeat(1_000_000)}x`), undefined);
});

Deno.test("timeUnit() tells seconds, ms, µs and ns by magnitude from 1980 to 2100, and takes nothing else for a time", () => {
  const at = 1_700_000_000;
  assertEquals([at, at * 1e3, at * 1e6, at * 1e9].map(timeUnit), ["s", "ms", "us", "ns"]);
  // Serial days, dates as numbers, and what lies between the ranges.
  for (const value of [0, -at, 44_564, 20_240_102, 202_401_020_930, 5e9, 5e12, 1e15 * 5, 5e18, NaN]) {
    assertEquals(timeUnit(value), undefined, String(value));
  }
  assertEquals([unitToMs(1704067200.123, "s"), unitToMs(1735689600000000, "us")], [1704067200123, 1735689600000]);
});
