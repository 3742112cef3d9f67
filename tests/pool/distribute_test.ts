// A training shared out over a pool: the same bits on the engine alone, on 1 to 4 workers, on a server's, and whatever dies.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  defineModel,
  type Engine,
  maml,
  metaGradientOf,
  metaInit,
  metaSgd,
  metaTrain,
  mlp,
  openEngine,
  prototypical,
  type Task,
} from "@adaptrade/adaptrade";
import type { OuterConfig } from "@adaptrade/adaptrade/methods";
import { distribute, openPool, planStep, type Pool, serveJobs, type StepPlan } from "@adaptrade/adaptrade/pool";
import { hashOf } from "../../lib/pool/blob.ts";
import { someTasks } from "../meta/fixtures.ts";
import { testWith } from "../permissions.ts";
import { startServer, startWorker, testNats } from "./nats_server.ts";

const test = testWith("read");
const net = mlp({ inputs: 4, hidden: [9], outputs: 1, activation: "tanh" });
const state = metaInit(metaSgd({ net, inner: { steps: 2, lr: 0.05 } }), { seed: 4 });
const tasks = someTasks(net, 150);
/** Batches of sizes that are no multiple of a leaf, in orders of their own. */
const batches = Array.from(
  { length: 4 },
  (_, b) => Array.from({ length: 131 }, (_, i) => tasks[(i * 7 + b * 31) % 150]),
);

/** The hash of what a training comes to. */
async function trained(engine: Engine, all: Iterable<readonly Task[]> = batches, start = state): Promise<string> {
  let hash = "";
  // More than there are batches: it is read once, at the end.
  const every = 1000;
  for await (const { state: { params, logLr, phi, moments } } of metaTrain(engine, start, all, { every })) {
    hash = await hashOf(
      new Uint8Array(Float32Array.of(...params, ...logLr, ...phi, ...moments.first, ...moments.second).buffer),
    );
  }
  return hash;
}

test("metaTrain() gives the same bits on the bare engine, on 0 to 4 workers, with tasks by reference and by value", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 2 });
  const found = [await trained(engine)];
  for (const workers of [0, 1, 2, 3, 4]) {
    await using pool = await openPool("local", { workers });
    if (workers === 0) found.push(await trained(distribute(engine, pool, { on: "engine" })));
    found.push(await trained(distribute(engine, pool, { tasks, on: "pool" })));
    if (workers === 3) found.push(await trained(distribute(engine, pool, { on: "pool" })));
  }
  assertEquals(new Set(found).size, 1, found.join(" "));
});

test("metaTrain() gives the bare engine's bits under every outer rule, for batches of one shape and of several", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 2 });
  await using pool = await openPool("local", { workers: 2 });
  const schedule = { kind: "cosine", steps: 8, warmup: 2, floor: 0.1 } as const;
  const inner = { steps: 2, lr: 0.05, weightDecay: 0.1 };
  const learned = {
    net,
    inner,
    loss: { kind: "learned", tau: 0.1 },
    learn: { loss: true, weightDecay: true },
  } as const;
  const uniform = tasks.filter((_, t) => t % 6 === 1);
  const runs = batches.slice(0, 2).concat([uniform, uniform.slice(0, 16)]);
  const rules: Record<string, OuterConfig> = {
    adam: { schedule, weightDecay: 0.01, ratesLr: 0.02 },
    "adam, clipped": { schedule, clipNorm: 0.1 },
    sgd: { optimizer: "sgd", lr: 0.05, momentum: 0.9, schedule },
    "sgd, clipped": { optimizer: "sgd", lr: 0.05, momentum: 0.5, weightDecay: 0.01, clipNorm: 0.1 },
  };
  for (const [name, outer] of Object.entries(rules)) {
    for (const config of [metaSgd({ ...learned, outer }), maml({ net, inner, outer })]) {
      const start = metaInit(config, { seed: 4 });
      const bare = await trained(engine, runs, start);
      for (const on of ["engine", "pool"] as const) {
        assertEquals(await trained(distribute(engine, pool, { tasks, on }), runs, start), bare, `${name} on the ${on}`);
      }
    }
  }
});

