import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { checkLookahead } from "../../lib/backtest/check_lookahead.ts";
import type { LookaheadStage } from "../../lib/backtest/lookahead_report.ts";
import { BACKTEST_STAGES, type DecisionRun, type LookaheadStages } from "../../lib/backtest/lookahead_stages.ts";
import { backtest } from "../../lib/backtest/backtest.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { FeatureMatrix } from "../../lib/features/feature_matrix.ts";
import { forwardReturns, type Labels } from "../../lib/features/labels.ts";
import { tradingFeatures } from "../../lib/features/trading_features.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { taskBatches } from "../../lib/tasks/asset_tasks.ts";
import { marketRows } from "../../lib/tasks/market_rows.ts";
import { splitByTime } from "../../lib/tasks/split.ts";
import { closesOnly, HOUR, randomWalk } from "../features/markets.ts";

const net = mlp({ inputs: 10, hidden: [6], outputs: 1, activation: "tanh" });
const state = metaInit(maml({ net, inner: { steps: 3, lr: 0.05 } }), { seed: 2 });

/** Pairs each feature row with the bar after it, as a dropna without a join does. */
function shiftedFeatures(candles: Candles): FeatureMatrix {
  const features = tradingFeatures(candles);
  const values = features.values.slice(features.cols);
  return { ...features, rows: features.rows - 1, time: features.time.slice(0, -1), values };
}

/** Scales by the whole file: a small leak that no single row shows. */
function fileScaledFeatures(candles: Candles): FeatureMatrix {
  const features = tradingFeatures(candles);
  const last = candles.close[candles.close.length - 1];
  return { ...features, values: features.values.map((value) => value + 1e-13 * last) };
}

/** Says a label is known one bar before it is. */
function earlyLabels(candles: Candles, horizon: number): Labels {
  const labels = forwardReturns(candles, horizon);
  return { ...labels, knownAt: candles.time.slice(horizon - 1, candles.time.length - 1) };
}

Deno.test("checkLookahead() finds nothing in the pipeline, bitwise, whatever the fill and horizon", async () => {
  await using engine = openNaiveEngine();
  const risky = {
    sizing: { kind: "volatility" as const, target: 0.01 },
    exits: { stop: { volatility: 1.5, trailing: true }, takeProfit: { fraction: 0.02 } },
    costs: { takerFee: 0.001, rangeSlippage: 0.1, funding: { rate: 0.0001 }, borrow: 0.05 },
    brake: { start: 0.05, stop: 0.5 },
  };
  for (const options of [{}, risky, { horizon: 5, fill: "close" as const }, { horizon: 3, every: 3, steps: 1 }]) {
    const report = await checkLookahead(engine, state, randomWalk(230, 7), { supportRows: 25, ...options });
    assertEquals(report.leaks, []);
    assert(report.ok);
    assertEquals(report.cuts.length, 3);
    assertGreater(report.compared, 10_000);
  }
});

Deno.test("checkLookahead() finds nothing in a close-only market", async () => {
  await using engine = openNaiveEngine();
  const report = await checkLookahead(engine, state, closesOnly(randomWalk(200, 8).close), { supportRows: 20 });
  assertEquals(report.leaks, []);
});

Deno.test("checkLookahead() catches features paired with the next bar's price (trap 1)", async () => {
  await using engine = openNaiveEngine();
  const options = { supportRows: 25, features: shiftedFeatures };
  const report = await checkLookahead(engine, state, randomWalk(230, 7), options);
  assert(!report.ok);
  assertEquals(report.leaks[0].stage, "features");
  const honest = await backtest(engine, state, randomWalk(900, 7), { supportRows: 40, fill: "close", costRate: 0 });
  const leaking = await backtest(
    engine,
    metaInit(maml({ net, inner: { steps: 20, lr: 0.1 } }), { seed: 2 }),
    randomWalk(900, 7),
    {
      ...options,
      fill: "close",
      costRate: 0,
    },
  );
  assertGreater(leaking.metrics.sharpe!, 3 + Math.abs(honest.metrics.sharpe!));
});

