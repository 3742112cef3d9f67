/**
 * Our own measurements: the same problems as the peers', in this process.
 * @module
 */
import {
  adapt,
  adaptPredict,
  type Engine,
  maml,
  metaGradient,
  metaInit,
  metaStep,
  metaTrain,
  mlp,
  openEngine,
  predict,
  type Random,
  random,
  type Samples,
} from "@adaptrade/adaptrade";
import type { Sizes } from "./statistics.ts";

/** An engine to measure. */
export interface Contender {
  /** Name in the table. */
  readonly name: string;
  /** Opens it. */
  readonly open: () => Promise<Engine>;
}

/** Every engine that this machine has: the CPU on one thread and on all, and a hardware GPU. */
export async function contenders(): Promise<Contender[]> {
  const list: Contender[] = [
    { name: "ours, cpu, all threads", open: () => openEngine({ backend: "cpu" }) },
    { name: "ours, cpu, 1 thread", open: () => openEngine({ backend: "cpu", threads: 1 }) },
  ];
  const adapter = await navigator.gpu?.requestAdapter();
  if (adapter && !adapter.info.isFallbackAdapter) {
    list.unshift({ name: `ours, webgpu (${adapter.info.description})`, open: () => openEngine({ backend: "webgpu" }) });
  }
  return list;
}

function samples(rows: number, stream: Random): Samples {
  return {
    rows,
    x: Float32Array.from({ length: rows * 10 }, () => stream.normal()),
    y: Float32Array.from({ length: rows }, () => stream.normal()),
  };
}

/** Runs `body` for some seconds, at least five times after two to warm up; times in ms. */
async function repeat(seconds: number, body: () => Promise<unknown>): Promise<number[]> {
  await body();
  await body();
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  while (times.length < 5 || performance.now() < end) {
    const start = performance.now();
    await body();
    times.push(performance.now() - start);
  }
  return times;
}

/** One outer step of `metaTrain` and its loss read back, as the peers' step ends when its loss is there. */
export async function timeMetaStep(engine: Engine, sizes: Sizes, seconds: number): Promise<number[]> {
  const stream = random(1);
  const net = mlp({ inputs: 10, hidden: [sizes.hidden, sizes.hidden], outputs: 1 });
  const state = metaInit(maml({ net, inner: { steps: sizes.steps, lr: 0.01 }, outer: { lr: 1e-3 } }), { seed: 1 });
  const tasks = Array.from({ length: sizes.tasks }, () => ({
    support: samples(sizes.support, stream),
    query: samples(sizes.query, stream),
  }));
  const batches = (function* () {
    while (true) yield tasks;
  })();
  const training = metaTrain(engine, state, batches);
  const times = await repeat(seconds, () => training.next());
  await training.return(state);
  return times;
}

/** A walk-forward over so many bars: one adaptation and one prediction a bar, in one call; ms a bar. */
export async function timeWalkForward(engine: Engine, bars: number, seconds: number): Promise<number[]> {
  const stream = random(2);
  const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
  const state = metaInit(maml({ net, inner: { steps: 5, lr: 0.01 } }), { seed: 1 });
  const pairs = Array.from({ length: bars }, () => ({ support: samples(20, stream), x: samples(1, stream).x }));
  return (await repeat(seconds, () => adaptPredict(engine, state, pairs))).map((ms) => ms / bars);
}

/** The online step: one meta-gradient step on a learned rate and loss (50 + 10 rows, 3 inner steps), adapt, predict. */
export async function timeOnline(engine: Engine, seconds: number): Promise<number[]> {
  const stream = random(3);
  const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
  const config = metaGradient({ net, inner: { steps: 3, lr: 0.01, lrShape: { per: "scalar" } } });
  let state = metaInit(config, { seed: 1 });
  const task = { support: samples(50, stream), query: samples(10, stream) };
  const { x } = samples(1, stream);
  return await repeat(seconds, async () => {
    ({ state } = await metaStep(engine, state, [task]));
    return await predict(engine, await adapt(engine, state, task.support), x);
  });
}
