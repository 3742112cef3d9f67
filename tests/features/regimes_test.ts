import fc from "fast-check";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { labelRegimes, regimeAt, REGIMES } from "../../lib/features/regimes.ts";
import { random } from "../../lib/net/random.ts";
import { barsFrom, closesOnly, firstBars, HOUR, randomWalk } from "./markets.ts";

/** Closes whose steps have the drift and deviation of each stretch. */
function stretches(parts: readonly { bars: number; drift: number; deviation: number }[]) {
  const stream = random(4);
  let price = 100;
  return closesOnly(
    parts.flatMap(({ bars, drift, deviation }) =>
      Array.from({ length: bars }, () => price *= Math.exp(drift + deviation * stream.normal()))
    ),
  );
}

Deno.test("labelRegimes() of a prefix equal the first rows of the whole, bitwise", () => {
  const whole = randomWalk(500, 5);
  for (const options of [{}, { history: Infinity, warmup: 30 }, { window: 5, history: 40 }]) {
    const labels = labelRegimes(whole, options);
    fc.assert(
      fc.property(fc.integer({ min: labels.warmup + 1, max: 500 }), (bars) => {
        const prefix = labelRegimes(firstBars(whole, bars), options);
        const rows = bars - labels.warmup;
        assertEquals(prefix.regime, labels.regime.slice(0, rows));
        assertEquals(prefix.volatilityPercentile, labels.volatilityPercentile.slice(0, rows));
        assertEquals(prefix.trendStrength, labels.trendStrength.slice(0, rows));
        assertEquals(prefix.trailingReturn, labels.trailingReturn.slice(0, rows));
        assertEquals(prefix.time, labels.time.slice(0, rows));
      }),
      { numRuns: 40, seed: 3 },
    );
  }
});

Deno.test("labelRegimes() does not depend on where the file starts once warm, with a finite history (trap 8)", () => {
  const whole = randomWalk(900, 8);
  const { regime, volatilityPercentile } = labelRegimes(whole);
  for (const start of [1, 37, 300]) {
    const later = labelRegimes(barsFrom(whole, start));
    assertEquals(later.regime, regime.slice(start));
    assertEquals(later.volatilityPercentile, volatilityPercentile.slice(start));
  }
});

Deno.test("labelRegimes() names calm, rising, falling and wild stretches for what they are", () => {
  const market = stretches([
    { bars: 300, drift: 0, deviation: 0.01 },
    { bars: 100, drift: 0.004, deviation: 0.005 },
    { bars: 100, drift: -0.004, deviation: 0.005 },
    { bars: 40, drift: 0, deviation: 0.04 },
  ]);
  const { time, regime } = labelRegimes(market);
  const shares = (from: number, to: number) => {
    const within = regime.filter((_, i) => time[i] >= market.time[from] && time[i] < market.time[to]);
    return (name: string) => within.filter((one) => one === name).length / within.length;
  };
  assert(shares(330, 400)("bull") > 0.8, "rising");
  assertEquals(shares(330, 400)("bear"), 0);
  assert(shares(430, 500)("bear") > 0.8, "falling");
  assertEquals(shares(430, 500)("bull"), 0);
  assert(shares(515, 539)("high-volatility") > 0.9, "wild");
  assert(REGIMES.every((name) => labelRegimes(randomWalk(3000, 3)).regime.includes(name)), "a random walk has all");
});

Deno.test("labelRegimes() calls a market that does not move ranging, at the middle of its ranks", () => {
  const { regime, volatilityPercentile, trendStrength } = labelRegimes(closesOnly(new Float64Array(400).fill(7)));
  assertEquals([...new Set(regime)], ["ranging"]);
  assertEquals([volatilityPercentile[0], trendStrength[0]], [0.5, 0]);
});

Deno.test("labelRegimes() ranks volatility among the latest history bars alone", () => {
  const market = randomWalk(120, 9);
  const { volatilityPercentile } = labelRegimes(market, { window: 5, history: 20 });
  const returns = market.close.map((price, t) => t === 0 ? NaN : price / market.close[t - 1] - 1);
  const deviation = (t: number) => {
    const window = Array.from(returns.slice(t - 4, t + 1));
    const mean = window.reduce((sum, r) => sum + r, 0) / 5;
    return Math.sqrt(window.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 4);
  };
  for (let t = 25; t < 120; t++) {
    const latest = Array.from({ length: 20 }, (_, i) => deviation(t - i));
    const below = latest.filter((value) => value < latest[0]).length;
    assertEquals(volatilityPercentile[t - 25], (below + 0.5) / 20);
  }
});

Deno.test("regimeAt() gives what was known at a bar's close, and null before the first label", () => {
  const labels = labelRegimes(randomWalk(400, 2));
  assertEquals(regimeAt(labels, labels.time[0] - HOUR), null);
  assertEquals(regimeAt(labels, labels.time[7]), labels.regime[7]);
  assertEquals(regimeAt(labels, labels.time[7] + HOUR / 2), labels.regime[7]);
  assertEquals(regimeAt(labels, Infinity), labels.regime[129]);
});

Deno.test("labelRegimes() throws on short series, bad prices and options out of range", () => {
  assertThrows(() => labelRegimes(randomWalk(270, 1, "SHORT")), DataError, "SHORT: needs more than 270 bars");
  assertThrows(() => labelRegimes(closesOnly([])), DataError, "got 0");
  const market = randomWalk(400, 1);
  market.close[7] = NaN;
  assertThrows(() => labelRegimes(market), TypeError, "close[7] = NaN");
  assertThrows(() => labelRegimes({ ...market, close: market.close.slice(1) }), TypeError, "400 times and 399");
  const whole = randomWalk(400, 1);
  assertThrows(() => labelRegimes(whole, { window: 1 }), RangeError, "window");
  assertThrows(() => labelRegimes(whole, { window: 2.5 }), RangeError, "window");
  assertThrows(() => labelRegimes(whole, { history: 1 }), RangeError, "history");
  assertThrows(() => labelRegimes(whole, { warmup: 20 }), RangeError, "warmup");
  assertThrows(() => labelRegimes(whole, { trend: 2 }), RangeError, "trend");
  assertThrows(() => labelRegimes(whole, { high: NaN }), RangeError, "high");
  assertThrows(() => labelRegimes(whole, { low: 0.9 }), RangeError, "low");
});

Deno.test("labelRegimes() leaves its input unchanged", () => {
  const market = randomWalk(400, 3);
  labelRegimes(market);
  assertEquals(market, randomWalk(400, 3));
});
