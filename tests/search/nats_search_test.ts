// A search and a study on a NATS server: what is decided and found is what this machine's threads give, though the server ends
// meanwhile and its data with it.
import { assertEquals } from "@std/assert";
import { openEngine, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
import { openPool, type Pool, serveJobs } from "@adaptrade/adaptrade/pool";
import { openStudies, runSearch, runStudy } from "@adaptrade/adaptrade/search";
import { startServer, testNats } from "../pool/nats_server.ts";
import { KINDS, searchOf } from "./searches.ts";

/** How long workers may be silent in these tests, ms. */
const SILENCE = 1500;

/** Workers in this process, ended with the block. */
function serve(at: string): AsyncDisposable {
  const ends = new AbortController();
  const served = serveJobs(at, { threads: 2, kinds: KINDS, silence: SILENCE, signal: ends.signal, onEvent: () => {} });
  served.catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      ends.abort();
      await served;
    },
  };
}

testNats(
  "a search decides on a server as it does here, with the server ended and its data deleted meanwhile",
  async () => {
    await using local = await openPool("local", { workers: 2, kinds: KINDS });
    await using server = await startServer();
    await using pool = await openPool(server.at, { silence: SILENCE });
    await using _workers = serve(server.at);
    assertEquals(await runSearch(pool, searchOf("population")), await runSearch(local, searchOf("population")));
    let told = 0;
    let restarted: Promise<void> | undefined;
    const onProgress = () => ++told === 8 && (restarted = server.restart({ empty: true }));
    const found = await runSearch(pool, searchOf("bohb", 20), { onProgress });
    await restarted;
    assertEquals(found, await runSearch(local, searchOf("bohb", 20)));
  },
);

testNats("a study finds on a server what it finds here", async () => {
  const market = (seed: number) =>
    simulateMarket({ bars: 400, seed, symbol: `SIM${seed}`, interval: "1d", garch: { alpha: 0.1, beta: 0.88 } })
      .candles;
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const forecaster = await trainForecaster(engine, [market(1), market(2)], {
    target: { kind: "logVolatility", horizon: 5 },
    seeds: 1,
    hidden: [4],
    pretrain: { steps: 10 },
    meta: { steps: 5 },
  });
  const sources = [3, 4, 5].map((seed) => ({ name: `SIM${seed}`, read: () => market(seed) }));
  const study = async (pool: Pool) => {
    using store = await openStudies(":memory:");
    await runStudy(pool, { forecaster, sources }, { keep: { store, name: "all" }, from: market(3).time[350] });
    return [...store.figures("all")];
  };
  await using server = await startServer();
  await using pool = await openPool(server.at, { silence: SILENCE });
  await using _workers = serve(server.at);
  await using local = await openPool("local", { workers: 1 });
  assertEquals(await study(pool), await study(local));
});
