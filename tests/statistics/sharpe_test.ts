// Probabilistic and deflated Sharpe ratios against the papers' own worked examples.
import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { deflatedSharpe, expectedMaximumSharpe, independentTrials } from "../../lib/statistics/deflated_sharpe.ts";
import { minTrackRecord, probabilisticSharpe } from "../../lib/statistics/probabilistic_sharpe.ts";
import { sharpeEstimate } from "../../lib/statistics/sharpe_estimate.ts";
import { mergeTrials, NO_TRIALS, recordTrial, trialStatistics } from "../../lib/statistics/trial_log.ts";
import { random } from "../../lib/net/random.ts";

Deno.test("sharpeEstimate() agrees with scipy.stats on ten returns", () => {
  const returns = Float64Array.of(0.01, -0.02, 0.015, 0.03, -0.01, 0.005, -0.04, 0.02, 0.01, 0);
  const before = returns.slice();
  const found = sharpeEstimate(returns);
  assertAlmostEquals(found.sharpe!, 0.09720503535125015, 1e-13);
  assertAlmostEquals(found.skewness!, -0.7454795906938415, 1e-13);
  assertAlmostEquals(found.kurtosis!, 2.8404116808233617, 1e-12);
  assertEquals([found.bars, found.reason], [10, null]);
  assertEquals(returns, before);
});

Deno.test("sharpeEstimate() says why a ratio is undefined, and so does all that is built on it", () => {
  for (
    const [returns, reason] of [[[0.1], "at least 2 bars"], [[0, 0, 0], "do not vary"], [[], "at least 2"]] as const
  ) {
    const found = sharpeEstimate(Float64Array.from(returns));
    assertEquals([found.sharpe, found.skewness, found.kurtosis], [null, null, null]);
    for (const judged of [probabilisticSharpe(found), minTrackRecord(found)]) {
      assertEquals(judged.value, null);
      assert(judged.reason!.includes(reason), judged.reason!);
    }
    const deflated = deflatedSharpe(found, { trials: 3, variance: 0.01 });
    assertEquals([deflated.value, deflated.trials], [null, 3]);
    assertEquals(deflated.reason, found.reason);
  }
  assertThrows(() => sharpeEstimate(Float64Array.of(0.1, NaN)), TypeError, "returns[1]");
});

Deno.test("probabilisticSharpe() gives 0.982 and 0.913 for the hedge fund of Bailey & López de Prado (2012)", () => {
  const fund = { sharpe: 0.458, bars: 24, skewness: -2.448, kurtosis: 10.164 };
  assertEquals(probabilisticSharpe({ ...fund, skewness: 0, kurtosis: 3 }).value!.toFixed(3), "0.982");
  assertEquals(probabilisticSharpe(fund).value!.toFixed(3), "0.913");
  assertGreater(probabilisticSharpe({ ...fund, bars: 36 }).value!, 0.95);
});

Deno.test("minTrackRecord() gives the years of Bailey & López de Prado (2012): 2.73, 2.83, 3.24 and 4.99", () => {
  // An annual ratio of 2 above 1 at 95%, in days, weeks and months, normal; and in months of a hedge fund style.
  const years = (perYear: number, skewness: number, kurtosis: number): string => {
    const scale = Math.sqrt(perYear);
    const estimate = { sharpe: 2 / scale, bars: 1000, skewness, kurtosis };
    return (minTrackRecord(estimate, { benchmark: 1 / scale }).value! / perYear).toFixed(2);
  };
  assertEquals([years(250, 0, 3), years(52, 0, 3), years(12, 0, 3)], ["2.73", "2.83", "3.24"]);
  assertEquals(years(12, -0.72, 5.78), "4.99");
});

Deno.test("minTrackRecord() is the length at which probabilisticSharpe() reaches the confidence", () => {
  const ratio = fc.double({ min: 0.05, max: 1, noNaN: true });
  const skew = fc.double({ min: -2, max: 2, noNaN: true });
  const extra = fc.double({ min: 0.1, max: 9, noNaN: true });
  fc.assert(
    fc.property(ratio, skew, extra, fc.double({ min: 0.6, max: 0.99, noNaN: true }), (sharpe, skewness, more, p) => {
      const estimate = { sharpe, bars: 2, skewness, kurtosis: skewness ** 2 + 1 + more };
      const bars = Math.ceil(minTrackRecord(estimate, { confidence: p }).value!);
      if (bars < 3) return;
      assert(probabilisticSharpe({ ...estimate, bars }).value! >= p - 1e-9);
      assert(probabilisticSharpe({ ...estimate, bars: bars - 1 }).value! <= p + 1e-9);
    }),
  );
  const poor = minTrackRecord({ sharpe: 0.1, bars: 100, skewness: 0, kurtosis: 3 }, { benchmark: 0.2 });
  assertEquals(poor, { value: null, reason: "the Sharpe ratio does not exceed the benchmark" });
});

