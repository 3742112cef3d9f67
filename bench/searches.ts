/**
 * Searches and studies on this machine's threads: a search of forecasters on two workers beside one, in one run, and the memory of a
 * study's coordinator by the number of markets. Prints both; asserts that decisions are the same.
 * @module
 */
import { parseArgs } from "node:util";
import { maml, mlp, openEngine, sampleMarkets, simulateMarket, type Task, trainForecaster } from "@adaptrade/adaptrade";
import { openPool, type Pool } from "@adaptrade/adaptrade/pool";
import {
  hyperband,
  metaLoss,
  type Objective,
  openStudies,
  runSearch,
  runStudy,
  type SearchResult,
  type Space,
  validationLoss,
} from "@adaptrade/adaptrade/search";
import { numberOption, runMain, textTable, UsageError } from "../examples/cli.ts";
import { SPACE } from "../examples/search/space.ts";
import { random } from "../lib/net/random.ts";

const HELP = `Times a search on two workers beside one, and weighs a study of many markets.

deno run --allow-read --allow-write --v8-flags=--expose-gc bench/searches.ts [--what forecaster] [--rounds 2] [--most 81]
  [--steps 81] [--markets 1000]

  --what forecaster  a search of forecasters by their validation loss on two of the sample's markets; learner: one of the rates of
                     MAML on a network of 2 layers of 64 by its loss on tasks of 20 rows, work of the kernels alone`;

const TARGET = { kind: "logVolatility", horizon: 5 } as const;
const TEST_FROM = Date.UTC(2010, 0);
const MEBIBYTE = 2 ** 20;

/** A search's size: the largest budget, and the steps that it buys. */
export interface Size {
  readonly most: number;
  readonly steps: number;
}

/** What is searched. */
interface Searched {
  readonly space: Space;
  objective(pool: Pool, steps: number): Promise<Objective>;
}

/** Tasks of lines and waves with rows of 8 inputs. */
function someTasks(count: number, seed: number): Task[] {
  const stream = random(seed);
  return Array.from({ length: count }, () => {
    const slopes = Array.from({ length: 8 }, () => stream.normal());
    const [support, query] = [20, 20].map((rows) => {
      const x = Float32Array.from({ length: rows * 8 }, () => stream.normal());
      const y = Float32Array.from(
        { length: rows },
        (_, row) => Math.sin(slopes.reduce((sum, slope, j) => sum + slope * x[8 * row + j], 0)),
      );
      return { rows, x, y };
    });
    return { support, query };
  });
}

const SEARCHED: Readonly<Record<string, Searched>> = {
  forecaster: {
    space: SPACE,
    async objective(pool, steps) {
      const markets = await sampleMarkets({ symbols: ["SP500", "WTI"] });
      return await validationLoss(pool, markets, {
        training: { target: TARGET, testFrom: TEST_FROM, seeds: 1 },
        steps,
      });
    },
  },
  learner: {
    space: {
      "inner.lr": { kind: "logUniform", min: 1e-3, max: 1e-1 },
      "outer.lr": { kind: "logUniform", min: 1e-4, max: 1e-2 },
    },
    async objective(pool, steps) {
      const net = mlp({ inputs: 8, hidden: [64, 64], outputs: 1 });
      const problem = { config: maml({ net }), tasks: someTasks(64, 1), validation: someTasks(32, 2) };
      return await metaLoss(pool, problem, { steps, tasks: 16 });
    },
  },
};

/** One search by Hyperband on threads that are warm, and the seconds that it took. */
export async function search(
  workers: number,
  { most, steps }: Size,
  what = "forecaster",
): Promise<{ seconds: number; result: SearchResult }> {
  const { space, objective } = SEARCHED[what];
  await using pool = await openPool("local", { workers });
  const asked = await objective(pool, steps / most);
  const run = (maxBudget: number): Promise<SearchResult> =>
    runSearch(pool, { space, method: hyperband({ maxBudget }), objective: asked });
  await run(3);
  const begun = performance.now();
  const result = await run(most);
  return { seconds: (performance.now() - begun) / 1000, result };
}

