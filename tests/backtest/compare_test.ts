import { assert, assertEquals, assertGreater, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import { compareBaselines } from "../../lib/backtest/compare.ts";
import { pretrain } from "../../lib/backtest/pretrain.ts";
import { renderReport } from "../../lib/backtest/report.ts";
import { judge } from "../../lib/backtest/verdict.ts";
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
import { closesOnly, randomWalk } from "../features/markets.ts";

const net = mlp({ inputs: 10, hidden: [6], outputs: 1, activation: "tanh" });
const config = maml({ net, inner: { steps: 3, lr: 0.05 }, outer: { lr: 0.01 } });

/** Meta-trains on random walks and compares on one never seen. */
async function compareOnWalks(symbol = "UNSEEN") {
  await using engine = openNaiveEngine();
  const rows = [1, 2, 3].map((seed) => marketRows(randomWalk(500, seed), { horizon: 1 }));
  const split = splitByTime(rows, { train: 0.6, validation: 0.1 });
  const shape = { supportRows: 30, queryRows: 15 };
  const batches = taskBatches(split.train, { ...shape, tasks: 3, batches: 30, seed: 4 });
  let state = metaInit(config, { seed: 5 });
  for await (const progress of metaTrain(engine, state, batches, { every: 10 })) state = progress.state;
  const pretrained = await pretrain(engine, config, batches, { seed: 5 });
  const options = { supportRows: 30, costRate: 0.0005, from: split.testFrom, seed: 6, shuffles: 100 };
  return await compareBaselines(engine, { metaLearned: state, pretrained }, randomWalk(900, 77, symbol), options);
}

Deno.test("compareBaselines() runs every baseline on the same bars, and none wins on a random walk (trap 1)", async () => {
  const { strategies, randomWalk } = await compareOnWalks();
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
  assertEquals([hold.trades.length, hold.costs], [1, 0.0005 * 10_000]);
  assertEquals([randomWalk.strategy, randomWalk.sharpe], ["meta-learned", meta.metrics.sharpe]);
  assertGreater(randomWalk.shareAbove!, 0.025);
});

Deno.test("compareBaselines() gives the same result twice", async () => {
  assertEquals(await compareOnWalks(), await compareOnWalks());
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
  const comparison = await compareBaselines(engine, { metaLearned: state }, momentum(99), options);
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

Deno.test("judge() says when the model loses, and to what", async () => {
  const comparison = await compareOnWalks();
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
  assertEquals(judge({ ...won, randomWalk: { ...comparison.randomWalk, shareAbove: 0.01 } }).wins, true);
  assertEquals(judge({ ...won, randomWalk: { ...comparison.randomWalk, shareAbove: 0.3 } }).wins, false);
});

Deno.test("renderReport() is one page without network or script, with every strategy and the verdict", async () => {
  const comparison = await compareOnWalks("<EVIL & CO>");
  const html = await renderReport([comparison], { settings: { seed: 6 } });
  for (const { result } of comparison.strategies) assertStringIncludes(html, result.strategy);
  assertStringIncludes(html, "does not beat");
  assertStringIncludes(html, "&#60;EVIL &#38; CO&#62;");
  assertEquals(html.includes("<EVIL"), false);
  assertEquals(/<script|https?:|src=|@import|url\(/i.test(html), false);
  assertEquals(/NaN|undefined|Infinity/.test(html.replaceAll("Undefined figures", "")), false);
  assertEquals(html.match(/<svg/g)!.length, 3);
  await assertRejects(() => renderReport([]), TypeError, "at least 1 comparison");
});
