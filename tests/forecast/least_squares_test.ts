import { assertAlmostEquals, assertEquals } from "@std/assert";
import { addRow, linearValue, openSums, regress } from "../../lib/forecast/least_squares.ts";
import { random } from "../../mod.ts";

Deno.test("regress() of one column is the slope cov/var and the intercept of the means", () => {
  const x = [1, 2, 4, 7];
  const y = [3, 5, 4, 9];
  const sums = openSums(1);
  x.forEach((value, i) => addRow(sums, Float64Array.of(value), 0, y[i]));
  const mean = (values: number[]): number => values.reduce((a, b) => a + b) / values.length;
  const slope = x.reduce((sum, v, i) => sum + (v - mean(x)) * (y[i] - mean(y)), 0) /
    x.reduce((sum, v) => sum + (v - mean(x)) ** 2, 0);
  const beta = regress(sums);
  assertAlmostEquals(beta[1], slope, 1e-12);
  assertAlmostEquals(beta[0], mean(y) - slope * mean(x), 1e-12);
  assertAlmostEquals(linearValue(beta, Float64Array.of(3), 0), beta[0] + 3 * slope, 1e-12);
});

Deno.test("regress() finds exact coefficients, drops a column that the others give, and goes to its prior as the penalty grows", () => {
  const stream = random(1);
  const wanted = Float64Array.of(0.5, 2, -1, 3);
  const sums = openSums(4);
  for (let i = 0; i < 50; i++) {
    const x = Float64Array.from({ length: 4 }, () => stream.normal());
    x[3] = x[0] + x[1];
    addRow(sums, x, 0, linearValue(wanted, x, 0));
  }
  const beta = regress(sums);
  assertEquals(beta[4], 0);
  wanted.forEach((value, j) => assertAlmostEquals(beta[j], value, 1e-9));
  const prior = Float64Array.of(1, 1, 1, 1, 1);
  assertAlmostEquals(regress(sums, { penalty: 1e12, prior })[2], 1, 1e-6);
  assertAlmostEquals(regress(sums, { penalty: 1e-9, prior })[0], 0.5, 1e-6);
});

Deno.test("ridge towards a prior solves (X'X + λI) β = X'y + λβ₀", () => {
  const sums = openSums(1);
  for (const [x, y] of [[1, 2], [3, 1], [4, 6]]) addRow(sums, Float64Array.of(x), 0, y);
  const prior = Float64Array.of(0.3, 0.7);
  const [a, b] = regress(sums, { penalty: 2, prior });
  // X'X = [[3, 8], [8, 26]], X'y = [9, 29].
  assertAlmostEquals((3 + 2) * a + 8 * b, 9 + 2 * 0.3, 1e-12);
  assertAlmostEquals(8 * a + (26 + 2) * b, 29 + 2 * 0.7, 1e-12);
});
