// Strict numbers and times.
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseDate, parseNumber, timestampUnit } from "../../lib/data/parse.ts";

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
    ["0099-01-01", "0099-01-01T00:00:00.000Z"],
  ];
  for (const [text, iso] of cases) assertEquals(new Date(parseDate(text) ?? NaN).toISOString(), iso, text);
});

Deno.test("parseDate() refuses days and times that do not exist", () => {
  const bad = ["2023-02-29", "2024-13-01", "2024-00-10", "2024-01-32", "2024-1-1", "01/02/2024", "2024-01-01T24:00"];
  for (
    const text of [
      ...bad,
      "2024-01-01T10:60",
      "2024-01-01T10:00:61",
      "2024-01-01T10:00:00.0001",
      "20240230",
      "yesterday",
    ]
  ) {
    assertEquals(parseDate(text), undefined, text);
  }
});

Deno.test("timestampUnit() tells seconds, ms, µs and ns by magnitude", () => {
  const at = 1_700_000_000;
  assertEquals([at, at * 1e3, at * 1e6, at * 1e9].map(timestampUnit), [1000, 1, 1e-3, 1e-6]);
});
