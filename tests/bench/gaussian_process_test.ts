// Learners of distributions against the exact posterior. The figures are in bench/METHODS.md.
import { assertAlmostEquals, assertLess } from "@std/assert";
import {
  exactSurprise,
  judgedTasks,
  learnedSurprises,
  LEARNERS,
  processTask,
  trainOnProcess,
} from "../../bench/gaussian_process.ts";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { random } from "../../lib/net/random.ts";

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value / values.length, 0);

Deno.test("the exact posterior of one row is the textbook's, and is calibrated on draws of the process", () => {
  const support = { rows: 1, x: Float32Array.of(0), y: Float32Array.of(2) };
  const query = { rows: 1, x: Float32Array.of(0.5), y: Float32Array.of(1) };
  const k = Math.exp(-0.5);
  const [centre, variance] = [2 * k / 1.01, 1.01 - k * k / 1.01];
  assertAlmostEquals(
    exactSurprise({ support, query }),
    0.5 * (Math.log(variance) + (1 - centre) ** 2 / variance),
    1e-6,
  );
  // The mean of (y − μ)²/σ² over draws is 1, so that a surprise less ½ log σ² is ½: here of nothing to learn from but a far row.
  const stream = random(3);
  const far = Array.from({ length: 400 }, () => processTask(stream, 1)).map(({ query: asked }) => ({
    support: { rows: 1, x: Float32Array.of(90), y: Float32Array.of(0) },
    query: asked,
  }));
  assertAlmostEquals(mean(far.map(exactSurprise)), 0.5 * (Math.log(1.01) + 1), 0.06);
});

for (const [name, method] of Object.entries(LEARNERS)) {
  Deno.test(`${name}: learns from draws of a Gaussian process, and does not beat its exact posterior`, async () => {
    await using engine = await openCpuEngine({ threads: 1 });
    const tasks = judgedTasks(200);
    const exact = tasks.map(exactSurprise);
    const [before, after] = await Promise.all(
      [0, 150].map(async (batches) =>
        await learnedSurprises(engine, await trainOnProcess(engine, method, { batches, seed: 1 }), tasks)
      ),
    );
    assertLess(mean(after), mean(before) - 0.05);
    // 3 standard errors of the paired difference: beyond them the judge would be wrong, not the learner good.
    const apart = after.map((value, t) => value - exact[t]);
    const deviation = Math.sqrt(mean(apart.map((value) => (value - mean(apart)) ** 2)) / tasks.length);
    assertLess(0, mean(apart) + 3 * deviation);
  });
}
