import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import type { Engine } from "../../lib/engine/engine.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Task } from "../../lib/engine/problem.ts";
import { DivergedError } from "../../lib/meta/errors.ts";
import { maml, mamlPlusPlus, metaSgd } from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { type MetaProgress, metaStep, metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { someTasks } from "./fixtures.ts";

const net = mlp({ inputs: 2, hidden: [6], outputs: 1, activation: "tanh" });
const engine: Engine = openNaiveEngine();
const batches = (count: number, from = 0): Task[][] =>
  Array.from({ length: count }, (_, i) => someTasks(net, 3, 100 + from + i));

async function collect(run: AsyncIterable<MetaProgress>): Promise<MetaProgress[]> {
  const all: MetaProgress[] = [];
  for await (const progress of run) all.push(progress);
  return all;
}

Deno.test("metaStep() leaves its state and tasks unchanged", async () => {
  const state = metaInit(metaSgd({ net }), { seed: 1 });
  const tasks = someTasks(net, 3);
  const before = structuredClone({ ...state, config: null, tasks });
  await metaStep(engine, state, tasks);
  assertEquals(structuredClone({ ...state, config: null, tasks }), before);
});

Deno.test("metaTrain() makes the steps that metaStep() would, bitwise, however often it yields", async () => {
  const start = metaInit(mamlPlusPlus({ net, inner: { steps: 3, lr: 0.05 } }), { seed: 2 });
  let state: MetaState = start;
  for (const tasks of batches(7)) state = (await metaStep(engine, state, tasks)).state;
  for (const every of [1, 3, 7, 100]) {
    const all = await collect(metaTrain(engine, start, batches(7), { every }));
    assertEquals(all.length, Math.ceil(7 / every));
    assertEquals(all[all.length - 1].state, state);
  }
});

Deno.test("metaTrain() resumed from a yielded state is the run that was never interrupted", async () => {
  const start = metaInit(maml({ net, outer: { schedule: { kind: "cosine", steps: 8, warmup: 2 } } }), { seed: 3 });
  const whole = await collect(metaTrain(engine, start, batches(8), { every: 8 }));
  const [half] = await collect(metaTrain(engine, start, batches(5), { every: 5 }));
  const rest = await collect(metaTrain(engine, half.state, batches(3, 5), { every: 3 }));
  assertEquals(rest[0].state, whole[0].state);
});

Deno.test("metaTrain() yields what it reached when aborted, then throws the reason", async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  await assertRejects(
    async () => {
      const options = { every: 10, signal: controller.signal };
      const source = (function* () {
        for (const [i, tasks] of batches(9).entries()) {
          if (i === 4) controller.abort(new Error("stop here"));
          yield tasks;
        }
      })();
      for await (const { step } of metaTrain(engine, metaInit(maml({ net })), source, options)) seen.push(step);
    },
    Error,
    "stop here",
  );
  assertEquals(seen, [4]);
});

Deno.test("metaTrain() stops early on the validation loss and returns the best state", async () => {
  const validation = someTasks(net, 4, 9);
  const start = metaInit(maml({ net, outer: { lr: 0.5 } }), { seed: 4 });
  const run = metaTrain(engine, start, batches(60), { validation, patience: 3 });
  const all: MetaProgress[] = [];
  let next = await run.next();
  for (; !next.done; next = await run.next()) all.push(next.value);
  assert(all.length < 60, `expected an early stop, made ${all.length} steps`);
  const losses = all.map(({ validationLoss }) => validationLoss!);
  const best = losses.indexOf(Math.min(...losses));
  assertEquals(all.length - 1 - best, 3);
  assertEquals(next.value, all[best].state);
});

Deno.test("metaTrain() with a rate that diverges throws with the last good state", async () => {
  const linear = metaInit(maml({ net: mlp({ inputs: 2, hidden: [], outputs: 1 }), inner: { steps: 60, lr: 1e6 } }));
  const error = await assertRejects(() => metaStep(engine, linear, someTasks(linear.config.net, 2)), DivergedError);
  assertEquals(error.state, linear);
});

Deno.test("metaStep() refuses bad batches by name", async () => {
  const state = metaInit(maml({ net }));
  await assertRejects(() => metaStep(engine, state, []), RangeError, "at least one task");
  const [task] = someTasks(net, 1);
  const wrong = { ...task, query: { ...task.query, y: new Float32Array(99) } };
  await assertRejects(() => metaStep(engine, state, [task, wrong]), TypeError, "tasks[1].query.y [4 rows, 1 outputs]");
  const nan = { ...task, support: { ...task.support, x: task.support.x.map(() => NaN) } };
  await assertRejects(() => metaStep(engine, state, [nan]), RangeError, "finite");
  const weights = new Float32Array(task.support.rows);
  await assertRejects(
    () => metaStep(engine, state, [{ ...task, support: { ...task.support, weights } }]),
    RangeError,
    "not to be all 0",
  );
});

Deno.test("metaInit() gives what its seed and its explicit values say", () => {
  const config = metaSgd({ net, inner: { lr: 0.25 } });
  assertEquals(metaInit(config, { seed: 1 }), metaInit(config, { seed: 1 }));
  assertNotEquals(metaInit(config, { seed: 1 }).params, metaInit(config, { seed: 2 }).params);
  assertEquals(metaInit(config).logLr, new Float32Array(net.parameterCount).fill(Math.log(0.25)));
  assertThrows(() => metaInit(config, { params: new Float32Array(3) }), TypeError, "expected params to hold 25 values");
});

Deno.test("metaTrain() that is aborted yields the state reached without waiting for its validation, and keeps the best", async () => {
  const stop = new AbortController();
  const validation = someTasks(net, 4, 9);
  const start = metaInit(maml({ net }), { seed: 4 });
  function* aborting(): Generator<Task[]> {
    yield someTasks(net, 2, 1);
    yield someTasks(net, 2, 2);
    stop.abort(new Error("enough"));
    yield someTasks(net, 2, 3);
  }
  const run = metaTrain(engine, start, aborting(), { validation, every: 2, signal: stop.signal });
  const first = (await run.next()).value as MetaProgress;
  assertEquals([first.step, Number.isFinite(first.validationLoss)], [2, true]);
  const rest: MetaProgress[] = [];
  await assertRejects(
    async () => {
      for await (const progress of run) rest.push(progress);
    },
    Error,
    "enough",
  );
  assertEquals(rest.map(({ best }) => best), rest.map(() => first.state));
});
