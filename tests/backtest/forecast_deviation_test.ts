// Sizes go by how far forecasts missed: intervals hold their coverage, and know no label before its time.
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { backtest } from "../../lib/backtest/backtest.ts";
import { checkLookahead } from "../../lib/backtest/check_lookahead.ts";
import { forecastDeviation } from "../../lib/backtest/forecast_deviation.ts";
import { forecastMarket, forecastsWithin, sizeForecasts } from "../../lib/backtest/forecast_market.ts";
import { BACKTEST_STAGES } from "../../lib/backtest/lookahead_stages.ts";
import { decisionContext, wantedPositions } from "../../lib/backtest/backtest.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { forwardReturns, type Labels } from "../../lib/features/labels.ts";
import { conformalBand, conformalDeviation } from "../../lib/forecast/conformal_band.ts";
import { forecast } from "../../lib/forecast/forecast.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { kellyPosition } from "../../lib/trading/sizing.ts";
import { quickForecaster, sharedForecaster, sliceBars } from "../forecast/fixtures.ts";
import { randomWalk } from "../features/markets.ts";

const HOUR = 3_600_000;
const NET = mlp({ inputs: 10, hidden: [6], outputs: 1, activation: "tanh" });
const STATE = metaInit(maml({ net: NET, inner: { steps: 3, lr: 0.05 } }), { seed: 2 });
const KELLY = { kind: "kelly", fraction: 0.5, cap: 10 } as const;

/** Decisions an hour apart, whose labels are known some bars later. */
function walkOf(labels: readonly number[], { horizon = 3, unit = 1 } = {}) {
  const time = Float64Array.from(labels, (_, i) => i * HOUR);
  return {
    time,
    labels: Float64Array.from(labels),
    knownAt: time.map((at) => at + horizon * HOUR),
    unit: new Float64Array(labels.length).fill(unit),
  };
}

/** The market with the bars behind one of them moved. */
function changedAfter(candles: Candles, last: number): Candles {
  const factor = (i: number): number => i > last ? 1 + 0.2 * Math.sin(i) : 1;
  const { open, high, low, close } = candles;
  const [o, h, l, c] = [open, high, low, close].map((prices) => prices.map((price, i) => price * factor(i)));
  return { ...candles, open: o, high: h, low: l, close: c };
}

Deno.test("deviations hold the coverage of their intervals within its bound, when errors grow threefold half way", () => {
  const stream = random(3);
  const errors = Array.from({ length: 6000 }, (_, i) => (i < 3000 ? 0.01 : 0.03) * stream.normal());
  const walk = walkOf(errors, { unit: 0.01 });
  const { deviation, coverage } = forecastDeviation(walk, new Float64Array(6000));
  assert(Math.abs(coverage.share! - 0.8) <= coverage.bound!);
  assertAlmostEquals(coverage.share!, 0.8, 0.015);
  assertLess(coverage.bound!, 0.03);
  // The errors are normal, so that the deviation is theirs.
  assertEquals(deviation[0], 0.01);
  assertAlmostEquals(deviation[2999], 0.01, 0.002);
  assertAlmostEquals(deviation[5999], 0.03, 0.006);
});

Deno.test("a deviation knows no label before it is known, however late that is, and changes no input", () => {
  const stream = random(4);
  const labels = Array.from({ length: 300 }, () => stream.normal());
  for (const horizon of [1, 7]) {
    const walk = walkOf(labels, { horizon });
    const copy = structuredClone(walk);
    const later = walkOf(labels.map((label, i) => i >= 200 ? 50 : label), { horizon });
    const [one, other] = [walk, later].map((of) => forecastDeviation(of, new Float64Array(300)).deviation);
    assertEquals(one.slice(0, 200 + horizon), other.slice(0, 200 + horizon));
    assert(one[200 + horizon] !== other[200 + horizon]);
    assertEquals(walk, copy);
  }
});

Deno.test("a walk says when each label is known, of labels of one's own, too", () => {
  const candles = randomWalk(230, 7);
  const late = (of: Candles, horizon: number): Labels => {
    const { time, knownAt, values } = forwardReturns(of, horizon);
    return { time: time.slice(0, -4), knownAt: knownAt.slice(4), values: values.slice(0, -4), horizon };
  };
  const lag = (options: object): Set<number> => {
    const { time, knownAt, labels } = walkForward(candles, { supportRows: 20, ...options });
    return new Set(Array.from(time, (at, i) => (knownAt[i] - at) / HOUR).filter((_, i) => !Number.isNaN(labels[i])));
  };
  assertEquals(lag({}), new Set([1]));
  assertEquals(lag({ horizon: 3 }), new Set([3]));
  assertEquals(lag({ labels: late }), new Set([5]));
});

