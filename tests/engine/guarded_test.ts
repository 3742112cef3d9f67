/** What every engine promises its callers: arguments captured, no call after disposal, no starved event loop, no leaked memory. */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openEngine } from "../../lib/engine/open.ts";
import {
  adapt,
  adaptPredict,
  forward,
  hessianVectorProduct,
  lossGradient,
  metaGradientOf,
  metaStep,
} from "../../mod.ts";
import { maml } from "../../lib/meta/presets.ts";
import { resolveConfig } from "../../lib/meta/resolve.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { someSamples, someTasks } from "../meta/fixtures.ts";

const net = mlp({ inputs: 2, hidden: [8], outputs: 1 });
const state = metaInit(maml({ net, inner: { steps: 2, lr: 0.05 } }), { seed: 1 });

for (const threads of [1, 2]) {
  Deno.test(`a call captures its arguments: what is written to them afterwards changes nothing (threads: ${threads})`, async () => {
    await using engine = await openEngine({ backend: "cpu", threads });
    const loss = { kind: "mse" } as const;
    type Call = (data: { samples: ReturnType<typeof someSamples>; params: Float32Array }) => Promise<unknown>;
    const calls: Call[] = [
      ({ samples }) => adapt(engine, state, samples),
      ({ samples }) => adaptPredict(engine, state, [{ support: samples, x: samples.x }]),
      ({ samples }) => metaStep(engine, state, [{ support: samples, query: samples }]),
      ({ samples }) => metaGradientOf(engine, state, [{ support: samples, query: samples }]),
      ({ samples, params }) => forward(engine, net, params, samples.x),
      ({ samples, params }) => lossGradient(engine, net, loss, params, samples),
      ({ samples, params }) => hessianVectorProduct(engine, net, loss, params, samples, params),
    ];
    for (const call of calls) {
      const data = () => ({ samples: someSamples(net, 6, random(5)), params: state.params.slice() });
      const alone = await call(data());
      const overwritten = data();
      const before = call(data()); // keeps the engine busy, so that the next call waits its turn
      const result = call(overwritten);
      for (const array of [overwritten.samples.x, overwritten.samples.y, overwritten.params]) array.fill(99);
      assertEquals(await result, alone);
      await before;
    }
  });

  Deno.test(`a timer fires, and aborts a training, while the CPU engine works without a pause (threads: ${threads})`, async () => {
    await using engine = await openEngine({ backend: "cpu", threads });
    const stop = new AbortController();
    const [task] = someTasks(net, 1);
    let drawn = 0;
    function* batches() {
      for (; drawn < 1e6; drawn++) yield [task];
    }
    const timer = setTimeout(() => stop.abort(new Error("enough")), 20);
    try {
      await assertRejects(
        async () => {
          for await (const _ of metaTrain(engine, state, batches(), { every: 1000, signal: stop.signal }));
        },
        Error,
        "enough",
      );
      assertLess(drawn, 1e6, "the training ran to its end before the timer fired");
    } finally {
      clearTimeout(timer);
    }
  });

  Deno.test(`one long step is ended within, and has changed nothing (threads: ${threads})`, async () => {
    await using engine = await openEngine({ backend: "cpu", threads });
    const wide = mlp({ inputs: 2, hidden: [64, 64], outputs: 1 });
    const start = metaInit(maml({ net: wide, inner: { steps: 20, lr: 1e-3 } }));
    const tasks = someTasks(wide, 4);
    const batch = Array.from({ length: 20_000 }, (_, i) => tasks[i % 4]);
    const stop = new AbortController();
    const run = metaTrain(engine, start, [batch], { signal: stop.signal });
    const timer = setTimeout(() => stop.abort(new Error("enough")), 20);
    await assertRejects(() => run.next(), Error, "enough");
    clearTimeout(timer);
    const { step, loss } = await metaStep(engine, start, tasks).then(({ state, loss }) => ({ step: state.step, loss }));
    assertEquals(step, 1);
    assert(Number.isFinite(loss));
  });
}

Deno.test("a training that waits for its next batch is aborted at once, and yields the state reached", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const stop = new AbortController();
  let closed = false;
  async function* batches() {
    try {
      yield someTasks(net, 2);
      await new Promise((resolve) => stop.signal.addEventListener("abort", () => setTimeout(resolve, 5)));
      yield someTasks(net, 2);
    } finally {
      closed = true;
    }
  }
  const run = metaTrain(engine, state, batches(), { every: 10, signal: stop.signal });
  const first = run.next();
  setTimeout(() => stop.abort(new Error("enough")), 10);
  assertEquals((await first).value?.step, 1);
  await assertRejects(() => run.next(), Error, "enough");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert(closed, "the batches were not closed");
});

Deno.test("a disposed engine refuses every call, and finishes those made before", async () => {
  const engine = await openEngine({ backend: "cpu", threads: 2 });
  const samples = someSamples(net, 5, random(1));
  const training = await engine.openTraining(
    resolveConfig(state.config),
    state,
    state.moments,
  );
  const before = adapt(engine, state, samples);
  await engine[Symbol.asyncDispose]();
  assertEquals((await before).losses.length, 3);
  for (
    const call of [
      () => adapt(engine, state, samples),
      () => forward(engine, net, state.params, samples.x),
      () => metaStep(engine, state, someTasks(net, 1)),
      () => training.read(),
    ]
  ) await assertRejects(call, Error, "Cannot use the engine: it was disposed");
  await training[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

Deno.test("an engine's threads have let go of their memory when it is disposed, started or not", async () => {
  const ended: string[] = [];
  const Original = globalThis.Worker;
  class Watched extends Original {
    constructor(...parameters: ConstructorParameters<typeof Original>) {
      super(...parameters);
      this.addEventListener("message", ({ data }) => ended.push(data));
    }
  }
  globalThis.Worker = Watched;
  try {
    for (const wait of [0, 30]) {
      const engine = await openCpuEngine({ threads: 3 });
      await new Promise((resolve) => setTimeout(resolve, wait));
      await engine[Symbol.asyncDispose]();
    }
  } finally {
    globalThis.Worker = Original;
  }
  assertEquals(ended, ["gone", "gone", "gone", "gone"]);
});