Deno.test("checkLookahead() catches a scaler fitted on the whole file", async () => {
  await using engine = openNaiveEngine();
  const options = { supportRows: 25, features: fileScaledFeatures };
  const report = await checkLookahead(engine, state, randomWalk(230, 7), options);
  assertEquals([report.ok, report.leaks[0].stage, report.leaks.length], [false, "features", 6]);
});

Deno.test("checkLookahead() catches a label used before its horizon has passed (trap 2)", async () => {
  await using engine = openNaiveEngine();
  const options = { supportRows: 25, horizon: 2, labels: earlyLabels };
  const report = await checkLookahead(engine, state, randomWalk(230, 7), options);
  assertEquals([report.ok, report.leaks[0].stage], [false, "labels"]);
});

const wide = metaInit(maml({ net: mlp({ inputs: 11, hidden: [6], outputs: 1, activation: "tanh" }) }), { seed: 2 });

/** The trading features with one more column, `extra`, by bar. */
function withColumn(extra: (candles: Candles, bar: number) => number): (candles: Candles) => FeatureMatrix {
  return (candles) => {
    const { names, cols: before, rows, warmup, values: old, ...rest } = tradingFeatures(candles);
    const cols = before + 1;
    const values = new Float64Array(rows * cols);
    for (let i = 0; i < rows; i++) {
      values.set(old.subarray(i * before, (i + 1) * before), i * cols);
      values[i * cols + before] = extra(candles, i + warmup);
    }
    return { ...rest, rows, warmup, names: [...names, "extra"], cols, values };
  };
}

function nextReturn({ close }: Candles, bar: number): number {
  return (close[bar + 1] ?? close[bar]) / close[bar] - 1;
}

function lastReturn({ close }: Candles, bar: number): number {
  return close[bar] / close[bar - 1] - 1;
}

Deno.test("checkLookahead() catches a leak at one bar in eight or in 24, wherever the run begins and the cuts fall", async () => {
  await using engine = openNaiveEngine();
  const market = randomWalk(250, 3);
  for (const rhythm of [8, 24]) {
    const features = withColumn((candles, bar) => bar % rhythm === 0 ? nextReturn(candles, bar) : 0);
    for (const shift of [0, 3, 7]) {
      const options = { supportRows: 20, features, from: market.time[150 + shift], denseCuts: 60, seed: shift };
      const { ok, leaks, sentences } = await checkLookahead(engine, wide, market, options);
      assertEquals([ok, leaks[0].stage, leaks[0].where.endsWith("column extra")], [false, "features", true]);
      assert(sentences[0].startsWith("Look-ahead: features moved"));
    }
  }
});

Deno.test("checkLookahead() vouches for no column that was read from elsewhere, mixed or not", async () => {
  await using engine = openNaiveEngine();
  const market = randomWalk(250, 1);
  const table = market.close.map((_, bar) => nextReturn(market, bar));
  const leader = { ...market, close: randomWalk(250, 2).close.map((price, i) => (price + market.close[i]) / 2) };
  const planted: [string, (candles: Candles, bar: number) => number, ok: boolean][] = [
    ["its own next bar from a table made before", (_, bar) => table[bar], false],
    ["the same at one bar in eight", (_, bar) => bar % 8 === 0 ? table[bar] : 0, false],
    ["the same mixed with its own last bar", (candles, bar) => table[bar] - 0.5 * lastReturn(candles, bar), false],
    ["the next bar of a market that moves with it", (_, bar) => nextReturn(leader, bar), false],
    ["the hour of the day", (candles, bar) => candles.time[bar] / HOUR % 24, true],
  ];
  for (const [what, extra, ok] of planted) {
    const options = { supportRows: 20, features: withColumn(extra), denseCuts: 10 };
    const report = await checkLookahead(engine, wide, market, options);
    assertEquals([report.ok, report.leaks, report.unvouched.map(({ name }) => name)], [ok, [], ["extra"]], what);
    assert(report.sentences.some((sentence) => sentence.startsWith("Not vouched for") && sentence.includes("extra")));
  }
});

