// The normal and Student's t distributions against 40-digit values from mpmath 1.3.
import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { normalCdf, normalQuantile } from "../../lib/statistics/normal.ts";
import { studentTCdf } from "../../lib/statistics/student_t.ts";

Deno.test("normalCdf() agrees with 40-digit values", () => {
  const cases = [
    [-8, 6.220960574271784e-16],
    [-5, 2.866515718791939e-7],
    [-3, 0.0013498980316300946],
    [-1.96, 0.024997895148220435],
    [-0.1, 0.460172162722971],
    [0, 0.5],
    [1, 0.8413447460685429],
    [2.5, 0.9937903346742238],
    [6, 0.9999999990134123],
  ];
  for (const [z, p] of cases) assertAlmostEquals(normalCdf(z), p, 1e-7 * Math.min(p, 1e-8), `z = ${z}`);
  assertEquals([normalCdf(-Infinity), normalCdf(Infinity)], [0, 1]);
});

Deno.test("normalQuantile() agrees with 40-digit values and inverts normalCdf()", () => {
  const cases = [
    [1e-6, -4.753424308822899],
    [0.025, -1.9599639845400543],
    [0.3, -0.5244005127080408],
    [0.95, 1.6448536269514722],
    [0.99, 2.3263478740408408],
  ];
  for (const [p, z] of cases) assertAlmostEquals(normalQuantile(p), z, 1e-10, `p = ${p}`);
  fc.assert(fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (p) => {
    assertAlmostEquals(normalCdf(normalQuantile(p)), p, 1e-14);
    assertAlmostEquals(normalQuantile(1 - p), -normalQuantile(p), 1e-6);
  }));
  for (const p of [0, 1, NaN]) assertThrows(() => normalQuantile(p), RangeError, "within (0, 1)");
});

Deno.test("studentTCdf() agrees with 40-digit values", () => {
  const cases = [
    [-30, 2, 0.0005546313409798294],
    [-8, 3, 0.002038288793892734],
    [-3, 10, 0.006671827511284789],
    [-1, 99, 0.1598742370696507],
    [0.5, 1, 0.6475836176504333],
    [2.1, 999, 0.9820104376107952],
    [5, 100000, 0.9999997128649161],
  ];
  for (const [t, freedom, p] of cases) assertAlmostEquals(studentTCdf(t, freedom), p, 1e-11 * p, `${t}, ${freedom}`);
  assertEquals([studentTCdf(-Infinity, 5), studentTCdf(Infinity, 5)], [0, 1]);
  assertThrows(() => studentTCdf(1, 0), RangeError, "0 degrees of freedom");
  assertThrows(() => studentTCdf(NaN, 3), RangeError);
});

Deno.test("studentTCdf() is symmetric, ascends, and is Cauchy's with one degree of freedom", () => {
  const t = fc.double({ min: -50, max: 50, noNaN: true });
  fc.assert(fc.property(t, t, fc.double({ min: 0.5, max: 1e4, noNaN: true }), (a, b, freedom) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)].map((x) => studentTCdf(x, freedom));
    assert(low <= high + 1e-12);
    assertAlmostEquals(studentTCdf(a, freedom) + studentTCdf(-a, freedom), 1, 1e-12);
    assertAlmostEquals(studentTCdf(a, 1), 0.5 + Math.atan(a) / Math.PI, 1e-13);
  }));
});
