// Tasks that workers make themselves: the same training, no row on the wire.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type Engine,
  marketRows,
  metaInit,
  metaSgd,
  metaTrain,
  mlp,
  openEngine,
  type Task,
} from "@adaptrade/adaptrade";
import {
  defineTaskKind,
  distribute,
  JobError,
  marketTaskBatches,
  openPool,
  type Pool,
  serveJobs,
  type StepPlan,
} from "@adaptrade/adaptrade/pool";
import { madeRun } from "../../lib/pool/task_kind.ts";
import { simulatedPool } from "../forecast/fixtures.ts";
import { testWith } from "../permissions.ts";
import { startServer, startWorker, testNats } from "./nats_server.ts";
import { clouds } from "./own_tasks.ts";

const test = testWith("read");
const KINDS = [import.meta.resolve("./own_tasks.ts")];
const net = mlp({ inputs: 4, hidden: [9], outputs: 1, activation: "tanh" });
const start = metaInit(metaSgd({ net, inner: { steps: 2, lr: 0.05 } }), { seed: 4 });
const WIDTH = Uint8Array.of(2);
const BATCHES = { tasks: 131, batches: 4, seed: 5 };

async function trained(engine: Engine, batches: Iterable<readonly Task[]>, from = start) {
  let state = from;
  for await (const progress of metaTrain(engine, from, batches, { every: 4 })) state = progress.state;
  return state;
}

/** A pool that counts the bytes that are put. */
function counting(pool: Pool): { readonly pool: Pool; readonly lengths: number[] } {
  const lengths: number[] = [];
  return { lengths, pool: { ...pool, put: (bytes) => (lengths.push(bytes.length), pool.put(bytes)) } };
}

test("a training on tasks of a kind is the bare engine's to the bit, on 0 to 4 workers, and sends no row", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 2 });
  const batches = clouds.batches(WIDTH, BATCHES);
  const alone = await trained(engine, batches);
  assertEquals(alone.trainedOn?.markets.length, 4 * 131);
  for (const workers of [0, 1, 2, 3, 4]) {
    await using pool = await openPool("local", { workers, kinds: KINDS });
    const { pool: counted, lengths } = counting(pool);
    {
      await using shared = distribute(engine, counted, { on: "pool" });
      assertEquals(await trained(shared, batches), alone);
    }
    // The one byte that tasks are made of, once, and four learners.
    const [learner] = lengths.filter((length) => length > 1);
    assertEquals(lengths.toSorted((a, b) => a - b), [1, learner, learner, learner, learner]);
  }
});

test("market tasks are cut by the workers from rows that were put once", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 2 });
  const markets = simulatedPool(3, { bars: 300 }).map((candles) => marketRows(candles, { horizon: 1 }));
  const options = { supportRows: 12, queryRows: 5, tasks: 70, batches: 3, seed: 2 };
  const batches = marketTaskBatches(markets, options);
  const from = metaInit(metaSgd({ net: mlp({ inputs: markets[0].cols, hidden: [6], outputs: 1 }) }));
  const { pool: counted, lengths } = counting(pool);
  const found = await trained(distribute(engine, counted, { on: "pool" }), batches, from);
  assertEquals(found, await trained(engine, batches, from));
  assertEquals(lengths.length, 4);
  assertEquals(new Set([...batches].flat().map(({ market }) => market)).size, 3);
  assertThrows(() => marketTaskBatches(markets, { ...options, supportRows: 500 }), Error, "no source can give a task");
  assertThrows(() => marketTaskBatches(markets, { ...options, tasks: 0 }), RangeError, "expected tasks to be");
});

test("batches are the same from any start, copy their bytes, and are known as a run while they are consecutive", () => {
  const bytes = WIDTH.slice();
  const all = clouds.batches(bytes, BATCHES);
  bytes[0] = 100;
  const [, , third, fourth] = all;
  assertEquals([...clouds.batches(WIDTH, { ...BATCHES, batches: 2, start: 2 })], [third, fourth]);
  assertEquals(madeRun(third.slice(16, 48))?.from, 2 * 131 + 16);
  assertEquals(madeRun([...third, ...fourth])?.from, 2 * 131);
  assertEquals(madeRun(third.toReversed()), undefined);
  assertEquals(madeRun([third[0], { ...third[1] }]), undefined);
  assertEquals(madeRun([]), undefined);
  const [other] = clouds.batches(WIDTH, { ...BATCHES, seed: 6 });
  assertEquals(madeRun([third[0], other[1]]), undefined);
});

test("tasks in another order go by value, to the same bits", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 1 });
  const batches = [...clouds.batches(WIDTH, BATCHES)].map((batch) => batch.toReversed());
  assertEquals(await trained(distribute(engine, pool, { on: "pool" }), batches), await trained(engine, batches));
});

test("the planner knows that such tasks cost nothing on the way", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 1, kinds: KINDS });
  const why = async (batches: Iterable<readonly Task[]>): Promise<string> => {
    const plans: StepPlan[] = [];
    await trained(distribute(engine, pool, { onPlan: (plan) => plans.push(plan) }), batches);
    return plans[0].why;
  };
  const batches = [...clouds.batches(WIDTH, BATCHES)];
  assertEquals((await why(batches)).includes("travel by value"), false);
  assert((await why(batches.map((batch) => batch.toReversed()))).includes("travel by value"));
});

test("a kind that workers do not know is refused by name, and what defines none", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 0 });
  const shared = distribute(engine, pool, { on: "pool" });
  await assertRejects(() => trained(shared, clouds.batches(WIDTH, BATCHES)), JobError, `received "clouds"`);
  const part = { kind: "a", version: 1, read: () => 0 };
  assertThrows(() => defineTaskKind(JSON.parse(`{ "kind": "a", "reads": 1 }`)), TypeError, `did you mean "read"?`);
  assertThrows(() => defineTaskKind({ ...part, task: 3 } as never), TypeError, "expected task to be a function");
  for (const wrong of [{ tasks: 1.5 }, { start: -1 }, { batches: -1 }, { seed: -3 }]) {
    assertThrows(() => clouds.batches(WIDTH, { ...BATCHES, ...wrong }), RangeError, Object.keys(wrong)[0]);
  }
});

testNats("workers of a server make them too, whatever dies meanwhile", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using server = await startServer();
  const silence = 1500;
  await using pool = await openPool(server.at, { silence });
  const alone = await trained(engine, clouds.batches(WIDTH, { ...BATCHES, batches: 8 }));
  const ends = new AbortController();
  const served = serveJobs(server.at, { threads: 1, silence, kinds: KINDS, signal: ends.signal });
  const killed = await startWorker(server.at, silence, KINDS);
  let restarted: Promise<void> | undefined;
  function* faulty(): Generator<readonly Task[]> {
    let step = 0;
    for (const batch of clouds.batches(WIDTH, { ...BATCHES, batches: 8 })) {
      if (step === 2) killed.kill("SIGKILL");
      if (step++ === 4) restarted = server.restart({ empty: true });
      yield batch;
    }
  }
  assertEquals(await trained(distribute(engine, pool, { on: "pool" }), faulty()), alone);
  await restarted;
  ends.abort();
  await Promise.all([served, killed.status]);
});