test("a shared gradient is the engine's, to the bit", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 1 });
  const shared = distribute(engine, pool, { on: "pool" });
  for (const some of [tasks, tasks.slice(0, 16), tasks.filter((_, t) => t % 6 === 1)]) {
    assertEquals(await metaGradientOf(shared, state, some), await metaGradientOf(engine, state, some));
  }
});

test("methods, and what else an engine does, go through", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 2 });
  const method = metaInit(prototypical({ net: mlp({ inputs: 2, hidden: [4], outputs: 3 }) }));
  const classes = (rows: number) => ({
    rows,
    x: Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(i)),
    y: Float32Array.from({ length: 2 * rows }, (_, i) => i % 4 === 0 || i % 4 === 3 ? 1 : 0),
  });
  const some = Array.from({ length: 20 }, () => ({ support: classes(6), query: classes(4) }));
  const gradients = [];
  for (const on of ["engine", "pool"] as const) {
    gradients.push(await metaGradientOf(distribute(engine, pool, { on }), method, some));
  }
  assertEquals(gradients[1], gradients[0]);
  const shared = distribute(engine, pool);
  const x = Float32Array.of(1, 2, 3, 4);
  assertEquals(await shared.forward(net, state.params, x), await engine.forward(net, state.params, x));
  assertEquals(shared.info, engine.info);
});

test("distribute() says where steps run and why, never on a pool that is slower or computes other bits", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  for (const build of ["relaxed", "simd"] as const) {
    const plans: StepPlan[] = [];
    // One worker has nothing on one thread here: the way comes on top.
    await using pool = await openPool("local", { workers: 1, build });
    await trained(distribute(engine, pool, { tasks, onPlan: (plan) => plans.push(plan) }), [...batches, ...batches]);
    assertEquals(plans.map(({ on }) => on), ["engine"]);
    const words = build === "simd" ? "compute other bits" : "1 threads of the pool";
    assert(plans[0].why.includes(words), plans[0].why);
  }
});

/** An engine whose meta-gradients take longer than a pool's threads need. */
function slowed(engine: Engine): Engine {
  return {
    ...engine,
    metaGradient: async (...asked) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return await engine.metaGradient(...asked);
    },
  };
}

test("a step that is slow here goes to the pool, and changes no bit", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 2 });
  const plans: StepPlan[] = [];
  const found = await trained(distribute(slowed(engine), pool, { tasks, onPlan: (plan) => plans.push(plan) }));
  assertEquals(plans[0].on, "pool");
  assertEquals(found, await trained(distribute(engine, pool, { on: "engine" })));
});

test("workers are asked again once at a time, and no step but the first waits for their answers", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 1 });
  const many = Array.from({ length: 70 }, () => tasks.slice(0, 16));
  const expected = await trained(engine, many);
  const asksOf = async (answer: (ask: number) => ReturnType<Pool["workers"]>): Promise<number> => {
    let asks = 0;
    const asked: Pool = { ...pool, workers: () => answer(++asks) };
    assertEquals(await trained(distribute(engine, asked, { tasks }), many), expected);
    return asks;
  };
  const never = new Promise<never>(() => {});
  assertEquals(await asksOf((ask) => ask === 1 ? pool.workers() : never), 2);
  // One without workers is asked more often, as soon as it has answered.
  assertEquals(await asksOf((ask) => ask === 1 ? Promise.resolve([]) : never), 2);
  assert(await asksOf(() => Promise.resolve([])) > 2);
});

test("a step that the pool does not answer is made here, to the same bits", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 2 });
  const silent: Pool = {
    ...pool,
    map: (_, { signal } = {}) =>
      new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason))),
  };
  const plans: StepPlan[] = [];
  const onPlan = (plan: StepPlan): void => void plans.push(plan);
  const found = await trained(distribute(slowed(engine), silent, { tasks, onPlan }), [
    ...batches,
    ...batches.slice(0, 2),
  ]);
  assertEquals(plans.map(({ on }) => on), ["pool", "engine"]);
  assertEquals(found, await trained(engine, [...batches, ...batches.slice(0, 2)]));
});