Deno.test("backtest() sizes by the deviation of errors known by then, in one market and in several", async () => {
  await using engine = openNaiveEngine();
  const candles = randomWalk(320, 7);
  const options = { supportRows: 25, sizing: KELLY };
  const { wanted, predictions, decisionTime } = await backtest(engine, STATE, candles, options);
  const { deviation } = forecastDeviation(walkForward(candles, options), predictions);
  assertEquals(wanted, predictions.map((one, i) => kellyPosition(one, deviation[i], { fraction: 0.5, cap: 10 })));
  const { volatility } = decisionContext(candles, walkForward(candles, options));
  assertGreater(deviation.filter((one, i) => Math.abs(one / volatility[i] - 1) > 0.1).length, 100);
  const forecasts = await forecastMarket(engine, STATE, candles, options);
  assertEquals(sizeForecasts(forecasts, { sizing: KELLY }).sizes, wanted);
  const window = { from: decisionTime[40], to: decisionTime[90] };
  assertEquals(sizeForecasts(forecastsWithin(forecasts, window)!, { sizing: KELLY }).sizes, wanted.slice(40, 90));
});

Deno.test("sizes by interval width answer to no later bar, and one that does is caught", async () => {
  await using engine = openNaiveEngine();
  const candles = randomWalk(320, 7);
  const options = { supportRows: 25, sizing: KELLY, horizon: 2 };
  const start = candles.time.indexOf(walkForward(candles, options).time[0]);
  const [whole, changed] = await Promise.all(
    [candles, changedAfter(candles, start + 150)].map((market) => backtest(engine, STATE, market, options)),
  );
  assertEquals(whole.wanted.slice(0, 151), changed.wanted.slice(0, 151));
  assert(whole.wanted[151] !== changed.wanted[151]);
  const report = await checkLookahead(engine, STATE, sliceBars(candles, 0, 230), options);
  assertEquals([report.ok, report.leaks], [true, []]);
  const stages = {
    ...BACKTEST_STAGES,
    positions: (
      predictions: Float64Array,
      { candles, walk, options }: Parameters<typeof BACKTEST_STAGES.positions>[1],
    ) => {
      // As if every label were known at its own decision.
      const { deviation } = forecastDeviation({ ...walk, knownAt: walk.time }, predictions);
      return wantedPositions(predictions, options, decisionContext(candles, walk, deviation));
    },
  };
  const leaking = await checkLookahead(engine, STATE, sliceBars(candles, 0, 230), { ...options, stages });
  assertEquals([leaking.ok, leaking.leaks[0].stage], [false, "positions"]);
});

Deno.test("backtest() of a forecaster of returns sizes by the width of its adaptive band", async () => {
  const { engine, pool } = await sharedForecaster();
  const markets = pool.slice(0, 2).map((market) => sliceBars(market, 0, 700));
  const target = { kind: "return", horizon: 2 } as const;
  const found = await quickForecaster(engine, markets, { target, seeds: 1, testFrom: markets[0].time[400] });
  const forecaster = { ...found, shrinkage: 1 };
  const options = { from: markets[0].time[420], others: markets, costRate: 0.001, sizing: KELLY };
  const said = await forecast(engine, forecaster, markets[0], { from: options.from, others: markets });
  const deviation = conformalDeviation(forecaster, said);
  const { low, high, share, bound } = conformalBand(forecaster, said);
  deviation.forEach((one, i) => assertAlmostEquals(one, (high[i] - low[i]) / 2.5631031, 1e-8));
  assert(Math.abs(share! - 0.8) <= bound!);
  const { wanted } = await backtest(engine, forecaster, markets[0], options);
  assertEquals(wanted, said.value.map((one, i) => kellyPosition(one, deviation[i], { fraction: 0.5, cap: 10 })));
  const report = await checkLookahead(engine, forecaster, markets[0], {
    ...options,
    to: markets[0].time[520],
    denseCuts: 3,
    cuts: [480],
  });
  assertEquals([report.ok, report.leaks], [true, []]);
});
