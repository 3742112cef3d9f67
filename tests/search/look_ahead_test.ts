import { assert, assertEquals } from "@std/assert";
import type { Job, JobOutcome, MapOptions, Pool } from "../../lib/pool/mod.ts";
import { bohb, hyperband, populationBased, runSearch, type Search, type SearchResult } from "../../lib/search/mod.ts";
import { settledTrials } from "../../lib/search/look_ahead.ts";
import { nextTrials, type SearchMethod } from "../../lib/search/search_method.ts";
import { packValue } from "../../lib/pool/pack.ts";
import { objective } from "./searches.ts";

const space = { x: { kind: "uniform", min: 0, max: 1 } } as const;
const past = [] as const;
const seed = 3;

/** What a trial of the simulated pool comes to, and how long it takes: its budget, and a part that its seed draws. */
interface Ran {
  readonly loss: number | null;
  readonly takes: number;
}

type Run = (job: Job) => Ran;

const lossOf: Run = ({ params, seed }) => {
  const { configuration: { x }, budget } = params as { configuration: { x: number }; budget: number };
  return { loss: (x - 0.3) ** 2 + (seed % 97 / 97 - 0.5) / budget, takes: budget * (1 + seed % 5 / 10) };
};

/** A pool whose time is counted, not waited for: jobs are begun in the order in which they come. */
function simulatedPool(
  threads: number,
  run: Run,
): { pool: Pool; clock: { time: number; work: number; jobs: number; aborted: string[] } } {
  const clock = { time: 0, work: 0, jobs: 0, aborted: [] as string[] };
  const queue: (() => { end: number; resolve: () => void })[] = [];
  const running: { end: number; resolve: () => void }[] = [];
  let turning = false;
  const turn = async (): Promise<void> => {
    if (turning) return;
    turning = true;
    while (queue.length + running.length > 0) {
      // Whatever follows from the job that has just ended is asked for first.
      await new Promise((resolve) => setTimeout(resolve));
      while (running.length < threads && queue.length > 0) running.push(queue.shift()!());
      running.sort((a, b) => a.end - b.end);
      const next = running.shift();
      if (!next) continue;
      clock.time = next.end;
      next.resolve();
    }
    turning = false;
  };
  const one = (job: Job): Promise<Uint8Array> =>
    new Promise((resolve) => {
      queue.push(() => {
        const { loss, takes } = run(job);
        clock.work += takes;
        clock.jobs++;
        return { end: clock.time + takes, resolve: () => resolve(packValue({ loss })) };
      });
      void turn();
    });
  const map = (jobs: readonly Job[], { onProgress, signal }: MapOptions = {}): Promise<Uint8Array[]> => {
    signal?.addEventListener("abort", () => clock.aborted.push((signal.reason as Error).message));
    return Promise.all(jobs.map(async (job, index) => {
      const bytes = await one(job);
      const outcome: JobOutcome = { bytes };
      onProgress?.({ done: 0, total: jobs.length, index, outcome });
      return bytes;
    }));
  };
  const workers = () => Promise.resolve([{ name: "simulated", threads, running: 0, done: 0 }]);
  return { pool: { map, workers } as unknown as Pool, clock };
}

async function searched(method: SearchMethod, threads: number, run: Run = lossOf) {
  const { pool, clock } = simulatedPool(threads, run);
  const search: Search = { space, method, objective: objective("simulated"), seed };
  const result: SearchResult = await runSearch(pool, search);
  return { result, busy: clock.work / (threads * clock.time), ...clock };
}

Deno.test("workers that would wait for a round's end begin the next one: two are busy all the time, four nearly so", async () => {
  for (const maxBudget of [27, 81]) {
    const one = await searched(hyperband({ maxBudget }), 1);
    const two = await searched(hyperband({ maxBudget }), 2);
    const four = await searched(hyperband({ maxBudget }), 4);
    assertEquals([two.result, four.result], [one.result, one.result]);
    assertEquals([two.jobs, four.jobs], [one.jobs, one.jobs], "nothing is run in vain where nothing fails");
    assert(two.busy > 0.975, `two workers: ${two.busy}`);
    assert(four.busy > 0.8, `four workers: ${four.busy}`);
  }
});

Deno.test("what was begun in vain changes no decision: trials that fail shift the numbers of those behind them", async () => {
  let vain = 0;
  const run: Run = (job) => job.seed % 4 !== 0 ? { loss: null, takes: 100 } : lossOf(job);
  for (const method of [hyperband({ maxBudget: 27 }), bohb({ maxBudget: 9, iterations: 2 })]) {
    const [one, three] = [await searched(method, 1, run), await searched(method, 3, run)];
    assertEquals(three.result, one.result);
    assertEquals(three.aborted.includes("the round was decided otherwise"), three.jobs > one.jobs);
    vain += three.jobs - one.jobs;
    assert(one.result.trials.some(({ loss }) => loss === null));
  }
  assert(vain > 0, "something was begun in vain");
});

Deno.test("settledTrials() has what the next round holds whatever an open trial comes to, other brackets' rungs among it", () => {
  const method = hyperband({ maxBudget: 9 });
  const round = nextTrials(method, { space, seed, past });
  for (const open of round) {
    const ended = new Map(
      round.filter(({ id }) => id !== open.id).map((trial) => [trial.id, { ...trial, loss: (trial.id * 7) % 11 }]),
    );
    const settled = settledTrials(method, { space, seed, past, round, ended });
    for (const loss of [-1, 0.5, 4.5, 7.5, 100]) {
      const next = nextTrials(method, { space, seed, past: round.map((one) => ended.get(one.id) ?? { ...one, loss }) });
      assertEquals(next.filter(({ id }) => settled.some((one) => one.id === id)), settled);
    }
    const others = new Set(settled.map(({ bracket }) => bracket));
    assert([0, 1].filter((bracket) => bracket !== open.bracket).every((bracket) => others.has(bracket)));
  }
});

Deno.test("settledTrials() never goes on from a trial that still runs", () => {
  const always: SearchMethod = {
    kind: "always",
    settings: {},
    next: ({ past }) =>
      past.map(({ id, budget, bracket, rung, configuration }) => ({
        bracket,
        rung: rung + 1,
        budget: budget + 1,
        configuration,
        parent: id,
      })),
  };
  const round = nextTrials(populationBased({ members: 4, generations: 2 }), { space, seed, past });
  const ended = new Map(round.slice(1).map((trial) => [trial.id, { ...trial, loss: 1 }]));
  const settled = settledTrials(always, { space, seed, past, round, ended });
  assertEquals(settled.map(({ parent }) => parent), [1, 2, 3]);
  const picky: SearchMethod = {
    ...always,
    next: (search) => {
      if (search.past.some(({ loss }) => loss! < 0)) throw new RangeError("a loss below 0");
      return always.next(search);
    },
  };
  assertEquals(settledTrials(picky, { space, seed, past, round, ended }), []);
});