Deno.test("checkLookahead() vouches for columns computed from their own bars, whatever their kind", async () => {
  await using engine = openNaiveEngine();
  const columns: ((candles: Candles, bar: number) => number)[] = [
    (candles, bar) => Math.sign(lastReturn(candles, bar)),
    ({ close }, bar) => close[bar] > close[Math.max(0, bar - 100)] ? 1 : 0,
    ({ volume }, bar) => volume[bar],
    ({ close }, bar) => Math.abs(close[bar] / close[bar - 1] - 1) > 0.03 ? 1 : 0,
    () => 7,
  ];
  for (const [seed, extra] of columns.entries()) {
    for (const horizon of [1, 5]) {
      const options = { supportRows: 20, horizon, features: withColumn(extra), denseCuts: 10, seed };
      const { ok, unvouched } = await checkLookahead(engine, wide, randomWalk(250, 20 + seed), options);
      assertEquals([ok, unvouched], [true, []], `column ${seed}, horizon ${horizon}`);
    }
  }
});

Deno.test("checkLookahead() changes the future of the other markets that features read", async () => {
  await using engine = openNaiveEngine();
  const [market, other] = [randomWalk(250, 1), randomWalk(250, 2)];
  const before = structuredClone(other);
  const reading = (extra: (candles: Candles, bar: number) => number) => ({
    markets: [other],
    features: ([given]: readonly Candles[]) => withColumn((_, bar) => extra(given, bar)),
  });
  // The other market has no bar behind its last one when it is cut.
  const last = ({ close }: Candles, bar: number): number =>
    bar < close.length ? lastReturn({ close } as Candles, bar) : 0;
  const honest = await checkLookahead(engine, wide, market, { supportRows: 20, otherMarkets: reading(last) });
  assertEquals([honest.leaks, honest.unvouched, honest.ok], [[], [], true]);
  assert(honest.sentences.some((sentence) => sentence.includes("bars of 1 other market")));
  const peeking = await checkLookahead(engine, wide, market, { supportRows: 20, otherMarkets: reading(nextReturn) });
  assertEquals([peeking.ok, peeking.leaks[0].stage], [false, "features"]);
  assertEquals(other, before);
});

Deno.test("checkLookahead() runs the backtest with features one bar late where asked to", async () => {
  await using engine = openNaiveEngine();
  const market = randomWalk(400, 5);
  const options = {
    supportRows: 30,
    fill: "close" as const,
    costRate: 0,
    denseCuts: 5,
    features: withColumn(nextReturn),
  };
  const learner = metaInit(maml({ net: wide.config.net, inner: { steps: 20, lr: 0.1 } }), { seed: 2 });
  const { lagged } = await checkLookahead(engine, learner, market, { ...options, lagged: true });
  const { metrics } = await backtest(engine, learner, market, options);
  assertAlmostEquals(lagged!.sharpe!, metrics.sharpe!, 1e-9);
  assertGreater(lagged!.sharpe!, 10);
  assertLess(lagged!.lagged!, lagged!.sharpe! / 2);
  assertEquals((await checkLookahead(engine, learner, market, options)).lagged, null);
});

const { tasks, walk, adapt, predict, positions, execute } = BACKTEST_STAGES;

/** The close of the bar after each decision, or of the last bar. */
function nextClose({ candles, walk: { start, time } }: DecisionRun): Float64Array {
  return time.map((_, i) => candles.close[Math.min(start + i + 1, candles.close.length - 1)]);
}

/** One leak a stage, each as small as the mistake that it stands for. */
const PLANTED: readonly (readonly [LookaheadStage, string, Partial<LookaheadStages>])[] = [
  ["tasks", "tasks drawn from labels that are not known yet", {
    tasks: (rows, draw) => tasks(rows, { ...draw, to: draw.to + 3 * HOUR }),
  }],
  ["supports", "a support set with the label of the decision's own bar", {
    walk: (candles, options) => {
      const laid = walk(candles, options);
      return { ...laid, pairs: laid.pairs.map((pair, i) => laid.pairs[i + 1] ?? pair) };
    },
  }],
  ["adapted parameters", "a model adapted with the last price of the file in its scale", {
    adapt: async (engine, state, run) =>
      (await adapt(engine, state, run)).map(({ params }) => ({
        params: params.map((value) => value + 1e-4 * run.candles.close[run.candles.close.length - 1]),
      })),
  }],
  ["predictions", "forecasts nudged by the price that follows", {
    predict: async (engine, state, run) => {
      const next = nextClose(run);
      return (await predict(engine, state, run)).map((value, i) => value + 1e-9 * next[i]);
    },
  }],
  ["positions", "a filter that stands aside before a fall", {
    positions: (predictions, run) => {
      const next = nextClose(run);
      return positions(predictions, run).map((size, i) => next[i] < run.candles.close[run.walk.start + i] ? 0 : size);
    },
  }],
  ["equity", "fills at the close after the one they are booked on", {
    execute: (candles, wanted, options) => {
      const close = candles.close.map((price, i) => candles.close[i + 1] ?? price);
      return execute({ ...candles, close }, wanted, options);
    },
  }],
];

