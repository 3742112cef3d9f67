import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { barVariances, riskFeatures } from "../../lib/features/mod.ts";
import { simulateMarket } from "../../mod.ts";
import { LEVEL_DECAY, riskRow, riskSeries } from "../../lib/features/risk_features.ts";
import { fitPool, INPUT_BOUND, scaleRow } from "../../lib/forecast/pool_scaler.ts";
import { sliceBars } from "../forecast/fixtures.ts";

const { candles } = simulateMarket({ bars: 600, seed: 5, garch: { alpha: 0.1, beta: 0.85 } });

Deno.test("barVariances() is the squared overnight step and Garman and Klass' estimate, by hand", () => {
  const bars = {
    symbol: "X",
    interval: "1d",
    time: Float64Array.of(0, 86_400_000),
    open: Float64Array.of(100, 103),
    high: Float64Array.of(102, 106),
    low: Float64Array.of(99, 101),
    close: Float64Array.of(101, 104),
    volume: Float64Array.of(1, 1),
  };
  const { total, inner } = barVariances(bars);
  const within = 0.5 * Math.log(106 / 101) ** 2 - (2 * Math.LN2 - 1) * Math.log(104 / 103) ** 2;
  assertAlmostEquals(inner[1], within, 1e-15);
  assertAlmostEquals(total[1], within + Math.log(103 / 101) ** 2, 1e-15);
  assertAlmostEquals(barVariances(bars, { closeOnly: true }).total[1], Math.log(104 / 101) ** 2, 1e-15);
});

Deno.test("riskFeatures() of a row are their formulas", () => {
  const { names, values, cols } = riskFeatures(candles);
  const bar = 400;
  const { total, logReturn } = barVariances(candles);
  let [level, weights] = [0, 0];
  for (let k = 0; k < 168; k++) {
    level += LEVEL_DECAY ** k * total[bar - k];
    weights += LEVEL_DECAY ** k;
  }
  const sigma = Math.sqrt(level / weights);
  const at = (name: string): number => values[bar * cols + names.indexOf(name)];
  const mean = (w: number, of: (i: number) => number): number =>
    Array.from({ length: w }, (_, k) => of(bar - k)).reduce((a, b) => a + b) / w;
  assertAlmostEquals(at("volatility_24"), 0.5 * Math.log(mean(24, (i) => total[i])) - Math.log(sigma), 1e-12);
  assertAlmostEquals(
    at("move_6"),
    Math.log(candles.close[bar] / candles.close[bar - 6]) / (sigma * Math.sqrt(6)),
    1e-12,
  );
  assertAlmostEquals(at("downside_24"), Math.sqrt(mean(24, (i) => Math.min(0, logReturn[i]) ** 2)) / sigma, 1e-12);
  assertAlmostEquals(at("level"), Math.log(sigma), 1e-12);
  assertAlmostEquals(at("history"), Math.log(336), 1e-12);
});

Deno.test("riskRow() of a cut history is, bit for bit, the last row of the bars cut off there", () => {
  for (const closeOnly of [false, true]) {
    const series = riskSeries(candles, { closeOnly });
    const cols = series.layout.names.length;
    for (const [start, bar] of [[100, 101], [100, 104], [77, 100], [3, 250], [0, 599], [200, 599]]) {
      const values = new Float64Array(cols);
      riskRow(series, { start, bar }, { values, offset: 0 });
      const cut = riskFeatures(sliceBars(candles, start, bar + 1), { closeOnly });
      assertEquals(values, cut.values.slice(-cols), `start ${start}, bar ${bar}`);
    }
  }
});

Deno.test("riskFeatures() of a market that stands still are finite, and scaled ones are bounded", () => {
  const still = sliceBars(candles, 0, 300);
  for (const values of [still.open, still.high, still.low, still.close]) values.fill(100, 100);
  still.volume.fill(0, 100);
  const { values } = riskFeatures(still);
  assertEquals(values.every(Number.isFinite), true);
  const fading = { columns: [], history: -1 };
  const scaler = fitPool(riskFeatures(candles).values, new Float64Array(600).map((_, i) => i), {
    centred: false,
    fading,
  });
  const cols = scaler.x.mean.length;
  const scaled = new Float32Array(cols);
  for (let offset = 0; offset < values.length; offset += cols) {
    scaleRow(scaler, { values, offset }, { values: scaled, offset: 0 });
    assertEquals(scaled.every((z) => Math.abs(z) <= INPUT_BOUND), true);
  }
});

Deno.test("riskFeatures() leaves its candles unchanged and refuses a single bar", () => {
  const copy = structuredClone(candles);
  riskFeatures(candles);
  assertEquals(candles, copy);
  assertThrows(() => riskFeatures(sliceBars(candles, 0, 1)), Error, "at least 2 bars");
});
