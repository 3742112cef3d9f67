import fc from "fast-check";
import { assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { meanMetaGradient, metaGradientSum } from "../../lib/meta/gradient_sum.ts";
import { metaSgd } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { relativeError } from "../goldens.ts";
import { someTasks } from "./fixtures.ts";

const net = mlp({ inputs: 3, hidden: [4], outputs: 2, activation: "tanh" });
const state = metaInit(metaSgd({ net, inner: { steps: 2, lr: 0.1 } }), { seed: 1 });
const tasks = someTasks(net, 147);
const ENGINES: Record<string, () => Promise<Engine>> = {
  "the float64 interpreter": () => Promise.resolve(openNaiveEngine()),
  "the CPU engine": () => openCpuEngine({ threads: 2 }),
};

/** The mean over runs cut before these leaves. */
async function joined(engine: Engine, cuts: readonly number[]): Promise<ReturnType<typeof meanMetaGradient>> {
  const at = [...new Set([0, ...cuts.map((cut) => 16 * cut), tasks.length])].sort((a, b) => a - b);
  const runs = at.slice(1).map((end, i) => metaGradientSum(engine, state, tasks, { start: at[i], end }));
  return meanMetaGradient(state, (await Promise.all(runs)).reverse());
}

for (const [name, open] of Object.entries(ENGINES)) {
  Deno.test(`${name} sums any split of a batch into runs of whole leaves to the same bits`, async () => {
    await using engine = await open();
    const whole = await joined(engine, []);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (cuts) => {
        assertEquals(await joined(engine, cuts), whole);
      }),
      { numRuns: 8 },
    );
    const plain = await metaGradientOf(engine, state, tasks);
    assertEquals(whole.taskLosses, plain.taskLosses);
    assertLess(relativeError(whole.params, plain.params), 1e-5);
    assertLess(relativeError(whole.logLr, plain.logLr), 1e-5);
  });
}

Deno.test("the interpreter's own mean is the joined one, bit for bit", async () => {
  const engine = openNaiveEngine();
  assertEquals(await joined(engine, [2, 5]), await metaGradientOf(engine, state, tasks));
});

Deno.test("a worker that has only its tasks says how many came before", async () => {
  const engine = openNaiveEngine();
  const [first, second] = [
    await metaGradientSum(engine, state, tasks.slice(0, 64)),
    await metaGradientSum(engine, state, tasks.slice(64), { before: 64 }),
  ];
  assertEquals([second.start, second.count], [64, 83]);
  assertEquals(meanMetaGradient(state, [first, second]), await joined(engine, [4]));
});

Deno.test("runs that are cut within a leaf, missing or there twice are refused", async () => {
  const engine = openNaiveEngine();
  const run = (options: Parameters<typeof metaGradientSum>[3]) => metaGradientSum(engine, state, tasks, options);
  await assertRejects(() => run({ start: 8 }), RangeError, "start to be a multiple of 16 below 147, received 8");
  await assertRejects(() => run({ end: 40 }), RangeError, "end to be a multiple of 16 above 0, or 147, received 40");
  await assertRejects(() => run({ before: 3 }), RangeError, "before to be a multiple of 16");
  const [a, b] = [await run({ end: 16 }), await run({ start: 16, end: 32 })];
  assertThrows(() => meanMetaGradient(state, [b]), RangeError, "a run from task 0 on, received one from 16");
  assertThrows(() => meanMetaGradient(state, [a, a, b]), RangeError, "a run from task 16 on, received one from 0");
  assertThrows(() => meanMetaGradient(state, []), RangeError, "at least one run");
});