for (const [stage, what, stages] of PLANTED) {
  Deno.test(`checkLookahead() catches ${what} as a leak of ${stage}`, async () => {
    await using engine = openNaiveEngine();
    const report = await checkLookahead(engine, state, randomWalk(230, 7), { supportRows: 25, stages });
    assertEquals(report.ok, false);
    assertEquals(new Set(report.leaks.map((leak) => leak.stage)), new Set([stage]));
    assertEquals(new Set(report.leaks.map(({ cut }) => cut)).size, 3, "every cut shows it");
  });
}

Deno.test("checkLookahead() catches regimes read from the whole file", async () => {
  await using engine = openNaiveEngine();
  const regimes = (candles: Candles) => {
    const labels = BACKTEST_STAGES.regimes(candles);
    const last = candles.close[candles.close.length - 1];
    return { ...labels, trendStrength: labels.trendStrength.map((value) => value + 1e-12 * last) };
  };
  const { ok, leaks } = await checkLookahead(engine, state, randomWalk(400, 7), {
    supportRows: 25,
    stages: { regimes },
  });
  assertEquals([ok, leaks[0].stage], [false, "regimes"]);
});

Deno.test("checkLookahead() throws on a cut without decisions before it or bars after it", async () => {
  await using engine = openNaiveEngine();
  const none = { supportRows: 25, denseCuts: 0 };
  await assertRejects(() => checkLookahead(engine, state, randomWalk(230, 7), none), RangeError, "denseCuts");
  for (const cut of [10, 229]) {
    const options = { supportRows: 25, cuts: [cut] };
    await assertRejects(() => checkLookahead(engine, state, randomWalk(230, 7), options), RangeError, `got ${cut}`);
  }
});

Deno.test("meta-training before a date and trading up to a bar do not move with any bar after it, bitwise", async () => {
  await using engine = openNaiveEngine();
  const walks = [1, 2].map((seed) => randomWalk(420, seed));
  const splitAt = walks[0].time[300];
  const changeAfter = (candles: Candles, time: number): Candles => {
    const change = (values: Float64Array) =>
      values.map((v, i) => candles.time[i] > time ? v * (1.1 + (i % 5) / 10) : v);
    return { ...candles, open: change(candles.open), close: change(candles.close) };
  };
  const train = async (markets: Candles[]) => {
    const rows = markets.map((candles) => marketRows(candles, { horizon: 3 }));
    const { train } = splitByTime(rows, { validationFrom: splitAt, testFrom: splitAt });
    const batches = taskBatches(train, { supportRows: 20, queryRows: 10, tasks: 2, batches: 20, seed: 3 });
    let reached = state;
    for await (const progress of metaTrain(engine, state, batches, { every: 20 })) reached = progress.state;
    return { drawn: [...batches], reached };
  };
  const [before, after] = [await train(walks), await train(walks.map((candles) => changeAfter(candles, splitAt - 1)))];
  assertEquals(after.drawn, before.drawn);
  assertEquals(after.reached, before.reached);
  assert(before.reached.params.some((value, i) => value !== state.params[i]));
  const now = walks[0].time[380];
  const options = { supportRows: 20, horizon: 3, from: splitAt };
  const [told, untold] = [walks[0], changeAfter(walks[0], now)];
  const results = [
    await backtest(engine, before.reached, told, options),
    await backtest(engine, after.reached, untold, options),
  ];
  const [a, b] = results.map(({ decisionTime, predictions, wanted, equity }) => {
    const decisions = decisionTime.filter((time) => time <= now).length;
    return [predictions.slice(0, decisions), wanted.slice(0, decisions), equity.slice(0, decisions - 1)];
  });
  assertEquals(b, a);
  assertEquals(a[0].length, 81);
});