/** Times both, one after the other, so many times. */
async function raceWorkers(what: string, rounds: number, size: Size): Promise<void> {
  const seconds: number[][] = [[], []];
  let decided: string | undefined;
  let trials = 0;
  for (let round = 0; round < rounds; round++) {
    for (const workers of round % 2 === 0 ? [1, 2] : [2, 1]) {
      const { seconds: took, result } = await search(workers, size, what);
      seconds[workers - 1].push(took);
      const text = JSON.stringify(result.trials);
      if (decided !== undefined && text !== decided) throw new Error("The decisions differ");
      decided = text;
      trials = result.trials.length;
    }
  }
  const ratios = seconds[0].map((one, round) => (one / seconds[1][round]).toFixed(2));
  const [one, two] = seconds.map((times) => times.map((time) => time.toFixed(1)).join(", "));
  console.log(textTable([
    [`${what}: ${trials} trials by Hyperband, R = ${size.most}`, "1 worker, s", "2 workers, s", "ratio"],
    [`${size.steps} steps at most`, one, two, ratios.join(", ")],
  ]));
}

/** Walks over markets that are made as they come, and weighs this thread's heap and the process on the way. */
async function weighStudy(markets: number): Promise<void> {
  const made = (seed: number) =>
    simulateMarket({ bars: 5000, seed, symbol: `SIM${seed}`, interval: "1d", garch: { alpha: 0.1, beta: 0.88 } })
      .candles;
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const forecaster = await trainForecaster(engine, [made(1), made(2)], {
    target: TARGET,
    seeds: 1,
    pretrain: { steps: 50 },
    meta: { steps: 20 },
  });
  function* sources() {
    for (let seed = 1; seed <= markets; seed++) yield { name: `SIM${seed}`, read: () => made(seed) };
  }
  const file = await Deno.makeTempFile();
  const rows = [["markets", "heap and buffers, MiB", "resident, MiB", "markets a second"]];
  try {
    using store = await openStudies(file);
    await using pool = await openPool("local", { workers: 2 });
    const begun = performance.now();
    await runStudy(pool, { forecaster, sources: sources() }, {
      keep: { store, name: "all" },
      from: made(1).time[4500],
      onProgress({ done }) {
        if (done % Math.ceil(markets / 5) !== 0) return;
        (globalThis as { gc?: () => void }).gc?.();
        const { heapUsed, external, rss } = Deno.memoryUsage();
        const rate = done / (performance.now() - begun) * 1000;
        rows.push([
          String(done),
          ((heapUsed + external) / MEBIBYTE).toFixed(1),
          (rss / MEBIBYTE).toFixed(0),
          rate.toFixed(1),
        ]);
      },
    });
  } finally {
    for (const end of ["", "-wal", "-shm"]) await Deno.remove(file + end).catch(() => {});
  }
  console.log(textTable(rows));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      what: { type: "string", default: "forecaster" },
      rounds: { type: "string", default: "2" },
      most: { type: "string", default: "81" },
      steps: { type: "string", default: "81" },
      markets: { type: "string", default: "1000" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (!Object.hasOwn(SEARCHED, values.what)) {
    throw new UsageError(`--what must be forecaster or learner, got "${values.what}"`);
  }
  const rounds = numberOption("rounds", values.rounds, { min: 0, integer: true });
  const steps = numberOption("steps", values.steps, { min: 1, integer: true });
  const most = numberOption("most", values.most, { min: 1 });
  const markets = numberOption("markets", values.markets, { min: 0, integer: true });
  if (rounds > 0) await raceWorkers(values.what, rounds, { most, steps });
  if (markets > 0) await weighStudy(markets);
}

if (import.meta.main) await runMain(main);
