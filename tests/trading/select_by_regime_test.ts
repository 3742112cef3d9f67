import fc from "fast-check";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  labelRegimes,
  type Regime,
  regimeAt,
  type RegimeLabels,
  REGIMES,
  type RegimeSeries,
} from "../../lib/features/regimes.ts";
import { random } from "../../lib/net/random.ts";
import { selectByRegime } from "../../lib/trading/select_by_regime.ts";
import { switchingPositions } from "../../lib/trading/switching_positions.ts";
import { firstBars, randomWalk } from "../features/markets.ts";

/** Labels at times 0, 1, 2, ... */
function labelsOf(regime: readonly Regime[], market = "X"): RegimeLabels {
  const zeros = new Float64Array(regime.length);
  return {
    market,
    time: zeros.map((_, i) => i),
    regime,
    trailingReturn: zeros,
    volatilityPercentile: zeros,
    trendStrength: zeros,
    warmup: 0,
  };
}

const runOf = (returns: number[], market = "X") => ({
  market,
  decisionTime: Float64Array.from({ length: returns.length + 1 }, (_, i) => i),
  netReturns: Float64Array.from(returns),
});

// Bar i follows the decision at time i, so it belongs to the regime known then.
const LABELS = labelsOf(["bull", "bull", "bull", "bear", "bear", "bear", "ranging", "bull"]);
const TREND = { name: "trend", runs: [runOf([0.02, 0.01, 0.03, -0.01, -0.02, -0.01, 0.01])] };
const SHY = { name: "shy", runs: [runOf([0.001, -0.001, 0.001, 0.001, 0.002, 0.001, 0.01])] };

Deno.test("selectByRegime() chooses by the regime known at each decision, computed by hand", () => {
  const { choices, fallback, tooFew, scores } = selectByRegime([TREND, SHY], [LABELS], { testFrom: 8, minBars: 3 });
  assertEquals([choices.bull, choices.bear], ["trend", "shy"]);
  assertEquals(tooFew, ["high-volatility", "low-volatility", "ranging"]);
  const scoreOf = (regime: Regime, candidate: string) =>
    scores.find((one) => one.regime === regime && one.candidate === candidate)!;
  assertEquals(scoreOf("bull", "trend").bars, 3);
  assertAlmostEquals(scoreOf("bull", "trend").mean, 0.02, 1e-15);
  assertAlmostEquals(scoreOf("bull", "trend").score, 2, 1e-12);
  assertAlmostEquals(scoreOf("bear", "shy").score, 0.004 / 3 / Math.sqrt(1e-6 / 3), 1e-9);
  assertEquals(scoreOf("low-volatility", "shy"), {
    regime: "low-volatility",
    candidate: "shy",
    bars: 0,
    mean: 0,
    score: 0,
  });
  // Over all bars shy has 0.0021 / 0.0035, trend 0.0043 / 0.0181.
  assertEquals([fallback, choices.ranging, choices["low-volatility"]], ["shy", "shy", "shy"]);
});

Deno.test("selectByRegime() pools markets, keeps to the fallback named, and to the score asked for", () => {
  const other = labelsOf(LABELS.regime, "Y");
  const pooled = [
    { name: "a", runs: [...TREND.runs, runOf([-0.05, -0.05, -0.05, 0, 0, 0, 0], "Y")] },
    { name: "flat", runs: [runOf(Array(7).fill(0)), runOf(Array(7).fill(0), "Y")] },
  ];
  const { choices, scores } = selectByRegime(pooled, [other, LABELS], { testFrom: 8, minBars: 6 });
  assertEquals([choices.bull, choices.bear, scores[0].bars], ["flat", "flat", 6]);
  const named = selectByRegime([TREND, SHY], [LABELS], { testFrom: 8, minBars: 3, fallback: "trend" });
  assertEquals([named.fallback, named.choices.ranging, named.choices.bear], ["trend", "trend", "shy"]);
  const means = selectByRegime([TREND, SHY], [LABELS], { testFrom: 8, minBars: 3, score: "mean" });
  assertEquals([means.fallback, means.choices.bull], ["trend", "trend"]);
  const tie = selectByRegime([SHY, { ...SHY, name: "twin" }], [LABELS], { testFrom: 8, minBars: 3 });
  assertEquals(new Set(Object.values(tie.choices)), new Set(["shy"]));
});

Deno.test("selectByRegime() refuses runs that reach into the test, and runs on different bars", () => {
  const options = { testFrom: 8, minBars: 3 };
  const select = (candidates: typeof TREND[], over = {}) => () =>
    selectByRegime(candidates, [LABELS], { ...options, ...over });
  assertThrows(select([TREND], { testFrom: 7 }), RangeError, "trend on X reaches to 7, the test begins at 7");
  assertThrows(select([TREND], { testFrom: NaN }), RangeError, "testFrom");
  assertThrows(select([]), RangeError, "at least 1 candidate");
  assertThrows(select([TREND, TREND]), RangeError, "different names");
  assertThrows(select([{ name: "a", runs: [] }]), RangeError, "a has no validation run");
  assertThrows(select([TREND, { name: "b", runs: [runOf([1, 2])] }]), TypeError, "different bars (X)");
  assertThrows(select([TREND, { name: "b", runs: [] }]), TypeError, "trend has 1 runs, b has 0");
  assertThrows(select([{ name: "a", runs: [runOf([1, NaN])] }]), TypeError, "got NaN at 1 (a, X)");
  assertThrows(select([{ name: "a", runs: [runOf([1, 2], "Z")] }]), RangeError, "Z has no regime labels");
  assertThrows(select([TREND], { minBars: 1 }), RangeError, "minBars");
  assertThrows(select([TREND], { fallback: "nobody" }), RangeError, "one of trend, got nobody");
  assertThrows(select([TREND], { score: "luck" }), RangeError, "got luck");
});

