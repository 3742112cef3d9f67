/** Numbers and moments as the dashboard writes them. */
import { assertEquals } from "@std/assert";
import { tickName } from "../../web/components/chart_time.ts";
import {
  barCell,
  exactPercent,
  figure,
  isDays,
  percent,
  precise,
  price,
  signedMoney,
  tickFigure,
} from "../../web/components/format.ts";

Deno.test("figure() and percent() write four digits and tenths with a true minus, and a dash for nothing", () => {
  assertEquals([0, 0.35407, -12.3456, 1234567, 0.00012, NaN, null].map(figure), [
    "0",
    "0.3541",
    "−12.35",
    "1.235M",
    "1.20e-4",
    "–",
    "–",
  ]);
  assertEquals([0.354071, 0.00012, -2345678901].map(precise), ["0.35407", "1.200e-4", "−2.3457B"]);
  assertEquals([0.1234, -0.05, undefined].map(percent), ["12.3%", "−5.0%", "–"]);
  assertEquals([0.00055, 0.2, 0].map(exactPercent), ["0.055%", "20%", "0%"]);
  assertEquals([12.3, -0.456, 0].map(signedMoney), ["+12.30", "−0.46", "+0.00"]);
});

Deno.test("price() keeps the digits that markets quote, of great prices and of small ones", () => {
  assertEquals([67123.45, 100123.5, 2506.85, -1.2, 0.0000081, 10, 0, 123456789.4, Infinity].map(price), [
    "67123.45",
    "100123.5",
    "2506.85",
    "−1.2",
    "0.0000081",
    "10",
    "0",
    "123456789",
    "–",
  ]);
  assertEquals([67122, 0.000012, 4_250_000, -2.5e9].map(tickFigure), ["67122", "0.000012", "4.25M", "−2.5B"]);
});

Deno.test("tickName() names months with their year and days with their month; isDays() knows days and weeks", () => {
  const at = Date.UTC(2018, 10, 1, 13, 45, 10) / 1000;
  assertEquals([0, 1, 2].map((kind) => tickName(at, kind, true)), ["2018", "Nov 2018", "1 Nov"]);
  assertEquals([0, 1, 2, 3, 4].map((kind) => tickName(at, kind, false)), [
    "1 Nov 2018",
    "1 Nov 2018",
    "1 Nov 2018",
    "13:45",
    "13:45:10",
  ]);
  assertEquals(["1d", "1w", "4h", "15m"].map(isDays), [true, true, false, false]);
  assertEquals(["1d", "4h"].map((interval) => barCell(interval)(at * 1000)), ["2018-11-01", "2018-11-01 13:45"]);
});
