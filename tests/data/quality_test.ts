// The quality report: each kind of finding, what is no finding, and that nothing is repaired.
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { weekdayOf } from "../../lib/data/calendar.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { checkCandles, type Finding } from "../../lib/data/quality.ts";
import { sampleMarkets } from "../../lib/data/sample.ts";
import { random } from "../../lib/net/random.ts";
import { copyOf, seriesOf } from "./candle_files.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2024, 0, 1);

/** Prices of a seeded random walk with 1% steps. */
function walk(bars: number): number[] {
  const stream = random(11);
  let price = 100;
  return Array.from({ length: bars }, () => price *= Math.exp(0.01 * stream.normal()));
}

/** An hourly walk without a hole. */
function hourly(bars = 400): Candles {
  return seriesOf(walk(bars), "1h", Array.from({ length: bars }, (_, i) => START + i * HOUR));
}

/** A daily walk of weekdays, without the days that `closed` names. */
function weekdays(days: number, closed: readonly number[] = []): Candles {
  const times = Array.from({ length: days }, (_, i) => START + i * DAY).filter((t, i) => {
    return weekdayOf(t) % 6 !== 0 && !closed.includes(i);
  });
  return seriesOf(walk(times.length), "1d", times);
}

/** The series without its bars `from` to `to` (exclusive). */
function without(candles: Candles, from: number, to: number): Candles {
  const cut = (values: Float64Array): Float64Array => values.filter((_, i) => i < from || i >= to);
  const { time, open, high, low, close, volume } = candles;
  return {
    ...candles,
    time: cut(time),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
}

/** Multiplies every price from bar `from` on; the open of that bar too if the move lies between the bars. */
function scaled(candles: Candles, from: number, factor: number, betweenBars: boolean): Candles {
  const scale = (values: Float64Array, first: number): Float64Array => values.map((v, i) => i < first ? v : v * factor);
  const open = scale(candles.open, betweenBars ? from : from + 1);
  const close = scale(candles.close, from);
  const high = open.map((value, i) => Math.max(value, close[i]));
  return { ...candles, open, close, high, low: open.map((value, i) => Math.min(value, close[i])) };
}

function kinds(findings: readonly Finding[]): (readonly [string, number])[] {
  return findings.map(({ kind, index }) => [kind, index] as const);
}

Deno.test("checkCandles() finds nothing in a clean series and describes it", () => {
  const report = checkCandles(hourly());
  assertEquals(report, {
    symbol: "TEST",
    interval: "1h",
    bars: 400,
    from: START,
    to: START + 399 * HOUR,
    calendar: "24/7",
    findings: [],
    counts: {},
    ok: true,
  });
});

Deno.test("checkCandles() takes weekends and up to two holidays for no gap on an exchange", () => {
  assertEquals(checkCandles(weekdays(120)).findings, []);
  assertEquals(checkCandles(weekdays(120)).calendar, "exchange");
  assertEquals(checkCandles(weekdays(120, [8, 30, 31])).findings, []);
  const report = checkCandles(weekdays(120, [28, 29, 30]));
  assertEquals(kinds(report.findings), [["gap", 20]]);
  assertMatch(report.findings[0].message, /^3 /);
});

Deno.test("checkCandles() finds a hole inside a trading day, but no night and no lunch break", () => {
  const times: number[] = [];
  for (let day = 0; day < 40; day++) {
    if (weekdayOf(START + day * DAY) % 6 === 0) continue;
    for (const hour of [9, 10, 11, 13, 14, 15]) times.push(START + day * DAY + hour * HOUR);
  }
  const clean = seriesOf(walk(times.length), "1h", times);
  assertEquals(checkCandles(clean).findings, []);
  assertEquals(kinds(checkCandles(without(clean, 31, 33)).findings), [["gap", 31]]);
});

Deno.test("checkCandles() counts the bars missing from a market that never closes", () => {
  const [finding] = checkCandles(without(hourly(), 100, 107)).findings;
  assertEquals([finding.kind, finding.index, finding.time], ["gap", 100, START + 107 * HOUR]);
  assertEquals(finding.message, "7 bars are missing before it");
  assertEquals(checkCandles(without(hourly(), 100, 101)).findings[0].message, "1 bar is missing before it");
});

Deno.test("checkCandles() finds duplicates, disorder and overlaps", () => {
  const candles = hourly();
  candles.time[10] = candles.time[9];
  assertEquals(kinds(checkCandles(candles).findings).slice(0, 1), [["duplicate", 10]]);
  const swapped = hourly();
  [swapped.time[20], swapped.time[21]] = [swapped.time[21], swapped.time[20]];
  assertEquals(checkCandles(swapped).counts.order, 1);
  assertEquals(checkCandles(swapped).calendar, null);
  const early = hourly();
  early.time[30] -= HOUR / 2;
  assertEquals(checkCandles(early).counts.overlap, 1);
});

Deno.test("checkCandles() finds values that are not finite, not positive, or out of high and low", () => {
  const candles = hourly();
  candles.volume[5] = NaN;
  candles.low[6] = 0;
  candles.volume[7] = -1;
  candles.high[8] = candles.close[8] / 2;
  candles.low[9] = candles.high[9] * 2;
  assertEquals(kinds(checkCandles(candles).findings), [
    ["non-finite", 5],
    ["non-positive", 6],
    ["negative-volume", 7],
    ["high-low", 8],
    ["high-low", 9],
  ]);
  const broken = hourly();
  broken.close[50] = NaN;
  broken.time[60] = Infinity;
  assertEquals(checkCandles(broken).counts["non-finite"], 2);
});

Deno.test("checkCandles() tells a crash that traded from a move between bars by a split's ratio (trap 11)", () => {
  const crash = checkCandles(scaled(hourly(), 200, 0.5, false));
  assertEquals(kinds(crash.findings), [["jump", 200]]);
  const split = checkCandles(scaled(hourly(), 200, 0.25, true));
  assertEquals(kinds(split.findings), [["possible-split", 200]]);
  assertMatch(split.findings[0].message, /possibly a split 4:1$/);
  const reverse = checkCandles(scaled(hourly(), 200, 10, true));
  assertMatch(reverse.findings[0].message, /possibly a reverse split 1:10$/);
  assertEquals(kinds(checkCandles(scaled(hourly(), 200, 0.6, true)).findings), [["jump", 200]]);
});

Deno.test("checkCandles() suspects another instrument behind a hole (trap 11)", () => {
  const report = checkCandles(scaled(without(hourly(), 200, 290), 200, 80_000, true));
  assertEquals(kinds(report.findings), [["gap", 200], ["possible-relisting", 200]]);
});

Deno.test("checkCandles() finds a last bar that is not closed at the time given", () => {
  const candles = hourly(50);
  const end = START + 50 * HOUR;
  assertEquals(kinds(checkCandles(candles, { now: end - 1 }).findings), [["unclosed", 49]]);
  assertEquals(checkCandles(candles, { now: end }).ok, true);
});

Deno.test("checkCandles() reports on an empty series and on one bar", () => {
  const empty = checkCandles(seriesOf([], "1h", []));
  assertEquals([empty.bars, empty.from, empty.calendar, empty.ok], [0, null, null, true]);
  assertEquals(checkCandles(hourly(1)).ok, true);
});

Deno.test("checkCandles() throws on arrays of different lengths and on a bad interval", () => {
  const candles = hourly(5);
  assertThrows(() => checkCandles({ ...candles, low: new Float64Array(4) }), TypeError, "expected 5 values in low");
  assertThrows(() => checkCandles({ ...candles, interval: "hour" }), RangeError, "Cannot read an interval");
});

Deno.test("checkCandles() repairs nothing (trap 11)", () => {
  const candles = scaled(without(hourly(), 100, 107), 200, 0.25, true);
  candles.high[8] = 0;
  const before = copyOf(candles);
  assert(!checkCandles(candles).ok);
  assertEquals(candles, before);
});

Deno.test("checkCandles() finds in the sample what history put there", async () => {
  const found: string[] = [];
  for (const candles of await sampleMarkets()) {
    for (const { kind, time } of checkCandles(candles).findings) {
      found.push(`${candles.symbol} ${kind} ${new Date(time).toISOString().slice(0, 10)}`);
    }
  }
  assertEquals(found, [
    "SP500 gap 2001-09-17", // the exchange stayed closed after 11 September
    "NASDAQ gap 2001-09-17",
    "WTI jump 1991-01-17", // the Gulf War's first day: oil fell by a third
    "VIX jump 2018-02-05", // the volatility spike
  ]);
});
