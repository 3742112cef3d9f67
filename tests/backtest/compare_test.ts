import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { compareBaselines, type CompareOptions } from "../../lib/backtest/compare.ts";
import type { Comparison } from "../../lib/backtest/comparison.ts";
import { deflateTogether } from "../../lib/backtest/deflate_together.ts";
import { pretrain } from "../../lib/backtest/pretrain.ts";
import { sharpeInterval } from "../../lib/statistics/sharpe_interval.ts";
import { deflatedSharpe } from "../../lib/statistics/deflated_sharpe.ts";
import { dieboldMariano } from "../../lib/statistics/diebold_mariano.ts";
import { metricIntervals } from "../../lib/statistics/metric_intervals.ts";
import { probabilisticSharpe } from "../../lib/statistics/probabilistic_sharpe.ts";
import { sharpeEstimate } from "../../lib/statistics/sharpe_estimate.ts";
import { NO_TRIALS, recordTrial, trialStatistics } from "../../lib/statistics/trial_log.ts";
import { judge } from "../../lib/report/verdict.ts";
import { labelRegimes } from "../../lib/features/regimes.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { taskBatches } from "../../lib/tasks/asset_tasks.ts";
import { marketRows } from "../../lib/tasks/market_rows.ts";
import { splitByTime } from "../../lib/tasks/split.ts";
import { random } from "../../lib/net/random.ts";
import { adaptationCurve } from "../../lib/backtest/adaptation_curve.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import { closesOnly, HOUR, randomWalk } from "../features/markets.ts";

const net = mlp({ inputs: 10, hidden: [6], outputs: 1, activation: "tanh" });
const config = maml({ net, inner: { steps: 3, lr: 0.05 }, outer: { lr: 0.01 } });

/** Meta-trains on random walks and compares on one never seen. */
async function compareOnWalks(symbol = "UNSEEN", more: CompareOptions = {}): Promise<Comparison> {
  await using engine = openNaiveEngine();
  const rows = [1, 2, 3].map((seed) => marketRows(randomWalk(500, seed), { horizon: 1 }));
  const split = splitByTime(rows, { train: 0.6, validation: 0.1 });
  const shape = { supportRows: 30, queryRows: 15 };
  const batches = taskBatches(split.train, { ...shape, tasks: 3, batches: 30, seed: 4 });
  let state = metaInit(config, { seed: 5 });
  for await (const progress of metaTrain(engine, state, batches, { every: 10 })) state = progress.state;
  const pretrained = await pretrain(engine, config, batches, { seed: 5 });
  const options = { supportRows: 30, costRate: 0.0005, from: split.testFrom, seed: 6, shuffles: 100, ...more };
  return await compareBaselines(engine, { metaLearned: state, pretrained }, randomWalk(900, 77, symbol), options);
}

/** The comparison that tests read and none changes. */
const shared = await compareOnWalks();

Deno.test("compareBaselines() runs every baseline on the same bars, and none wins on a random walk (trap 1)", () => {
  const { strategies, randomWalk } = shared;
  assertEquals(
    strategies.map(({ result }) => result.strategy),
    ["meta-learned", "pretrained + fine-tuned", "from scratch", "zero predictor", "buy and hold"],
  );
  for (const { result, curve, sharpeInterval } of strategies) {
    assertEquals(result.time, strategies[0].result.time);
    assertEquals(result.labels, strategies[0].result.labels);
    assert(!(sharpeInterval.low! > 0), `${result.strategy} shows ${sharpeInterval.low} to ${sharpeInterval.high}`);
    if (result.strategy === "buy and hold") assertEquals([curve, result.queryLoss], [null, null]);
    else assertEquals(curve!.steps, [0, 1, 5, 10]);
  }
  const [meta, , , zero, hold] = strategies.map(({ result }) => result);
  assertEquals([zero.trades.length, zero.costs, zero.metrics.sharpe], [0, 0, null]);
  assertEquals(hold.trades.length, 1);
  assertAlmostEquals(hold.costs, 0.0005 * 10_000 / 1.0005, 1e-9, "one purchase, its fee out of the 10,000");
  assertEquals([randomWalk.strategy, randomWalk.sharpe], ["meta-learned", meta.metrics.sharpe]);
  assertGreater(randomWalk.shareAbove!, 0.025);
});

Deno.test("compareBaselines() gives the same result twice", async () => {
  assertEquals(await compareOnWalks(), shared);
});

Deno.test("adaptationCurve() takes the steps of the backtest from the backtest, and they agree", async () => {
  await using engine = openNaiveEngine();
  const walk = walkForward(randomWalk(220, 3), { supportRows: 20 });
  const state = metaInit(config, { seed: 1 });
  const measured = await adaptationCurve(engine, state, walk, { steps: [0, 3] });
  const known = { steps: 3, loss: measured.losses[1] };
  assertEquals(await adaptationCurve(engine, state, walk, { steps: [0, 3], known }), measured);
  const { strategies } = await compareBaselines(engine, { metaLearned: state }, randomWalk(220, 3), {
    supportRows: 20,
    curveSteps: [0, 3],
    shuffles: 1,
  });
  assertEquals(strategies[0].curve, measured);
});

