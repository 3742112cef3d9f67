// On labels that nothing foretells no method shows skill; on labels one row early, which look ahead, every one does.
import { assert, assertGreater } from "@std/assert";
import { methodLosses } from "../../examples/methods/judge.ts";
import { type Contender, CONTENDERS } from "../../examples/methods/methods.ts";
import type { Problem } from "../../examples/methods/problems.ts";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { type Random, random } from "../../lib/net/random.ts";

const [MARKETS, TASKS_A_MARKET] = [60, 20];
/** The 95th percentile of Student's t with 19 degrees of freedom. */
const SIGNIFICANT = 1.729;

/** How far a label's bar lies behind the last that its row has seen: 1 is honest, 0 a row early. */
type Ahead = 0 | 1;

/** A stretch of a random walk: rows hold the last three returns, labels the return `ahead` bars after the last of them. */
function stretch(stream: Random, ahead: Ahead, classes: boolean): Task {
  const returns = Float32Array.from({ length: 30 }, () => stream.normal());
  const rows = (from: number, count: number): Samples => ({
    rows: count,
    x: Float32Array.from({ length: 3 * count }, (_, i) => returns[from + Math.floor(i / 3) + i % 3]),
    y: Float32Array.from(
      Array.from({ length: count }, (_, i) => returns[from + i + 2 + ahead]).flatMap((one) =>
        classes ? (one > 0 ? [0, 1] : [1, 0]) : [one]
      ),
    ),
  });
  return { support: rows(0, 12), query: rows(16, 6) };
}

function walk(ahead: Ahead, classes: boolean): Problem {
  const judged = random(9);
  return {
    id: "walk",
    title: "random walk",
    inputs: 3,
    classes,
    *batches(seed) {
      for (let batch = 0;; batch++) {
        const stream = random(seed).fork(batch);
        yield Array.from({ length: 8 }, () => stretch(stream, ahead, classes));
      }
    },
    tests: Array.from({ length: MARKETS * TASKS_A_MARKET }, () => stretch(judged, ahead, classes)),
  };
}

/** Walks of numbers and of directions whose labels lie as they should. */
const HONEST = [walk(1, false), walk(1, true)];

/** Markets on which a method is significantly better than knowing the walk's law: mean 0, or either class as likely. */
async function skilled(
  engine: Engine,
  contender: Contender,
  { problem, steps }: { readonly problem: Problem; readonly steps: number },
): Promise<number | undefined> {
  let state = contender.start(problem, { seed: 1, batches: steps });
  if (!state) return undefined;
  let left = steps;
  function* batches() {
    for (const batch of problem.batches(1)) {
      yield batch;
      if (--left === 0) return;
    }
  }
  for await (const progress of metaTrain(engine, state, batches(), { every: steps })) state = progress.state;
  const { tests: tasks, classes } = problem;
  const gains = (await methodLosses(engine, state, { tasks, classes })).map((loss, t) => {
    const { rows, y } = tasks[t].query;
    return (classes ? Math.LN2 : y.reduce((sum, value) => sum + value ** 2 / rows, 0)) - loss;
  });
  let found = 0;
  for (let market = 0; market < MARKETS; market++) {
    const own = gains.slice(market * TASKS_A_MARKET, (market + 1) * TASKS_A_MARKET);
    const mean = own.reduce((sum, value) => sum + value / TASKS_A_MARKET, 0);
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2 / (TASKS_A_MARKET - 1), 0);
    if (mean / Math.sqrt(variance / TASKS_A_MARKET) > SIGNIFICANT) found++;
  }
  return found;
}

for (const honest of HONEST) {
  const { classes } = honest;
  const labels = classes ? "the direction of a random walk" : "the returns of a random walk";
  for (const contender of CONTENDERS.filter(({ simulated }) => !simulated)) {
    if (!contender.start(honest, { seed: 1, batches: 1 })) continue;
    Deno.test(`${contender.name} shows no skill on ${labels}`, async () => {
      await using engine = await openCpuEngine({ threads: 1 });
      const found = await skilled(engine, contender, { problem: honest, steps: 30 });
      // 5% of the markets by chance, and three binomial deviations.
      assert(found! <= 0.05 * MARKETS + 3 * Math.sqrt(0.05 * 0.95 * MARKETS), `${found} of ${MARKETS} markets`);
    });
  }
  for (const name of ["MAML", "Meta-SGD", "memory", "in context", "neural process"]) {
    Deno.test(`${name} shows skill on ${labels} where labels lie one row early: the judge would see a look-ahead`, async () => {
      await using engine = await openCpuEngine({ threads: 1 });
      const contender = CONTENDERS.find((one) => one.name === name)!;
      assertGreater((await skilled(engine, contender, { problem: walk(0, classes), steps: 150 }))!, 0.9 * MARKETS);
    });
  }
}
