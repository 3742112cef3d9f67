/** Programs on the CPU engine's threads: the same bits whoever runs them, and training where the learner resides. */
import { assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { openCpuEngine } from "../../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import type { Task } from "../../../lib/engine/problem.ts";
import { metaGradientOf } from "../../../lib/meta/differential.ts";
import { maml } from "../../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../../lib/meta/state.ts";
import { metaStep, metaTrain } from "../../../lib/meta/train.ts";
import { adaptPredict, predict } from "../../../lib/meta/predict.ts";
import { defineModel } from "../../../lib/model/define_model.ts";
import { attention } from "../../../lib/model/attention.ts";
import { lstm } from "../../../lib/model/lstm.ts";
import type { Model } from "../../../lib/model/model.ts";
import { tcn } from "../../../lib/model/tcn.ts";
import { mlp } from "../../../lib/net/mlp.ts";
import { type Random, random } from "../../../lib/net/random.ts";
import { relativeError } from "../../goldens.ts";

const net = lstm({ time: 3, features: 2, hidden: 5, outputs: 1 });

function samples(rows: number, stream: Random) {
  return {
    rows,
    x: Float32Array.from({ length: rows * net.inputs }, () => stream.normal()),
    y: Float32Array.from({ length: rows }, () => stream.normal()),
  };
}

/** Tasks of one shape, or of several. */
function tasksOf(count: number, mixed = false): Task[] {
  const stream = random(3);
  return Array.from({ length: count }, (_, t) => ({
    support: samples(mixed ? 3 + t % 3 : 4, stream),
    query: samples(2, stream),
  }));
}

function stateOf(options: Partial<Parameters<typeof maml>[0]> = {}): MetaState {
  const learn = { params: true, lr: true, loss: false, weightDecay: true };
  return metaInit(maml({ net, inner: { steps: 2, lr: 0.05 }, learn, ...options }), { seed: 1 });
}

for (const mixed of [false, true]) {
  for (const count of [1, 5, 16, 40, 150]) {
    const name = `${count} ${count === 1 ? "task" : "tasks"} of ${mixed ? "several shapes" : "one shape"}`;
    Deno.test(`programs of ${name} give the same bits on 1, 2 and 3 threads, and near those of float64`, async () => {
      const [state, tasks] = [stateOf(), tasksOf(count, mixed)];
      const found = [];
      for (const threads of [1, 2, 3]) {
        await using engine = await openCpuEngine({ threads });
        found.push(await metaGradientOf(engine, state, tasks));
        assertEquals(await metaGradientOf(engine, state, tasks), found[0]);
      }
      assertEquals(found[1], found[0]);
      assertEquals(found[2], found[0]);
      await using naive = openNaiveEngine();
      const wanted = await metaGradientOf(naive, state, tasks);
      // All together: sums over tasks of a single number may cancel.
      const [ours, theirs] = [found[0], wanted].map(({ by }) => Object.values(by).flatMap((values) => [...values]));
      assertLess(relativeError(ours, theirs), 1e-4);
    });
  }
}

Deno.test("a training whose learner resides, of several steps or one at a time, moves as in float64", async () => {
  await using engine = await openCpuEngine({ threads: 2 });
  await using naive = openNaiveEngine();
  const tasks = tasksOf(6, true);
  for (const rule of [{ kind: "sgd" }, { kind: "learned", hidden: 3, scale: 0.1 }] as const) {
    const learn = { params: true, lr: rule.kind === "sgd", loss: false, weightDecay: true };
    const start = stateOf({ inner: { steps: 2, lr: 0.05, rule }, outer: { lr: 0.01, clipNorm: 0.5 }, learn });
    let [stepped, wanted] = [start, start];
    for (let k = 0; k < 3; k++) {
      stepped = (await metaStep(engine, stepped, tasks)).state;
      wanted = (await metaStep(naive, wanted, tasks)).state;
    }
    let trained = start;
    for await (const { state } of metaTrain(engine, start, [tasks, tasks, tasks])) trained = state;
    assertEquals(trained.values, stepped.values);
    for (const [name, values] of Object.entries(wanted.values)) {
      assertLess(relativeError(stepped.values[name], values), 1e-4, name);
    }
    assertNotEquals(wanted.values.theta, start.values.theta);
  }
});

Deno.test("a forward pass of many rows is that of its rows, for a model that looks at several at once too", async () => {
  await using engine = await openCpuEngine({ threads: 2 });
  const [state, rows] = [stateOf(), 1300];
  const { x } = samples(rows, random(5));
  const all = await predict(engine, state, x);
  for (const row of [0, 511, 512, 1299]) {
    const one = await predict(engine, state, x.slice(row * net.inputs, (row + 1) * net.inputs));
    assertLess(Math.abs(one[0] - all[row]), 1e-5, `row ${row}`);
  }
  const centred = defineModel({
    name: "centred",
    inputs: net.inputs,
    outputs: 1,
    params: { w: [net.inputs, 1] },
    apply: (g, p, x) => g.matmul(g.sub(x, g.mean(x, 0, { keep: true })), p.w),
  });
  const found = await predict(engine, metaInit(maml({ net: centred }), { seed: 2 }), x);
  assertLess(Math.abs(found.reduce((sum, value) => sum + value, 0)), 1e-2);
});

const SEQUENCE = { time: 4, features: 3 };
const ROW_MODELS: Record<string, Model> = {
  "mlp of one output": mlp({ inputs: 12, hidden: [9, 7], outputs: 1 }),
  "mlp of three outputs": mlp({ inputs: 12, hidden: [5], outputs: 3, activation: "tanh" }),
  lstm: lstm({ ...SEQUENCE, hidden: 5, outputs: 1 }),
  tcn: tcn({ ...SEQUENCE, channels: [5, 4], taps: 2, outputs: 2 }),
  attention: attention({ ...SEQUENCE, width: 6, outputs: 1 }),
};

for (const [name, net] of Object.entries(ROW_MODELS)) {
  Deno.test(`what a program predicts of a row depends on no other row, to the bit: ${name}`, async () => {
    const stream = random(5);
    const draw = (length: number) => Float32Array.from({ length }, () => stream.normal());
    const support = { rows: 6, x: draw(6 * net.inputs), y: draw(6 * net.outputs) };
    const state = metaInit(maml({ net, inner: { steps: 2, lr: 0.05 } }), { seed: 2 });
    const x = draw(9 * net.inputs);
    await using engine = await openCpuEngine({ threads: 1 });
    const rowsOf = async (rows: number): Promise<Float32Array> =>
      (await adaptPredict(engine, state, [{ support, x: x.subarray(0, rows * net.inputs) }]))[0];
    const all = await rowsOf(9);
    for (const rows of [1, 2, 3, 4, 5, 8]) assertEquals(await rowsOf(rows), all.subarray(0, rows * net.outputs));
  });
}