Deno.test("compareBaselines() finds what there is to find: a model ahead of its baselines on a market with momentum", async () => {
  await using engine = openNaiveEngine();
  const momentum = (seed: number) => {
    const stream = random(seed);
    let [price, move] = [100, 0];
    return closesOnly(
      Array.from({ length: 500 }, () => {
        move = 0.6 * move + 0.01 * stream.normal();
        return price *= 1 + move;
      }),
      `MOMENTUM${seed}`,
    );
  };
  const markets = [1, 2, 3, 4].map((seed) => marketRows(momentum(seed), { horizon: 1 }));
  const batches = taskBatches(markets, { supportRows: 30, queryRows: 15, tasks: 4, batches: 150, seed: 4 });
  let state = metaInit(config, { seed: 5 });
  for await (const progress of metaTrain(engine, state, batches, { every: 50 })) state = progress.state;
  const options = { supportRows: 30, fill: "close" as const, costRate: 0.0005, seed: 6, shuffles: 100 };
  const traded = momentum(99);
  const after = traded.time[traded.time.length - 1] - traded.time[0] + HOUR;
  const later = { ...traded, time: traded.time.map((time) => time + after) };
  const comparison = await compareBaselines(engine, { metaLearned: state }, later, options);
  const [meta, scratch, zero] = comparison.strategies;
  assertLess(meta.result.queryLoss!, zero.result.queryLoss!);
  assertLess(meta.result.queryLoss!, scratch.result.queryLoss!);
  assertGreater(meta.sharpeInterval.low!, 0);
  assertEquals(comparison.randomWalk.shareAbove, 1 / 101);
  assertEquals(judge(comparison).wins, true);
});

Deno.test("pretrain() lowers the pooled loss and keeps the method's inner loop", async () => {
  await using engine = openNaiveEngine();
  const rows = marketRows(randomWalk(400, 1), { horizon: 1 });
  const batches = [...taskBatches([rows], { supportRows: 20, queryRows: 10, tasks: 2, batches: 60, seed: 1 })];
  const before = metaInit(config, { seed: 3 });
  const after = await pretrain(engine, config, batches, { seed: 3 });
  assertEquals(after.config.inner, config.inner);
  assertEquals([after.logLr, after.step], [before.logLr, 0]);
  const pooledLoss = async (params: Float32Array): Promise<number> => {
    let sum = 0;
    for (const { query } of batches.flat()) {
      const outputs = await engine.forward(net, params, query.x);
      sum += outputs.reduce((total, y, i) => total + (y - query.y[i]) ** 2, 0) / query.rows;
    }
    return sum;
  };
  assertLess(await pooledLoss(after.params), await pooledLoss(before.params));
});

Deno.test("judge() says when the model loses, and to what", () => {
  const comparison = shared;
  const verdict = judge(comparison);
  assertEquals(verdict.wins, false);
  assertStringIncludes(verdict.sentences[0], "does not beat");
  const [meta] = comparison.strategies;
  const winner = {
    ...meta,
    result: { ...meta.result, queryLoss: 0, metrics: { ...meta.result.metrics, sharpe: 9, totalReturn: 1 } },
    sharpeInterval: { low: 5, high: 12, level: 0.95 },
  };
  const won = { ...comparison, strategies: [winner, ...comparison.strategies.slice(1)] };
  const lucky = { ...won, randomWalk: { ...comparison.randomWalk, shareAbove: 0.01 } };
  assertEquals([judge(lucky).wins, judge(lucky).significant], [true, false]);
  const sure = { ...winner, deflatedSharpe: { ...winner.deflatedSharpe, value: 0.99, reason: null } };
  const significant = { ...lucky, strategies: [sure, ...comparison.strategies.slice(1)] };
  assertEquals([judge(significant).wins, judge(significant).significant], [true, true]);
  assertEquals(judge({ ...won, randomWalk: { ...comparison.randomWalk, shareAbove: 0.3 } }).wins, false);
});

Deno.test("compareBaselines() gives the statistics that their functions give", () => {
  const { strategies, trials } = shared;
  const log = strategies.reduce(
    (so, { result }) => recordTrial(so, sharpeEstimate(result.netReturns).sharpe),
    NO_TRIALS,
  );
  assertEquals(trials, log);
  const [meta] = strategies;
  for (const { result, intervals, sharpeInterval: bounds, ...strategy } of strategies) {
    const { netReturns, periodsPerYear, labels, predictions, horizon } = result;
    const estimate = sharpeEstimate(netReturns);
    assertEquals(intervals, metricIntervals(netReturns, { activity: result, periodsPerYear, seed: 6 }));
    assertEquals(bounds, sharpeInterval(netReturns, { periodsPerYear, seed: 6 }));
    assertEquals(strategy.probabilisticSharpe, probabilisticSharpe(estimate));
    assertEquals(strategy.deflatedSharpe, deflatedSharpe(estimate, trialStatistics(log)));
    if (result === meta.result || result.queryLoss === null) assertEquals(strategy.dieboldMariano, null);
    else {
      assertEquals(
        strategy.dieboldMariano,
        dieboldMariano(labels, meta.result.predictions, predictions, { horizon }),
      );
      assertEquals(strategy.dieboldMariano!.rows, labels.filter((label) => !Number.isNaN(label)).length);
    }
  }
});

