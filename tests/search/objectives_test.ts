// The built-in objectives: what they measure is what the library's own functions give; they see nothing behind their range; what a
// search found is deflated by all that it tried.
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  backtest,
  type Candles,
  decodeState,
  encodeState,
  maml,
  metaInit,
  mlp,
  openEngine,
  random,
  simulateMarket,
  trainForecaster,
} from "@adaptrade/adaptrade";
import { sharpeEstimate } from "@adaptrade/adaptrade/statistics";
import { JobError, openPool, packValue, type Pool } from "../../lib/pool/mod.ts";
import { runMetaLoss } from "../../lib/search/objectives/meta_loss.ts";
import {
  deflatedSearch,
  metaLoss,
  netSharpe,
  type Objective,
  openSearches,
  populationBased,
  randomSearch,
  runSearch,
  type ScoredTrial,
  type Space,
  successiveHalving,
  validationLoss,
  walkForwardSkill,
} from "../../lib/search/mod.ts";

const MARKETS: readonly Candles[] = [1, 2].map((seed) =>
  simulateMarket({ bars: 900, seed, symbol: `SIM${seed}`, interval: "1d", garch: { alpha: 0.1, beta: 0.88 } }).candles
);
const { time } = MARKETS[0];
const RANGE = { from: time[600], to: time[760] };
const TRAINING = { target: { kind: "logVolatility", horizon: 5 }, seeds: 1, hidden: [4] } as const;
const SPACE: Space = {
  "meta.lr": { kind: "logUniform", min: 1e-4, max: 1e-2 },
  "support.rows": { kind: "integer", min: 30, max: 60 },
};

/** One trial of an objective, or of a search of more. */
async function tried(
  make: (pool: Pool) => Promise<Objective>,
  { space = SPACE, trials = 1, budget = 1 }: { space?: Space; trials?: number; budget?: number } = {},
): Promise<readonly ScoredTrial[]> {
  await using pool = await openPool("local", { workers: 0 });
  const result = await runSearch(pool, {
    space,
    method: randomSearch({ trials, budget }),
    objective: await make(pool),
  });
  return result.trials;
}

/** The training that a trial stands for. */
const trainingOf = ({ configuration }: ScoredTrial, { seed, steps }: { seed: number; steps: number }) => ({
  ...TRAINING,
  seed,
  pretrain: { steps },
  meta: { steps: Math.ceil(0.4 * steps), lr: configuration["meta.lr"] as number },
  support: { rows: configuration["support.rows"] as number },
});

/** The seed of a search's first trial, as run_search.ts draws it, within what a training takes. */
const FIRST_SEED = random(1).fork(0x7a1).fork(0).integer(2 ** 32) % 2 ** 31;

Deno.test("validationLoss() is what trainForecaster() says of the same training", async () => {
  const testFrom = RANGE.from;
  const training = { ...TRAINING, testFrom };
  const [trial] = await tried((pool) => validationLoss(pool, MARKETS, { training, steps: 10 }), { budget: 3 });
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const options = { ...trainingOf(trial, { seed: FIRST_SEED, steps: 30 }), testFrom };
  const { validation } = await trainForecaster(engine, MARKETS, options);
  assertEquals(trial.detail, { ...validation });
  assertEquals(trial.loss, validation.chosen / validation.anchor);
});

Deno.test("netSharpe() is the ratio of backtest()'s net returns, and deflatedSearch() counts every trial", async () => {
  const trade = { costRate: 0.001, sizing: { kind: "volatility", target: 0.01 } } as const;
  const [one] = MARKETS;
  // Networks of their own, for beside linear rules so short a training counts for nothing, and all trials would be alike.
  const training = { ...TRAINING, skip: "none" } as const;
  const make = (pool: Pool) => netSharpe(pool, [one], { training, steps: 10, ...RANGE, backtest: trade });
  const trials = await tried(make, { trials: 3 });
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const options = { ...trainingOf(trials[0], { seed: FIRST_SEED, steps: 10 }), ...training, testFrom: RANGE.from };
  const forecaster = await trainForecaster(engine, [one], options);
  const { netReturns } = await backtest(engine, forecaster, one, { ...trade, ...RANGE, others: [one] });
  const estimate = sharpeEstimate(netReturns);
  assertEquals((trials[0].detail as { estimate: unknown }).estimate, { ...estimate });
  assertEquals(trials[0].loss, -estimate.sharpe!);

  const deflated = deflatedSearch(trials);
  assertEquals(deflated.trials, 3);
  assertGreater(deflated.benchmark, 0);
  assertLess(deflated.value!, deflatedSearch([trials.toSorted((a, b) => a.loss! - b.loss!)[0]]).value!);
});

