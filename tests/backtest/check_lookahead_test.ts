import { assert, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { checkLookahead, type LookaheadStage } from "../../lib/backtest/check_lookahead.ts";
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

Deno.test("checkLookahead() throws on a cut without decisions before it or bars after it", async () => {
  await using engine = openNaiveEngine();
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
