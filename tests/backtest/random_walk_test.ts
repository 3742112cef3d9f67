// Strategies on random walks: what luck alone makes pass a deflated Sharpe ratio, counted over a whole small study.
import { assert, assertEquals } from "@std/assert";
import { judge } from "../../lib/report/verdict.ts";
import { compareBaselines } from "../../lib/backtest/compare.ts";
import { backtestPositions, backtestWalk } from "../../lib/backtest/backtest.ts";
import { deflatedSharpe } from "../../lib/statistics/deflated_sharpe.ts";
import { dieboldMariano } from "../../lib/statistics/diebold_mariano.ts";
import { sharpeInterval } from "../../lib/statistics/sharpe_interval.ts";
import { sharpeEstimate } from "../../lib/statistics/sharpe_estimate.ts";
import { NO_TRIALS, recordTrial, trialStatistics } from "../../lib/statistics/trial_log.ts";
import { randomWalkNull } from "../../lib/backtest/random_walk_null.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import { openEngine } from "../../lib/engine/open.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { taskBatches } from "../../lib/tasks/asset_tasks.ts";
import { marketRows } from "../../lib/tasks/market_rows.ts";
import { randomWalk } from "../features/markets.ts";

const WALKS = 20;

/** 5% of n, and 1.645 binomial errors: exceeded by chance in one study of twenty. */
function mostByLuck(n: number): number {
  return 0.05 * n + 1.645 * Math.sqrt(0.05 * 0.95 * n);
}

let trained: Promise<MetaState> | undefined;

/** What three other walks taught, once for every study. */
function learned(engine: Engine): Promise<MetaState> {
  return trained ??= train(engine);
}

async function train(engine: Engine): Promise<MetaState> {
  const net = mlp({ inputs: 10, hidden: [6], outputs: 1, activation: "tanh" });
  const config = maml({ net, inner: { steps: 2, lr: 0.05 }, outer: { lr: 0.01 } });
  const rows = [101, 102, 103].map((seed) => marketRows(randomWalk(500, seed), { horizon: 1 }));
  const batches = taskBatches(rows, { supportRows: 30, queryRows: 15, tasks: 4, batches: 50, seed: 1 });
  let state = metaInit(config, { seed: 2 });
  for await (const progress of metaTrain(engine, state, batches, { every: 50 })) state = progress.state;
  return state;
}

/** Deflated probabilities of every strategy tried on 20 random walks, four a walk, each deflated by its walk's trials. */
async function study(costRate: number): Promise<{ all: number[]; best: number[]; better: number }> {
  await using engine = await openEngine({ backend: "cpu" });
  const state = await learned(engine);
  const [all, best]: number[][] = [[], []];
  let better = 0;
  for (let walk = 0; walk < WALKS; walk++) {
    const candles = randomWalk(500, walk);
    const laid = walkForward(candles, { supportRows: 30 });
    let log = NO_TRIALS;
    const estimates = [];
    for (const [mode, steps] of [["long-short", 2], ["long-flat", 2], ["long-short", 1], ["long-flat", 0]] as const) {
      const result = await backtestWalk(engine, state, candles, { walk: laid, options: { mode, steps, costRate } });
      const estimate = sharpeEstimate(result.netReturns);
      if (mode === "long-short") assert(result.trades.length > 10, `${result.trades.length} trades`);
      log = recordTrial(log, estimate.sharpe);
      estimates.push(estimate);
      const { labels, predictions } = result;
      if (dieboldMariano(labels, predictions, new Float64Array(labels.length)).pBetter! < 0.05) better++;
    }
    assertEquals(trialStatistics(log).trials, 4);
    const passed = estimates.map((estimate) => deflatedSharpe(estimate, trialStatistics(log)).value ?? 0);
    all.push(...passed);
    best.push(Math.max(...passed));
  }
  return { all, best, better };
}

for (const costRate of [0.0005, 0]) {
  Deno.test(`deflatedSharpe() passes no more strategies on 20 random walks than luck allows, costs ${costRate}`, async () => {
    const { all, best, better } = await study(costRate);
    assertEquals([all.length, best.length], [80, WALKS]);
    const passing = (values: number[]): number => values.filter((value) => value > 0.95).length;
    assert(passing(all) <= mostByLuck(80), `${passing(all)} of 80 strategies pass`);
    assert(passing(best) <= mostByLuck(WALKS), `the best of ${passing(best)} of 20 walks passes`);
    assert(better <= mostByLuck(80), `${better} of 80 forecasts beat zero`);
  });
}