Deno.test("compareBaselines() counts the trials before it, and judges harder the more there were", async () => {
  const alone = shared;
  const earlier = { sharpes: [0.1, null, -0.2, 0.3] };
  const later = await compareOnWalks("UNSEEN", { trials: earlier });
  assertEquals(later.trials.sharpes, [...earlier.sharpes, ...alone.trials.sharpes]);
  assertEquals(earlier, { sharpes: [0.1, null, -0.2, 0.3] });
  const hold = (comparison: typeof alone) => comparison.strategies[comparison.strategies.length - 1].deflatedSharpe;
  assertEquals([hold(alone).trials, hold(later).trials], [5, 9]);
  assertLess(hold(later).value!, hold(alone).value!);
});

Deno.test("compareBaselines() labels each decision with the regime known then", () => {
  const { regimes, strategies: [{ result }] } = shared;
  const candles = randomWalk(900, 77, "UNSEEN");
  assertEquals(regimes.length, result.decisionTime.length);
  for (const i of [0, 100, regimes.length - 1]) {
    const end = candles.time.indexOf(result.decisionTime[i]) + 1;
    const known = labelRegimes({ time: candles.time.slice(0, end), close: candles.close.slice(0, end) });
    assertEquals(regimes[i], known.regime[known.regime.length - 1]);
  }
});

Deno.test("compareBaselines() holds the market in buy and hold whatever the stops and brakes", async () => {
  const rules = { exits: { stop: { fraction: 0.01 } }, brake: { start: 0.01, stop: 0.02 } };
  const hold = (comparison: Comparison) => comparison.strategies[comparison.strategies.length - 1].result;
  const braked = await compareOnWalks("UNSEEN", rules);
  assertEquals(hold(braked), hold(shared));
  assert(braked.strategies[0].result.trades.some(({ exitReason }) => exitReason === "stop"));
});

Deno.test("deflateTogether() counts every strategy of every market once, and changes nothing else", async () => {
  const comparisons = [await compareOnWalks("A"), await compareOnWalks("B", { trials: { sharpes: [0.5] } })];
  const before = structuredClone(comparisons);
  const together = deflateTogether(comparisons, { sharpes: [0.2] });
  assertEquals(comparisons, before);
  const all = comparisons.flatMap(({ strategies }) => strategies.map(({ result }) => result.netReturns));
  const log = { sharpes: [0.2, ...all.map((returns) => sharpeEstimate(returns).sharpe)] };
  for (const [i, { trials, strategies, ...others }] of together.entries()) {
    assertEquals(trials, log);
    const { trials: _trials, strategies: single, ...same } = comparisons[i];
    assertEquals(others, same);
    for (const [j, { deflatedSharpe: judged, ...rest }] of strategies.entries()) {
      assertEquals(judged, deflatedSharpe(sharpeEstimate(rest.result.netReturns), trialStatistics(log)));
      const { deflatedSharpe: _alone, ...unchanged } = single[j];
      assertEquals(rest, unchanged);
    }
  }
});

Deno.test("deflateTogether() refuses bars of different lengths, whose ratios do not compare", () => {
  const [meta, ...others] = shared.strategies;
  const daily = { ...shared, strategies: [{ ...meta, result: { ...meta.result, interval: "1d" } }, ...others] };
  assertThrows(() => deflateTogether([shared, daily]), RangeError, "received 1h and 1d");
});

Deno.test("judge() names the baselines whose forecasts differ, and the trials that deflate the Sharpe ratio", () => {
  const comparison = shared;
  const [meta, pretrained, ...others] = comparison.strategies;
  const tested = { ...pretrained.dieboldMariano!, statistic: -3, pValue: 0.004 };
  const strategies = [meta, { ...pretrained, dieboldMariano: tested }, ...others];
  const text = judge({ ...comparison, strategies }).sentences.join(" ");
  assertStringIncludes(text, "more accurate than those of pretrained + fine-tuned (p = 0.004)");
  assertStringIncludes(text, "over 5 trials, short of 0.95: not significant.");
  const worse = { ...pretrained, dieboldMariano: { ...tested, statistic: 3, pValue: 0.0001 } };
  const losing = judge({ ...comparison, strategies: [meta, worse, ...others] }).sentences.join(" ");
  assertStringIncludes(losing, "less accurate than those of pretrained + fine-tuned (p < 0.001)");
});
