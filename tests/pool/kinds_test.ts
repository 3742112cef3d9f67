// Each built-in kind gives, on the caller's thread and on others, what its function gives in this process.
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import {
  backtest,
  defineModel,
  type Engine,
  forecast,
  imaml,
  lstm,
  maml,
  metaInit,
  metaSgd,
  type MetaState,
  metaTrain,
  mlp,
  openEngine,
  prototypical,
  random,
} from "@adaptrade/adaptrade";
import {
  backtestJob,
  forecastJob,
  openPool,
  type Pool,
  readBacktest,
  readForecasts,
  readTrained,
  trainJob,
} from "@adaptrade/adaptrade/pool";
import { resolveConfig } from "../../lib/meta/resolve.ts";
import { describeProblem, restoreProblem } from "../../lib/pool/travel.ts";
import { quickForecaster, simulatedPool } from "../forecast/fixtures.ts";
import { someTasks } from "../meta/fixtures.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read");
const net = mlp({ inputs: 3, hidden: [6], outputs: 1, activation: "tanh" });
const state = metaInit(metaSgd({ net, inner: { steps: 2, lr: 0.05 } }), { seed: 3 });

/** Runs work beside an engine and a pool. */
async function beside(workers: number, work: (engine: Engine, pool: Pool) => Promise<void>): Promise<void> {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers });
  await work(engine, pool);
}

test("forecast and backtest jobs give what forecast() and backtest() give, on 0 and 2 workers", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const markets = simulatedPool(3, { bars: 300 });
  const from = markets[0].time[250];
  const quick = { testFrom: from, seeds: 1, pretrain: { steps: 20 }, meta: { steps: 5 } };
  const forecaster = await quickForecaster(engine, markets, quick);
  const [market, ...others] = markets;
  const model = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
  const trading = { from, costRate: 0.001, sizing: { kind: "volatility", target: 0.15 } } as const;
  const said = await forecast(engine, forecaster, market, { from, every: 5, others });
  const held = await backtest(engine, forecaster, market, { ...trading, others });
  const walked = await backtest(engine, model, market, { supportRows: 30, from });
  for (const workers of [0, 2]) {
    await using pool = await openPool("local", { workers });
    const found = await pool.map([
      await forecastJob(pool, { forecaster, market, others }, { from, every: 5 }),
      await backtestJob(pool, { model: forecaster, market, others }, trading),
      await backtestJob(pool, { model, market }, { supportRows: 30, from }),
    ]);
    assertEquals(readForecasts(found[0]), said);
    assertEquals(readBacktest(found[1]), held);
    assertEquals(readBacktest(found[2]), walked);
  }
});

test("a training in segments is the training that was never cut, bit for bit, as metaTrain() makes it", async () => {
  await beside(2, async (engine, pool) => {
    const tasks = someTasks(net, 40);
    const validation = someTasks(net, 5, 2);
    const segment = async (from: MetaState, steps: number) => {
      const job = await trainJob(pool, { state: from, tasks, validation }, { steps, tasks: 20, seed: 9 });
      return await readTrained((await pool.map([job]))[0]);
    };
    const whole = await segment(state, 9);
    const cut = await segment((await segment((await segment(state, 2)).state, 3)).state, 4);
    assertEquals(cut.state, whole.state);
    assertEquals(cut.validationLoss, whole.validationLoss);
    const batches = Array.from({ length: 9 }, (_, step) => {
      const stream = random(9).fork(step);
      return Array.from({ length: 20 }, () => tasks[stream.integer(40)]);
    });
    for await (const own of metaTrain(engine, state, batches, { every: 9, validation })) {
      assertEquals(whole.state, own.state);
      assertEquals([whole.meanLoss, whole.validationLoss], [own.meanLoss, own.validationLoss]);
    }
    assertLess(whole.validationLoss, Infinity);
  });
});

Deno.test("problems come back from JSON as they were: networks, losses, rules and methods of the library", () => {
  const configs = [
    metaSgd({ net, inner: { steps: 3, lr: 0.1 } }),
    imaml({ net }),
    maml({ net: lstm({ features: 2, time: 3, hidden: 4, outputs: 1 }), loss: { kind: "huber", delta: 0.5 } }),
    maml({
      net,
      inner: { steps: 1, lr: 0.1, rule: { kind: "momentum", mu: 0.8 }, layers: "head" },
      outerLoss: { kind: "mse" },
    }),
    metaInit(prototypical({ net: mlp({ inputs: 2, hidden: [4], outputs: 3 }) })).config,
  ];
  for (const config of configs) {
    const { inner } = resolveConfig(config);
    const back = restoreProblem(JSON.parse(JSON.stringify(describeProblem("Cannot send", inner))));
    const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
    assertEquals(plain(back), plain(inner));
    assertEquals(back.net.parameterCount, inner.net.parameterCount);
  }
});

Deno.test("what is one's own does not travel, and is named", async () => {
  const own = defineModel({
    name: "mine",
    inputs: 1,
    outputs: 1,
    params: { w: [1, 1] },
    apply: (g, { w }, x) => g.matmul(x, w),
  });
  await using pool = await openPool("local", { workers: 0 });
  const mine = metaInit(maml({ net: own }));
  const error = await assertRejects(
    () => trainJob(pool, { state: mine, tasks: someTasks(own, 2) }, { steps: 1, tasks: 1 }),
    TypeError,
  );
  assert((error as Error).message.includes(`its net "mine" is one of your own, and no code travels`));
  const [market] = simulatedPool(1, { bars: 50 });
  const job = await backtestJob(pool, { model: state, market }, { costs: { fee: () => 1 } as never });
  await assertRejects(
    () => pool.map([job]),
    TypeError,
    "expected job.params.options.costs.fee to be JSON, received function",
  );
});

test("a job that is wrong in itself is named with what its function says", async () => {
  await beside(0, async (_, pool) => {
    const [market] = simulatedPool(1, { bars: 40 });
    const job = await backtestJob(pool, { model: state, market }, {});
    const outcome = (await pool.settle([job]))[0];
    assert(outcome.error?.message.includes("Cannot finish the job backtest"), outcome.error?.message);
    assertEquals(outcome.error?.reason.name, "DataError");
  });
});