Deno.test("walkForwardSkill() and netSharpe() see no bar behind their range", async () => {
  const changed = MARKETS.map((market, m) => {
    const from = market.time.findIndex((at) => at >= RANGE.to);
    const wild = (values: Float64Array) => values.map((value, i) => i < from ? value : value * (2 + m + Math.sin(i)));
    return {
      ...market,
      open: wild(market.open),
      high: wild(market.high),
      low: wild(market.low),
      close: wild(market.close),
    };
  });
  const sizing = { kind: "volatility", target: 0.01 } as const;
  for (
    const make of [
      (pool: Pool, markets: readonly Candles[]) =>
        walkForwardSkill(pool, markets, { training: TRAINING, steps: 10, ...RANGE, folds: 2 }),
      // By default a fill comes at the next open: the last decision's would come on the first bar behind the range.
      ...[{ sizing }, { sizing, fill: "close" as const }].map((backtest) => (pool: Pool, markets: readonly Candles[]) =>
        netSharpe(pool, markets, { training: TRAINING, steps: 10, ...RANGE, backtest })
      ),
    ]
  ) {
    const [real] = await tried((pool) => make(pool, MARKETS));
    const [wild] = await tried((pool) => make(pool, changed));
    assert(real.loss !== null);
    assertEquals([wild.loss, wild.detail], [real.loss, real.detail]);
  }
});

Deno.test("walkForwardSkill() finds the risk that volatility clusters, and none on a walk", async () => {
  const steady = [11, 12].map((seed) =>
    simulateMarket({ bars: 900, seed, symbol: `W${seed}`, interval: "1d" }).candles
  );
  const settings = { training: TRAINING, steps: 60, ...RANGE, folds: 1 };
  const [clusters] = await tried((pool) => walkForwardSkill(pool, MARKETS, settings));
  const [walks] = await tried((pool) => walkForwardSkill(pool, steady, settings));
  assertLess(clusters.loss!, 1);
  assertGreater(walks.loss!, clusters.loss!);
  const { estimate } = clusters.detail as { estimate: { bars: number } };
  assertAlmostEquals(estimate.bars, 160 / 5, 2, "decisions a horizon apart");
});