Deno.test("probabilisticSharpe() refuses moments that no returns can have", () => {
  const estimate = { sharpe: 0.1, bars: 100, skewness: 2, kurtosis: 4 };
  assertThrows(() => probabilisticSharpe(estimate), RangeError, "skewness² + 1 = 5");
  assertThrows(() => probabilisticSharpe({ ...estimate, kurtosis: NaN }), TypeError);
  assertThrows(() => probabilisticSharpe({ ...estimate, kurtosis: 9, bars: 1 }), RangeError, "at least 2");
  assertThrows(() => probabilisticSharpe({ ...estimate, kurtosis: 9 }, NaN), RangeError, "benchmark");
  assertThrows(() => minTrackRecord({ ...estimate, kurtosis: 9 }, { confidence: 1 }), RangeError, "confidence");
});

Deno.test("probabilisticSharpe() is a probability or null with a reason, whatever the returns", () => {
  const returns = fc.array(fc.double({ min: -0.9, max: 2, noNaN: true }), { maxLength: 30 });
  fc.assert(fc.property(returns, fc.double({ min: -1, max: 1, noNaN: true }), (values, benchmark) => {
    const { value, reason } = probabilisticSharpe(sharpeEstimate(Float64Array.from(values)), benchmark);
    assertEquals(value === null, reason !== null);
    assert(value === null || (value >= 0 && value <= 1), String(value));
  }));
});

Deno.test("deflatedSharpe() gives 0.9004, 0.9505 and 0.9505 for the examples of Bailey & López de Prado (2014)", () => {
  const chosen = { sharpe: 2.5 / Math.sqrt(250), bars: 1250, skewness: -3, kurtosis: 10 };
  const variance = 0.5 / 250;
  const hundred = deflatedSharpe(chosen, { trials: 100, variance });
  assertEquals([hundred.benchmark.toFixed(4), hundred.value!.toFixed(4)], ["0.1132", "0.9004"]);
  assertEquals(deflatedSharpe(chosen, { trials: 46, variance }).value!.toFixed(4), "0.9505");
  const normal = { ...chosen, skewness: 0, kurtosis: 3 };
  assertEquals(deflatedSharpe(normal, { trials: 88, variance }).value!.toFixed(4), "0.9505");
});

Deno.test("deflatedSharpe() of a single trial is the probabilistic one against 0", () => {
  const estimate = sharpeEstimate(Float64Array.of(0.01, -0.02, 0.03, 0.01));
  const found = deflatedSharpe(estimate, trialStatistics(recordTrial(NO_TRIALS, estimate.sharpe)));
  assertEquals(found, { ...probabilisticSharpe(estimate), benchmark: 0, trials: 1 });
});

Deno.test("expectedMaximumSharpe() is near the mean best of N normal draws, and grows with N", () => {
  const stream = random(3);
  let before = 0;
  for (const trials of [5, 20, 100]) {
    const rounds = 4000;
    let sum = 0;
    for (let i = 0; i < rounds; i++) {
      sum += Math.max(...Array.from({ length: trials }, () => 0.2 * stream.normal()));
    }
    const expected = expectedMaximumSharpe({ trials, variance: 0.04 });
    assertAlmostEquals(expected, sum / rounds, 0.01, `${trials} trials`);
    assertLess(before, expected);
    before = expected;
  }
  assertThrows(() => expectedMaximumSharpe({ trials: 0, variance: 1 }), RangeError, "at least 1");
  assertThrows(() => expectedMaximumSharpe({ trials: 2, variance: NaN }), RangeError, "variance");
});

Deno.test("independentTrials() goes from one to all as correlation falls", () => {
  assertEquals([independentTrials(100, 1), independentTrials(100, 0), independentTrials(100, 0.5)], [1, 100, 50.5]);
  assertThrows(() => independentTrials(10, 1.1), RangeError, "correlation");
});

Deno.test("recordTrial() counts every trial and changes no log", () => {
  const one = recordTrial(NO_TRIALS, 0.3);
  const two = recordTrial(one, null);
  assertEquals([NO_TRIALS.sharpes.length, one.sharpes, two.sharpes], [0, [0.3], [0.3, null]]);
  assert(Object.isFrozen(two) && Object.isFrozen(two.sharpes));
  assertEquals(mergeTrials([two, NO_TRIALS, one]).sharpes, [0.3, null, 0.3]);
  assertThrows(() => recordTrial(one, NaN), TypeError, "finite or null");
  assertThrows(() => trialStatistics(NO_TRIALS), RangeError, "at least 1 trial");
  fc.assert(fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2 }), (ratios) => {
    const { trials, variance } = trialStatistics(ratios.reduce(recordTrial, NO_TRIALS));
    const mean = ratios.reduce((a, b) => a + b) / ratios.length;
    assertEquals(trials, ratios.length);
    assertAlmostEquals(variance, ratios.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (ratios.length - 1), 1e-12);
  }));
});
