// Every built-in kind gives on a server's workers what it gives on the caller's thread.
import { assertEquals } from "@std/assert";
import { maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
import {
  backtestJob,
  forecastJob,
  type Job,
  openPool,
  type Pool,
  serveJobs,
  trainJob,
} from "@adaptrade/adaptrade/pool";
import { hyperband, metaLoss, runSearch } from "@adaptrade/adaptrade/search";
import { resolveConfig } from "../../lib/meta/resolve.ts";
import { metaGradientJob } from "../../lib/pool/kinds/meta_gradient.ts";
import { packValue } from "../../lib/pool/pack.ts";
import { describeProblem } from "../../lib/pool/travel.ts";
import { quickForecaster, simulatedPool } from "../forecast/fixtures.ts";
import { someTasks } from "../meta/fixtures.ts";
import { startServer, testNats } from "./nats_server.ts";

const net = mlp({ inputs: 10, hidden: [4], outputs: 1, activation: "tanh" });
const config = maml({ net, inner: { steps: 2, lr: 0.05 } });
const state = metaInit(config, { seed: 3 });
const tasks = someTasks(net, 40);

testNats(
  "meta-gradients, trainings, forecasts, backtests and trials are the same bytes on a server as here",
  async () => {
    await using engine = await openEngine({ backend: "cpu", threads: 1 });
    const markets = simulatedPool(3, { bars: 300 });
    const [market, ...others] = markets;
    const from = market.time[250];
    const quick = { testFrom: from, seeds: 1, pretrain: { steps: 20 }, meta: { steps: 5 } };
    const forecaster = await quickForecaster(engine, markets, quick);

    const found = async (pool: Pool) => {
      const { inner, gradientAt } = resolveConfig(config);
      const { params, logLr, phi, weightDecay } = state;
      const learner = await pool.put(packValue({ params, logLr, phi, weightDecay }));
      const blob = await pool.put(packValue(tasks));
      const at = { problem: describeProblem("Cannot send", inner), gradient: gradientAt(0), learner };
      const jobs: Job[] = [
        metaGradientJob(at, { before: 0, tasks: [{ input: 1, at: [...tasks.keys()] }], blobs: [blob] }),
        await trainJob(pool, { state, tasks, validation: tasks.slice(0, 3) }, { steps: 4, tasks: 8, seed: 2 }),
        await forecastJob(pool, { forecaster, market, others }, { from, every: 5 }),
        await backtestJob(pool, { model: state, market }, { supportRows: 30, from }),
      ];
      const objective = await metaLoss(pool, { config, tasks, validation: tasks.slice(0, 5) }, { steps: 1 });
      const space = { "outer.lr": { kind: "logUniform", min: 1e-4, max: 1e-1 } } as const;
      const { trials } = await runSearch(pool, { space, method: hyperband({ maxBudget: 9 }), objective, seed: 1 });
      return {
        bytes: await pool.map(jobs),
        trials: trials.map(({ configuration, loss }) => ({ configuration, loss })),
      };
    };

    await using here = await openPool("local", { workers: 0 });
    const expected = await found(here);
    await using server = await startServer();
    await using there = await openPool(server.at);
    const ends = new AbortController();
    const served = serveJobs(server.at, { threads: 2, signal: ends.signal });
    assertEquals(await found(there), expected);
    ends.abort();
    await served;
  },
);