const samples = (slope: number) => {
  const x = Float32Array.from({ length: 6 }, (_, i) => i / 3 - 1);
  return { rows: 6, x, y: x.map((value) => slope * value) };
};
const TASKS = [-2, -1, 1, 2].map((slope) => ({ support: samples(slope), query: samples(slope) }));
const CONFIG = maml({ net: mlp({ inputs: 1, hidden: [8], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
const RATES: Space = { "outer.lr": { kind: "logUniform", min: 1e-4, max: 1e-2 } };

Deno.test("metaLoss() trains on from its parent's state, and a population ends below its start", async () => {
  await using pool = await openPool("local", { workers: 0 });
  const objective = await metaLoss(pool, { config: CONFIG, tasks: TASKS, validation: TASKS }, { steps: 10 });
  const halved = await runSearch(pool, {
    space: RATES,
    method: successiveHalving({ trials: 9, maxBudget: 9 }),
    objective,
  });
  for (const { budget, detail } of halved.trials) assertEquals(detail, { steps: 10 * budget });
  const { state } = await decodeState(halved.state!);
  assertEquals(state.step, 90);
  assertEquals(state.config.outer?.lr, halved.best!.configuration["outer.lr"]);
  const grown = await runSearch(pool, {
    space: RATES,
    method: populationBased({ members: 4, generations: 5 }),
    objective,
  });
  const first = grown.trials.filter(({ rung }) => rung === 0).map(({ loss }) => loss!);
  assertLess(grown.best!.loss!, Math.min(...first));
});

Deno.test("metaLoss() gives a child its parent's values and moments under its own rate, and refuses another network's", async () => {
  await using pool = await openPool("local", { workers: 0 });
  const objective = await metaLoss(pool, { config: CONFIG, tasks: TASKS, validation: TASKS }, { steps: 3, tasks: 2 });
  using store = await openSearches(":memory:");
  const method = populationBased({ members: 4, generations: 3, share: 0.25 });
  const search = { space: RATES, method, objective, seed: 2 };
  const { trials } = await runSearch(pool, search, { keep: { store, name: "p" } });
  const states = await Promise.all(trials.map(async ({ id }) => (await decodeState(store.state("p", id)!)).state));
  for (const { id, parent, rung, configuration } of trials) {
    assertEquals([states[id].step, states[id].moments.step], [3 * (rung + 1), 3 * (rung + 1)]);
    assertEquals(states[id].config.outer?.lr, configuration["outer.lr"]);
    if (parent === null) continue;
    assertEquals(trials[parent].rung, rung - 1);
    // Three steps move each weight by about three rates at most.
    const moved = states[id].params.map((value, i) => Math.abs(value - states[parent].params[i]));
    assertLess(Math.max(...moved), 10 * Number(configuration["outer.lr"]));
  }
  const other = await encodeState(metaInit({ ...CONFIG, net: mlp({ inputs: 1, hidden: [9], outputs: 1 }) }));
  const inputs = [await encodeState(metaInit(CONFIG)), packValue(TASKS), packValue(TASKS)];
  const task = { configuration: {}, budget: 2, spent: 1, state: other, seed: 1, params: { steps: 3 } };
  const context = { signal: new AbortController().signal, engine: () => openEngine({ backend: "cpu", threads: 1 }) };
  await assertRejects(() => runMetaLoss(inputs, task, context), RangeError, "are of one network");
});

Deno.test("a training that diverges fails its trial alone; a setting that is none ends the search by its name", async () => {
  await using pool = await openPool("local", { workers: 0 });
  const objective = await metaLoss(pool, { config: CONFIG, tasks: TASKS, validation: TASKS }, { steps: 5 });
  const search = (space: Space) => runSearch(pool, { space, method: randomSearch({ trials: 2 }), objective });
  const { trials, best } = await search({ "inner.lr": { kind: "uniform", min: 1e30, max: 2e30 } });
  assertEquals([best, ...trials.map(({ loss }) => loss)], [null, null, null]);
  assert((trials[0].detail as { diverged: string }).diverged.length > 0);
  await assertRejects(() => search({ "outer.rl": { kind: "uniform", min: 0, max: 1 } }), JobError, 'received "rl"');
});

Deno.test("objectives refuse what cannot be, and what cannot travel", async () => {
  await using pool = await openPool("local", { workers: 0 });
  const base = { training: TRAINING, steps: 10 };
  const custom = { kind: "custom", name: "mine" } as unknown as typeof TRAINING.target;
  await assertRejects(() => validationLoss(pool, MARKETS, { ...base, steps: 0 }), RangeError, "expected steps");
  await assertRejects(
    () => validationLoss(pool, MARKETS, { ...base, training: { target: custom } }),
    TypeError,
    '"mine" is one of your own',
  );
  await assertRejects(
    () => walkForwardSkill(pool, MARKETS, { ...base, from: 2, to: 1 }),
    RangeError,
    "from before to, received 2 and 1",
  );
  await assertRejects(() => netSharpe(pool, MARKETS, { ...base, from: NaN, to: 1 }), RangeError, "from before to");
  await assertRejects(
    () => metaLoss(pool, { config: CONFIG, tasks: [], validation: [] }, { steps: 1 }),
    RangeError,
    "received 0 and 0",
  );
  assertThrows(() => deflatedSearch([]), RangeError, "best of its 0 trials");
});
