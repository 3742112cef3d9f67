// The Diebold-Mariano test against an independent computation in numpy and scipy, and against its own level.
import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { dieboldMariano } from "../../lib/statistics/diebold_mariano.ts";
import { random } from "../../lib/net/random.ts";

const LABELS = Float64Array.of(0.4, -0.2, 0.1, 0.7, -0.5, 0.3, -0.1, 0.2, -0.6, 0.5, 0, -0.3);
const BETTER = Float64Array.of(0.3, -0.1, 0, 0.4, -0.2, 0.2, -0.2, 0.1, -0.3, 0.3, 0.1, -0.2);
const WORSE = Float64Array.of(0.1, 0.1, -0.2, 0.2, 0.1, -0.1, 0.3, 0, -0.1, -0.2, 0.2, 0.1);

Deno.test("dieboldMariano() agrees with numpy and scipy at horizons 1 to 3, rectangular and Bartlett", () => {
  const cases = [
    [1, "rectangular", -4.453417794748581, 0.0009731826802213105, 0.0004865913401106553],
    [2, "rectangular", -4.937672708779823, 0.0004442255986612495, 0.00022211279933062475],
    [3, "rectangular", -10.546455568751178, 4.3335016282015003e-7, 2.1667508141007502e-7],
    [2, "bartlett", -4.438494713052029, 0.0009974957356174113, 0.0004987478678087057],
    [3, "bartlett", -4.748061957704235, 0.0006015673586434076, 0.0003007836793217038],
  ] as const;
  for (const [horizon, weights, statistic, pValue, pBetter] of cases) {
    const found = dieboldMariano(LABELS, BETTER, WORSE, { horizon, weights });
    assertAlmostEquals(found.statistic!, statistic, 1e-9);
    assertAlmostEquals(found.pValue!, pValue, 1e-9 * pValue);
    assertAlmostEquals(found.pBetter!, pBetter, 1e-9 * pBetter);
    assertEquals([found.rows, found.weights, found.reason], [12, weights, null]);
  }
});

Deno.test("dieboldMariano() takes Bartlett weights where the rectangular variance is negative, and says so", () => {
  const found = dieboldMariano(LABELS, BETTER, WORSE, { horizon: 4 });
  assertEquals(found.weights, "bartlett");
  assertAlmostEquals(found.statistic!, -4.9053114920889405, 1e-9);
  assertAlmostEquals(found.pValue!, 0.0004676518882164793, 1e-12);
});

Deno.test("dieboldMariano() leaves out labels that are not known yet", () => {
  const padded = (values: Float64Array, last: number): Float64Array => Float64Array.from([...values, last, last]);
  const found = dieboldMariano(padded(LABELS, NaN), padded(BETTER, 9), padded(WORSE, 8), { horizon: 2 });
  assertEquals(found, dieboldMariano(LABELS, BETTER, WORSE, { horizon: 2 }));
});

Deno.test("dieboldMariano() turns its sign with its arguments, and reads and changes nothing else", () => {
  const [labels, better, worse] = [LABELS, BETTER, WORSE].map((values) => values.slice());
  const [one, other] = [dieboldMariano(labels, better, worse), dieboldMariano(labels, worse, better)];
  assertEquals([labels, better, worse], [LABELS, BETTER, WORSE]);
  assertEquals(one.statistic, -other.statistic!);
  assertEquals(one.pValue, other.pValue);
  assertAlmostEquals(one.pBetter! + other.pBetter!, 1, 1e-12);
});

Deno.test("dieboldMariano() rejects equally good forecasts about as often as its level, with overlapping horizons too", () => {
  for (const horizon of [1, 4]) {
    let rejected = 0;
    for (let seed = 0; seed < 400; seed++) {
      const stream = random(seed);
      const shocks = Float64Array.from({ length: 200 + horizon }, () => stream.normal());
      const labels = Float64Array.from(
        { length: 200 },
        (_, t) => shocks.subarray(t, t + horizon).reduce((sum, shock) => sum + shock, 0),
      );
      const [a, b] = [0.3, 0.3].map((size) => labels.map(() => size * stream.normal()));
      if (dieboldMariano(labels, a, b, { horizon }).pValue! < 0.05) rejected++;
    }
    // Four binomial errors about 20 of 400.
    assert(rejected >= 3 && rejected <= 37, `horizon ${horizon}: rejected ${rejected} of 400`);
  }
});

Deno.test("dieboldMariano() is null with a reason where forecasts do not differ or rows are few", () => {
  const same = dieboldMariano(LABELS, BETTER, BETTER);
  assertEquals([same.statistic, same.pValue, same.pBetter, same.meanDifference], [null, null, null, 0]);
  assertEquals(same.reason, "the forecasts do not differ");
  const few = dieboldMariano(LABELS.subarray(0, 3), BETTER.subarray(0, 3), WORSE.subarray(0, 3), { horizon: 3 });
  assertEquals(few.statistic, null);
  assertStringIncludes(few.reason!, "at least 4 rows");
  const none = dieboldMariano(Float64Array.of(NaN), Float64Array.of(1), Float64Array.of(2));
  assertEquals([none.rows, none.meanDifference, none.pValue], [0, null, null]);
});

Deno.test("dieboldMariano() is never NaN, whatever the forecasts", () => {
  const value = fc.double({ min: -10, max: 10, noNaN: true });
  const rows = fc.array(fc.tuple(value, value, value), { maxLength: 30 });
  fc.assert(fc.property(rows, fc.integer({ min: 1, max: 8 }), (values, horizon) => {
    const [labels, a, b] = [0, 1, 2].map((i) => Float64Array.from(values, (row) => row[i]));
    const { statistic, pValue, pBetter, reason } = dieboldMariano(labels, a, b, { horizon });
    for (const value of [pValue, pBetter]) assertEquals(value === null, statistic === null);
    assertEquals(reason === null, statistic !== null);
    for (const p of [pValue, pBetter]) assert(p === null || (p >= 0 && p <= 1), String(p));
    assert(statistic === null || Number.isFinite(statistic));
  }));
});

Deno.test("dieboldMariano() refuses what cannot be compared", () => {
  assertThrows(
    () => dieboldMariano(LABELS, BETTER.subarray(1), WORSE),
    TypeError,
    "expected 12 predictions, received 11",
  );
  const holed = BETTER.with(3, NaN);
  assertThrows(() => dieboldMariano(LABELS, holed, WORSE), TypeError, "at row 3");
  assertThrows(() => dieboldMariano(LABELS, BETTER, WORSE, { horizon: 0 }), RangeError, "horizon");
});
