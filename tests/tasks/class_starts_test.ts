import { assert, assertEquals, assertNotEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { type Random, random } from "../../lib/net/random.ts";
import { classStarts } from "../../lib/tasks/class_starts.ts";

const CONFIG = maml({
  net: mlp({ inputs: 1, hidden: [8], outputs: 1, activation: "tanh" }),
  inner: { steps: 1, lr: 0.05 },
  outer: { lr: 0.01 },
});

/** Tasks y = a x with slopes around the class' own. */
function lineTask(stream: Random, slope: number): Task {
  const a = slope + 0.2 * stream.normal();
  const draw = (rows: number): Samples => {
    const x = Float32Array.from({ length: rows }, () => stream.normal());
    return { rows, x, y: x.map((value) => a * value) };
  };
  return { support: draw(3), query: draw(10) };
}

const batches = (seed: number, slopes: number[], count: number) => {
  const stream = random(seed);
  return Array.from({ length: count }, () => slopes.map((slope) => lineTask(stream, slope)));
};

async function last(engine: ReturnType<typeof openNaiveEngine>, state: MetaState, count: number): Promise<MetaState> {
  for await (const progress of metaTrain(engine, state, batches(1, [-2, 2], count))) state = progress.state;
  return state;
}

Deno.test("classStarts() go on from the global start to one that is better on each class' own tasks", async () => {
  await using engine = openNaiveEngine();
  const state = await last(engine, metaInit(CONFIG), 60);
  const validation = { falling: batches(9, Array(12).fill(-2), 1)[0], rising: batches(8, Array(12).fill(2), 1)[0] };
  const classes = { falling: batches(2, [-2, -2], 60), rising: batches(3, [2, 2], 60) };
  const seen: [string, number, number][] = [];
  const starts = await classStarts(engine, state, classes, {
    validation,
    every: 20,
    onProgress: (name, { step, validationLoss }) => seen.push([name, step, validationLoss!]),
  });
  assertEquals(Object.keys(starts), ["falling", "rising"]);
  assertEquals(seen.map(([name, step]) => [name, step]), [
    ["falling", 80],
    ["falling", 100],
    ["falling", 120],
    ["rising", 80],
    ["rising", 100],
    ["rising", 120],
  ]);
  const lossOf = async (start: MetaState, tasks: Task[]) => {
    for await (const { loss } of metaTrain(engine, start, [tasks])) return loss;
    return NaN;
  };
  for (const name of ["falling", "rising"] as const) {
    const [own, global] = [await lossOf(starts[name], validation[name]), await lossOf(state, validation[name])];
    assert(own < 0.5 * global, `${name}: ${own} against ${global}`);
  }
});

Deno.test("classStarts() give the global start back, itself, where nothing better was found", async () => {
  await using engine = openNaiveEngine();
  const state = await last(engine, metaInit(CONFIG), 60);
  const validation = { up: batches(8, Array(12).fill(2), 1)[0] };
  // Tasks of the other class: every step leads away from the validation tasks.
  const starts = await classStarts(engine, state, { up: batches(2, [-2, -2], 40) }, {
    validation,
    every: 5,
    patience: 3,
  });
  assertStrictEquals(starts.up, state);
});

Deno.test("classStarts() without validation take the last state, with a rate of their own begin the moments anew", async () => {
  await using engine = openNaiveEngine();
  const state = await last(engine, metaInit(CONFIG), 10);
  const before = structuredClone({ params: state.params, moments: state.moments });
  const classes = () => ({ up: batches(2, [2, 2], 7) });
  const gone = await classStarts(engine, state, classes());
  assertEquals(gone.up.step, 17);
  const anew = await classStarts(engine, state, classes(), { lr: 0.003 });
  assertEquals([anew.up.step, anew.up.config.outer?.lr], [7, 0.003]);
  assertNotEquals(anew.up.params, gone.up.params);
  assertEquals({ params: state.params, moments: state.moments }, before);
  assertEquals((await classStarts(engine, state, classes())).up.params, gone.up.params);
});

Deno.test("classStarts() throw on validation tasks of an unknown class, and stop when told to", async () => {
  await using engine = openNaiveEngine();
  const state = metaInit(CONFIG);
  const classes = { up: batches(2, [2], 3) };
  const [tasks] = batches(3, [2], 1);
  await assertRejects(
    () => classStarts(engine, state, classes, { validation: { down: tasks } }),
    RangeError,
    "validation tasks are for down, batches for up",
  );
  await assertRejects(() => classStarts(engine, state, classes, { every: 0 }), RangeError, "every");
  const signal = AbortSignal.abort(new DOMException("Stopped", "AbortError"));
  await assertRejects(() => classStarts(engine, state, classes, { signal }), DOMException, "Stopped");
});
