import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { conformalBand } from "../../lib/forecast/conformal_band.ts";
import { random } from "../../lib/net/random.ts";

const HOUR = 3_600_000;
/** A forecaster of log volatility whose errors on validation were standard normal. */
const FORECASTER = {
  target: { kind: "logVolatility", horizon: 5 },
  residual: {
    deviation: 1,
    closeScale: 1,
    quantiles: [-2.3263, -1.6449, -1.2816, -0.6745, 0, 0.6745, 1.2816, 1.6449, 2.3263],
  },
} as const;

/** Forecasts of 0 against errors given; a label is known 5 bars on. */
function forecastsOf(errors: readonly number[]) {
  const time = Float64Array.from(errors, (_, i) => i * HOUR);
  return {
    value: new Float64Array(errors.length),
    anchor: new Float64Array(errors.length).fill(-4),
    labels: Float64Array.from(errors),
    time,
    knownAt: time.map((at) => at + 5 * HOUR),
  };
}

function inside(band: { low: Float64Array; high: Float64Array }, labels: Float64Array, from: number): number {
  const hits = labels.map((label, i) => i >= from && band.low[i] <= label && label <= band.high[i] ? 1 : 0);
  return hits.reduce((sum, hit) => sum + hit, 0) / (labels.length - from);
}

Deno.test("a band holds its coverage on a market whose errors are three times those of validation", () => {
  const stream = random(2);
  const forecasts = forecastsOf(Array.from({ length: 4000 }, () => 3 * stream.normal()));
  const band = conformalBand(FORECASTER, forecasts, { coverage: 0.8 });
  assertAlmostEquals(inside(band, forecasts.labels, 500), 0.8, 0.02);
  assert(Math.abs(band.share! - 0.8) <= band.bound!);
  assertEquals(band.count, 3995);
  // The band begins as validated: 1.2816 to each side.
  assertAlmostEquals(band.high[0], 1.2816, 1e-12);
});

Deno.test("a band at a decision knows no label that came after it", () => {
  const stream = random(4);
  const errors = Array.from({ length: 300 }, () => 2 * stream.normal());
  const later = errors.map((error, i) => i >= 200 ? 100 : error);
  const [one, other] = [errors, later].map((of) => conformalBand(FORECASTER, forecastsOf(of)));
  // Label 200 is known at decision 205.
  assertEquals(one.low.slice(0, 205), other.low.slice(0, 205));
  assertEquals(one.high.slice(0, 205), other.high.slice(0, 205));
  assert(one.high[205] !== other.high[205]);
});

Deno.test("a label that is never known leaves the band as it was", () => {
  const forecasts = forecastsOf(new Array(50).fill(NaN));
  const band = conformalBand(FORECASTER, forecasts, { coverage: 0.5 });
  for (const high of band.high) assertAlmostEquals(high, 0.6745, 1e-12);
  assertEquals([band.share, band.bound, band.count], [null, null, 0]);
});

Deno.test("a band narrows where outcomes stay well within it, and changes no input", () => {
  const stream = random(6);
  const forecasts = forecastsOf(Array.from({ length: 2000 }, () => 0.1 * stream.normal()));
  const copy = structuredClone(forecasts);
  const band = conformalBand(FORECASTER, forecasts, { coverage: 0.9 });
  assertLess(band.high[1999] - band.low[1999], 0.5);
  assertEquals(forecasts, copy);
  assertThrows(() => conformalBand(FORECASTER, forecasts, { coverage: 0.7 }), RangeError, "0.98, 0.9, 0.8, 0.5");
});
