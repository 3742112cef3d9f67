import fc from "fast-check";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { applyScaler, fitScaler, invertScaler } from "../../lib/features/scaler.ts";

Deno.test("fitScaler() finds mean and sample deviation of each column", () => {
  const scaler = fitScaler(Float64Array.of(1, 10, 2, 20, 3, 30), 2);
  assertEquals(scaler.mean, Float64Array.of(2, 20));
  assertEquals(scaler.scale, Float64Array.of(1, 10));
  assertEquals(applyScaler(scaler, Float64Array.of(4, 0)), Float64Array.of(2, -2));
});

Deno.test("fitScaler() gives a constant column and a single row scale 1", () => {
  assertEquals(fitScaler(Float64Array.of(0.1, 0.1, 0.1), 1).scale, Float64Array.of(1));
  assertEquals(fitScaler(Float64Array.of(5, 7), 2).scale, Float64Array.of(1, 1));
});

Deno.test("invertScaler() undoes applyScaler()", () => {
  const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 6, maxLength: 6 });
  fc.assert(fc.property(values, (rows) => {
    const scaler = fitScaler(Float64Array.from(rows), 2);
    const back = invertScaler(scaler, applyScaler(scaler, Float64Array.from(rows)));
    rows.forEach((value, i) => assertAlmostEquals(back[i], value, 1e-9));
  }));
});

Deno.test("fitScaler() and applyScaler() throw on shapes that do not fit, and change no input", () => {
  assertThrows(() => fitScaler(Float64Array.of(1, 2, 3), 2), TypeError, "multiple of 2");
  assertThrows(() => fitScaler(new Float64Array(0), 2), TypeError, "at least 1 row");
  assertThrows(() => fitScaler(Float64Array.of(1, NaN), 1), TypeError, "not finite");
  assertThrows(() => fitScaler(Float64Array.of(1), 0), RangeError, "cols");
  const values = Float64Array.of(1, 2);
  assertThrows(() => applyScaler(fitScaler(Float64Array.of(1, 2, 3), 3), values), TypeError, "multiple of 3");
  applyScaler(fitScaler(values, 1), values);
  assertEquals(values, Float64Array.of(1, 2));
});
