import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { barVariances } from "../../lib/features/mod.ts";
import { checkCandles, simulateMarket } from "../../mod.ts";

Deno.test("simulateMarket() draws the volatility that it says, in closes and in ranges", () => {
  const { candles, volatility } = simulateMarket({ bars: 20_000, seed: 2, volatility: 0.02 });
  assertEquals(new Set(volatility).size, 1);
  const { total, logReturn } = barVariances(candles);
  const mean = (values: Float64Array): number => values.reduce((a, b) => a + b) / values.length;
  assertAlmostEquals(Math.sqrt(mean(logReturn.map((r) => r * r))) / 0.02, 1, 0.02);
  // 32 steps a bar see less of the range than a continuous path does: the estimate falls short by a tenth or so.
  const ratio = Math.sqrt(mean(total)) / 0.02;
  assert(ratio > 0.8 && ratio < 1, `ratio ${ratio}`);
});

Deno.test("simulateMarket() reverts, trends, switches and jumps as asked", () => {
  const reverting = simulateMarket({ bars: 5000, seed: 3, meanReversion: 0.2 }).candles.close;
  const wandering = simulateMarket({ bars: 5000, seed: 3 }).candles.close;
  const range = (close: Float64Array): number => Math.log(Math.max(...close) / Math.min(...close));
  assert(range(reverting) < 0.3 * range(wandering));
  const trend = simulateMarket({ bars: 2000, seed: 4, trend: 0.002, volatility: 0.001 }).candles.close;
  assertAlmostEquals(Math.log(trend[1999] / 100), 4, 0.2);
  const { regime, volatility } = simulateMarket({ bars: 4000, seed: 5, regimes: { factor: 3, leave: 0.01 } });
  volatility.forEach((v, i) => assertAlmostEquals(v, regime[i] === 1 ? 0.03 : 0.01, 1e-15));
  assert(regime.some((r) => r === 1) && regime.some((r) => r === 0));
  const jumps = simulateMarket({ bars: 2000, seed: 6, volatility: 1e-4, jumps: { probability: 0.01, size: 0.1 } });
  const big = barVariances(jumps.candles).logReturn.filter((r) => Math.abs(r) > 0.05).length;
  assert(big > 5 && big < 50, `${big} jumps`);
});

Deno.test("simulateMarket() gives sound candles, the same of the same seed, and refuses bad options by name", () => {
  const options = { bars: 300, seed: 9, garch: { alpha: 0.1, beta: 0.8 } };
  assertEquals(simulateMarket(options), simulateMarket(options));
  assertEquals(checkCandles(simulateMarket(options).candles, { now: Date.UTC(2026, 0) }).ok, true);
  assertThrows(() => simulateMarket({ garch: { alpha: 0.5, beta: 0.6 } }), RangeError, "garch.alpha + garch.beta");
  assertThrows(() => simulateMarket(JSON.parse('{"volatilty":1}')), TypeError, "volatility");
});

Deno.test("simulateMarket() refuses GARCH whose regimes let the variance grow, and keeps what is bounded over both", () => {
  const garch = { alpha: 0.1, beta: 0.85 };
  const mix = (factor: number, leave: number) => () =>
    simulateMarket({ bars: 20_000, seed: 2, garch, regimes: { factor, leave } });
  // In the second regime 0.1 · 9 + 0.85 = 1.75: even left half of the time it grows by more than the first one takes back.
  for (const leave of [0.01, 0.5, 1]) assertThrows(mix(3, leave), RangeError, "is 1.750 in the second regime");
  assertThrows(mix(3, 0.5), RangeError, "grows by a factor of 1.350 a bar");
  // 0.1 · 1.69 + 0.85 = 1.019 is beyond 1, yet over both regimes the variance is bounded where they change often.
  assertThrows(mix(1.3, 0.01), RangeError, "is 1.019 in the second regime");
  for (const bounded of [mix(1.3, 0.5), mix(0, 0.1), mix(100, 0), mix(1, 1e-10)]) {
    const { candles, volatility } = bounded();
    assert(candles.close.every((price) => price > 0 && price < Infinity));
    assert(Math.max(...volatility) < 1);
  }
  assertThrows(mix(-1, 0.1), RangeError, "regimes.factor must be at least 0");
  assertThrows(mix(NaN, 0.1), RangeError, "regimes.factor");
});

Deno.test("simulateMarket() names the bar at which a price can no longer be told", () => {
  assertThrows(() => simulateMarket({ trend: 1, volatility: 0 }), RangeError, "its price is Infinity at bar 705");
  assertThrows(() => simulateMarket({ trend: -1, volatility: 0 }), RangeError, "its price is 0 at bar 749");
  assertThrows(() => simulateMarket({ trend: NaN }), RangeError, "its price is NaN at bar 0");
  assertThrows(
    () => simulateMarket({ bars: 9000, jumps: { probability: 1, size: 1e3 } }),
    RangeError,
    "its price is",
  );
});