Deno.test("compareBaselines() finds skill on no more of 240 random walks than luck allows", async () => {
  await using engine = await openEngine({ backend: "cpu" });
  const net = mlp({ inputs: 10, hidden: [6], outputs: 1, activation: "tanh" });
  const config = maml({ net, inner: { steps: 2, lr: 0.05 } });
  const walks = 240;
  let [deflated, above, wins] = [0, 0, 0];
  for (let seed = 0; seed < walks; seed++) {
    const options = { supportRows: 30, costRate: 0, curveSteps: [], shuffles: 20, resamples: 100, seed };
    // A start of its own for each walk: what one start prefers would make the walks' outcomes depend on each other.
    const metaLearned = metaInit(config, { seed: 1000 + seed });
    const comparison = await compareBaselines(engine, { metaLearned }, randomWalk(300, 1000 + seed), options);
    const [{ deflatedSharpe: { value }, result: { netReturns, periodsPerYear } }] = comparison.strategies;
    if (value! > 0.95) deflated++;
    // The lowest 2% of a hundred resamples are two: too few to say where they end.
    if (sharpeInterval(netReturns, { periodsPerYear, resamples: 400, seed }).low! > 0) above++;
    if (judge(comparison).wins) wins++;
  }
  assert(deflated <= mostByLuck(walks), `deflated Sharpe ratios above 0.95 on ${deflated} of ${walks} walks`);
  // A 95% interval lies above zero on 2.5%: within the 99% of a binomial count, on either side.
  const error = 2.576 * Math.sqrt(0.025 * 0.975 * walks);
  assert(Math.abs(above - 0.025 * walks) <= error && above > 0, `intervals above zero on ${above} of ${walks} walks`);
  assert(wins <= mostByLuck(walks), `${wins} verdicts call it a win`);
});

Deno.test("deflatedSharpe() passes 5% of single trials on noise, and no more of the best of ten", () => {
  const studies = 1000;
  for (const trials of [1, 10]) {
    const stream = random(trials);
    let passed = 0;
    for (let i = 0; i < studies; i++) {
      const estimates = Array.from(
        { length: trials },
        () => sharpeEstimate(Float64Array.from({ length: 100 }, () => stream.normal())),
      );
      const log = estimates.map(({ sharpe }) => sharpe).reduce(recordTrial, NO_TRIALS);
      const best = estimates.reduce((a, b) => b.sharpe! > a.sharpe! ? b : a);
      if (deflatedSharpe(best, trialStatistics(log)).value! > 0.95) passed++;
    }
    assert(passed <= mostByLuck(studies), `best of ${trials}: ${passed} of ${studies}`);
    if (trials === 1) assert(passed >= 100 - mostByLuck(studies), `${passed} of ${studies}: too few for 5%`);
  }
});

Deno.test("deflatedSharpe() passes skill that is there, among nine trials without any", () => {
  const stream = random(4);
  const series = Array.from(
    { length: 10 },
    (_, i) => Float64Array.from({ length: 1000 }, () => (i === 3 ? 0.2 : 0) + stream.normal()),
  );
  const estimates = series.map(sharpeEstimate);
  const statistics = trialStatistics(estimates.map(({ sharpe }) => sharpe).reduce(recordTrial, NO_TRIALS));
  const passed = estimates.map((estimate) => deflatedSharpe(estimate, statistics).value! > 0.95);
  assertEquals(passed, Array.from(passed, (_, i) => i === 3));
});

Deno.test("randomWalkNull() counts shuffles that do as well but for rounding", () => {
  for (const seed of [1, 2, 3]) {
    const candles = randomWalk(300, seed);
    const walk = walkForward(candles, { supportRows: 20 });
    for (const position of [1, 0.5]) {
      const wanted = new Float64Array(walk.time.length).fill(position);
      const free = { costRate: 0, fill: "close" } as const;
      const held = backtestPositions("held", candles, { walk, wanted, options: free });
      const { shareAbove, ratios } = randomWalkNull(held, candles, { ...free, shuffles: 50, seed });
      if (position === 1) assertEquals([shareAbove, ratios.length], [1, 50]);
      else assert(shareAbove! > 0 && shareAbove! <= 1, `${shareAbove}`);
    }
  }
});
