import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { FEATURE_NAMES, featureWarmup, tradingFeatures } from "../../lib/features/trading_features.ts";
import { hasShared, SHARED } from "../goldens.ts";
import { barsFrom, closesOnly, firstBars, randomWalk } from "./markets.ts";

Deno.test({
  name: "tradingFeatures() agrees with pandas to 1e-9 on every golden row",
  ignore: !hasShared,
  fn: () => {
    const golden = JSON.parse(Deno.readTextFileSync(new URL("goldens/features_and_metrics.json", SHARED)));
    assertEquals(golden.series.length, 2);
    for (const { close, columns, rows } of golden.series) {
      const features = tradingFeatures(closesOnly(close), { window: golden.window, warmup: golden.window });
      assertEquals(features.names, columns);
      assertEquals(features.rows, rows.length - golden.window);
      for (let i = 0; i < features.rows; i++) {
        for (let j = 0; j < features.cols; j++) {
          assertAlmostEquals(features.values[i * features.cols + j], rows[i + features.warmup][j], 1e-9);
        }
      }
    }
  },
});

Deno.test("tradingFeatures() of a prefix equal the first rows of the whole, bitwise", () => {
  const whole = randomWalk(260, 5);
  const features = tradingFeatures(whole, { warmup: 20 });
  fc.assert(
    fc.property(fc.integer({ min: 21, max: 260 }), (bars) => {
      const prefix = tradingFeatures(firstBars(whole, bars), { warmup: 20 });
      assertEquals(prefix.rows, bars - 20);
      assertEquals(prefix.values, features.values.slice(0, prefix.values.length));
      assertEquals(prefix.time, features.time.slice(0, prefix.rows));
    }),
    { numRuns: 60, seed: 11 },
  );
});

Deno.test("tradingFeatures() do not depend on where the file starts once warm (trap 8)", () => {
  const whole = randomWalk(900, 8);
  const features = tradingFeatures(whole);
  for (const start of [1, 37, 300]) {
    const later = tradingFeatures(barsFrom(whole, start));
    for (let i = 0; i < later.rows; i++) {
      for (let j = 0; j < later.cols; j++) {
        const whereWhole = features.values[(i + start) * features.cols + j];
        const difference = Math.abs(later.values[i * later.cols + j] - whereWhole);
        // β^n = 1e-4 of the weight, times a price move of some tens of per cent.
        assertLess(difference, 1e-4, `${features.names[j]} at row ${i} from bar ${start}`);
      }
    }
  }
});

Deno.test("featureWarmup() covers the longest exponential mean, and the window", () => {
  assertEquals([featureWarmup(2), featureWarmup(20), featureWarmup(26)], [120, 120, 120]);
  assert(featureWarmup(100) > 400);
});

Deno.test("tradingFeatures() gives rsi 50 and finite values on a market that did not move", () => {
  const features = tradingFeatures(closesOnly(new Float64Array(130).fill(7)));
  assertEquals(Array.from(features.values.slice(0, 10)), [0, 0, 0, 1, 1, 0, 0, 50, 0, 0]);
});

Deno.test("tradingFeatures() stay finite on a market that only rises", () => {
  const features = tradingFeatures(closesOnly(Float64Array.from({ length: 150 }, (_, i) => 1 + i)));
  assert(features.values.every(Number.isFinite));
  assert(features.values[FEATURE_NAMES.indexOf("rsi")] > 99);
});

Deno.test("tradingFeatures() throws on a file shorter than the windows, naming it and both lengths", () => {
  assertThrows(() => tradingFeatures(randomWalk(120, 1, "SHORT")), DataError, "SHORT: needs more than 120 bars");
  assertEquals(tradingFeatures(randomWalk(121, 1)).rows, 1);
});

Deno.test("tradingFeatures() throws on bad prices and options", () => {
  const bad = (index: number, price: number) => {
    const candles = randomWalk(200, 2);
    candles.close[index] = price;
    return candles;
  };
  assertThrows(() => tradingFeatures(bad(3, NaN)), TypeError, "close[3] = NaN");
  assertThrows(() => tradingFeatures(bad(3, 0)), RangeError, "close[3] = 0");
  assertThrows(() => tradingFeatures(randomWalk(200, 2), { window: 1 }), RangeError, "window");
  assertThrows(() => tradingFeatures(randomWalk(200, 2), { warmup: 5 }), RangeError, "warmup");
  const unsorted = randomWalk(200, 2);
  unsorted.time[5] = unsorted.time[4];
  assertThrows(() => tradingFeatures(unsorted), RangeError, "ascending");
});

Deno.test("tradingFeatures() leaves its input unchanged", () => {
  const candles = randomWalk(150, 3);
  tradingFeatures(candles);
  assertEquals(candles, randomWalk(150, 3));
});

Deno.test("tradingFeatures() with volume has volume over its rolling mean as an eleventh column", () => {
  const market = randomWalk(150, 8);
  const volume = market.volume.map((_, i) => i >= 122 && i < 145 ? 0 : 1 + i % 5);
  const traded = { ...market, volume };
  const [plain, wide] = [tradingFeatures(traded), tradingFeatures(traded, { volume: true })];
  assertEquals(wide.names, [...plain.names, "volume_sma_ratio"]);
  for (let i = 0; i < wide.rows; i++) {
    const row = wide.values.subarray(11 * i, 11 * (i + 1));
    assertEquals(row.subarray(0, 10), plain.values.subarray(10 * i, 10 * (i + 1)));
    const window = volume.subarray(i + wide.warmup - 19, i + wide.warmup + 1);
    const mean = window.reduce((sum, value) => sum + value, 0) / 20;
    assertEquals(row[10], mean === 0 ? 1 : volume[i + wide.warmup] / mean);
  }
  const last = (features: typeof wide): Float64Array => features.values.slice(-11);
  const cut = firstBars(traded, 140);
  assertEquals(last(tradingFeatures(cut, { volume: true })), wide.values.slice(11 * 19, 11 * 20));
});

Deno.test("tradingFeatures() reads volumes only where they are asked for, and throws on those that are none", () => {
  const market = randomWalk(150, 8);
  const holed = { ...market, volume: market.volume.with(3, NaN) };
  assertEquals(tradingFeatures(holed).cols, 10);
  assertThrows(() => tradingFeatures(holed, { volume: true }), TypeError, "volume[3] = NaN");
  const below = { ...market, volume: market.volume.with(4, -1) };
  assertThrows(() => tradingFeatures(below, { volume: true }), RangeError, "volume[4] = -1");
  const short = { ...market, volume: market.volume.slice(1) };
  assertThrows(() => tradingFeatures(short, { volume: true }), TypeError, "150 times and 149 volumes");
});