Deno.test("switchingPositions() takes each position from whom the regime known by then calls for", () => {
  const choice = selectByRegime([TREND, SHY], [LABELS], { testFrom: 8, minBars: 3 });
  const positions = { trend: Float64Array.of(1, 2, 3, 4), shy: Float64Array.of(-1, -2, -3, -4) };
  const decisionTime = Float64Array.of(-1, 1, 3.5, 7);
  const { positions: wanted, traders, regimes } = switchingPositions(choice, {
    positions,
    decisionTime,
    labels: LABELS,
  });
  assertEquals(regimes, [null, "bull", "bear", "bull"]);
  assertEquals(traders, ["shy", "trend", "shy", "trend"]);
  assertEquals([...wanted], [-1, 2, -3, 4]);
  const input = { positions: { trend: positions.trend }, decisionTime, labels: LABELS };
  assertThrows(() => switchingPositions(choice, input), RangeError, "shy was chosen, there are trend");
  const short = { ...positions, shy: new Float64Array(3) };
  assertThrows(
    () => switchingPositions(choice, { positions: short, decisionTime, labels: LABELS }),
    TypeError,
    "expected 4 positions of shy, received 3",
  );
});

Deno.test("switchingPositions() at or before t stay when later bars go or change, bitwise", () => {
  const whole = randomWalk(600, 3);
  const labels = labelRegimes(whole);
  const stream = random(2);
  const names = ["a", "b", "c"];
  const candidates = names.map((name) => ({
    name,
    runs: [{
      market: labels.market,
      decisionTime: labels.time.slice(0, 200),
      netReturns: Float64Array.from({ length: 199 }, () => 0.01 * stream.normal()),
    }],
  }));
  const choice = selectByRegime(candidates, [labels], { testFrom: labels.time[200], minBars: 5 });
  const decisionTime = labels.time.slice(200);
  const positions = Object.fromEntries(names.map((name) => [name, decisionTime.map(() => stream.normal())]));
  const all = switchingPositions(choice, { positions, decisionTime, labels });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: decisionTime.length }), (decisions) => {
      const known = labelRegimes(firstBars(whole, labels.warmup + 200 + decisions));
      const cut = Object.fromEntries(names.map((name) => [name, positions[name].slice(0, decisions)]));
      const prefix = switchingPositions(choice, {
        positions: cut,
        decisionTime: decisionTime.slice(0, decisions),
        labels: known,
      });
      assertEquals(prefix.positions, all.positions.slice(0, decisions));
      assertEquals(prefix.traders, all.traders.slice(0, decisions));
      assertEquals(prefix.regimes.at(-1), regimeAt(labels, decisionTime[decisions - 1]));
    }),
    { numRuns: 40, seed: 6 },
  );
  assertEquals(all.traders.every((name, i) => name === choice.choices[all.regimes[i]!]), true);
  assertEquals(Object.keys(choice.choices), [...REGIMES]);
});

Deno.test("selectByRegime() and switchingPositions() leave their inputs unchanged", () => {
  const before = structuredClone({ TREND, SHY, LABELS });
  const choice = selectByRegime([TREND, SHY], [LABELS], { testFrom: 8, minBars: 3 });
  const input = {
    positions: { trend: Float64Array.of(1), shy: Float64Array.of(2) },
    decisionTime: Float64Array.of(3),
    labels: LABELS,
  };
  const given = structuredClone({ input, choice });
  switchingPositions(choice, input);
  assertEquals({ TREND, SHY, LABELS }, before);
  assertEquals({ input, choice }, given);
});

Deno.test("selectByRegime() and switchingPositions() take regimes of one's own names", () => {
  const labels: RegimeSeries<"day" | "night" | "constructor"> = {
    market: "X",
    time: Float64Array.from({ length: 8 }, (_, i) => i),
    regime: ["day", "day", "day", "night", "night", "night", "night", "day"],
  };
  const choice = selectByRegime([TREND, SHY], [labels], { testFrom: 8, minBars: 3 });
  assertEquals(choice.choices, { day: "trend", night: "shy" } as typeof choice.choices);
  assertEquals(choice.scores.map(({ regime, bars }) => [regime, bars]), [
    ["day", 3],
    ["day", 3],
    ["night", 4],
    ["night", 4],
  ]);
  const later = { ...labels, regime: ["day", "night", "constructor", ...labels.regime.slice(3)] as const };
  const positions = { trend: new Float64Array(3).fill(1), shy: new Float64Array(3) };
  const { traders, regimes } = switchingPositions(choice, {
    positions,
    decisionTime: labels.time.slice(0, 3),
    labels: later,
  });
  assertEquals(regimes, ["day", "night", "constructor"]);
  assertEquals(traders, ["trend", "shy", choice.fallback]); // the fallback trades what validation has not seen
});