Deno.test("planStep() gives the table of what pays on paper", () => {
  const hosts = (count: number) => ({
    engineThreads: 16,
    poolThreads: 16 * count,
    hosts: count,
    roundMs: 1,
    bytesPerMs: 117_000,
  });
  const small = { taskMs: 0.19, learnerBytes: 19_700 };
  const gain = (tasks: number, taskBytes: number, count = 8) => {
    const { engineMs, poolMs } = planStep({ ...hosts(count), ...small, tasks, taskBytes });
    return engineMs / poolMs;
  };
  // By reference: 1k tasks gain about 2.2, 10k 6.3, 100k 7.8; by value none does.
  assert([gain(1e3, 0), gain(1e4, 0), gain(1e5, 0)].every((value, i) => value > [2.2, 6, 7.7][i]));
  for (const tasks of [1e3, 1e4, 1e5, 1e6]) {
    assertEquals(planStep({ ...hosts(8), ...small, tasks, taskBytes: 1300 }).on, "engine");
  }
  assertEquals(planStep({ ...hosts(2), ...small, tasks: 100, taskBytes: 0 }).on, "engine");
  assertEquals(planStep({ ...hosts(2), ...small, tasks: 600, taskBytes: 0 }).on, "pool");
  const none = planStep({ ...hosts(0), ...small, tasks: 1e6, taskBytes: 0 });
  assertEquals([none.on, none.why], ["engine", "the pool has no workers that answer"]);
});

test("what is one's own is refused by name, and so is an unknown option", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  await using pool = await openPool("local", { workers: 0 });
  const own = defineModel({
    name: "mine",
    inputs: 1,
    outputs: 1,
    params: { w: [1, 1] },
    apply: (g, { w }, x) => g.matmul(x, w),
  });
  const mine = metaInit(maml({ net: own }));
  for (const on of ["auto", "pool"] as const) {
    await assertRejects(
      () => metaGradientOf(distribute(engine, pool, { on }), mine, someTasks(own, 2)),
      TypeError,
      `its net "mine" is one of your own, and no code travels`,
    );
  }
  assertThrows(() => distribute(engine, pool, JSON.parse(`{ "task": [] }`)), TypeError, `did you mean "tasks"?`);
  assertThrows(() => distribute(engine, pool, JSON.parse(`{ "on": "server" }`)), TypeError, `received "server"`);
});

testNats(
  "metaTrain() gives the engine's bits on 1 to 4 workers of a server, while a worker is killed and data are deleted",
  async () => {
    await using engine = await openEngine({ backend: "cpu", threads: 1 });
    await using server = await startServer();
    const silence = 1500;
    await using pool = await openPool(server.at, { silence });
    const long = [...batches, ...batches];
    const expected = await trained(distribute(engine, pool, { on: "engine" }), long);
    for (const threads of [1, 2, 4]) {
      const ends = new AbortController();
      const served = serveJobs(server.at, { threads, silence, signal: ends.signal });
      while ((await pool.workers()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      assertEquals(await trained(distribute(engine, pool, { tasks, on: "pool" }), long), expected);
      ends.abort();
      await served;
    }
    const workers = await Promise.all([1, 2, 3].map(() => startWorker(server.at, silence)));
    const faults: Promise<void>[] = [];
    function* faulty(): Generator<readonly Task[]> {
      for (const [i, batch] of long.entries()) {
        if (i === 2) workers[0].kill("SIGKILL");
        if (i === 4) faults.push(server.restart({ empty: true }));
        yield batch;
      }
    }
    assertEquals(await trained(distribute(engine, pool, { tasks, on: "pool" }), faulty()), expected);
    await Promise.all(faults);
    for (const worker of workers.slice(1)) worker.kill("SIGTERM");
    await Promise.all(workers.map(({ status }) => status));
  },
);
