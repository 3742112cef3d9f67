// Invariant risk minimisation: its gradient, its penalty's halves, and the answer of the paper's first example.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import type { InvarianceConfig, LossConfig } from "../../lib/meta/config.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { metaGradientSum } from "../../lib/meta/gradient_sum.ts";
import { imaml, maml, reptile } from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { ridge } from "../../lib/method/ridge.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { someTasks } from "./fixtures.ts";

const naive = openNaiveEngine();
const net = mlp({ inputs: 2, hidden: [4], outputs: 1, activation: "tanh" });
const IRM: InvarianceConfig = { kind: "irm", strength: 3 };

function environments(count: number, each: number): Task[] {
  return someTasks(net, count * each, 4).map((task, t) => ({ ...task, environment: t % count }));
}

Deno.test("IRM's gradient through the inner loop agrees with central differences, of one task an environment and of several", async () => {
  for (const loss of [{ kind: "mse" }, { kind: "huber", delta: 0.7 }] satisfies LossConfig[]) {
    for (const each of [1, 3]) {
      const config = maml({ net, loss, inner: { steps: 2, lr: 0.1 }, learn: { lr: true }, outer: { invariance: IRM } });
      const { params, logLr } = await checkMetaGradient(naive, metaInit(config, { seed: 3 }), environments(2, each));
      assertLess(params, 1e-5);
      assertLess(logLr, 1e-5);
    }
  }
});

Deno.test("IRM's gradient is taken of methods that learn in one pass, too", async () => {
  const state = metaInit({ method: ridge({ net }), outer: { invariance: IRM } }, { seed: 3 });
  const { by } = await checkMetaGradient(naive, state, environments(2, 2));
  for (const [name, error] of Object.entries(by)) assertLess(error, 1e-5, name);
});

Deno.test("IRM's penalty of mse is the mean over environments of (2·mean((f − y)·f))², f the adapted outputs", async () => {
  const linear = mlp({ inputs: 1, hidden: [], outputs: 1 });
  const task = (y: number, environment: number): Task => {
    const rows: Samples = { rows: 2, x: Float32Array.of(1, 2), y: Float32Array.of(y, 0) };
    return { support: rows, query: rows, environment };
  };
  // f = x: 1 and 2. Of y = 3: d = (1 − 3)·1 + (2 − 0)·2 = 2; of y = 7: −6 + 4 = −2.
  const at = (invariance: InvarianceConfig): MetaState =>
    metaInit(maml({ net: linear, inner: { steps: 0 }, outer: { invariance } }), { params: Float32Array.of(1, 0) });
  const tasks = [task(3, 0), task(7, 1)];
  const risks = [(4 + 4) / 2, (36 + 4) / 2];
  const apart = await metaGradientOf(naive, at({ kind: "irm", strength: 10 }), tasks);
  assertAlmostEquals(apart.loss, (risks[0] + risks[1]) / 2 + 10 * (4 + 4) / 2, 1e-9);
  // As two halves of one environment their product is negative: noise about a slope of 0.
  const together = await metaGradientOf(
    naive,
    at({ kind: "irm", strength: 10 }),
    tasks.map((t) => ({ ...t, environment: 5 })),
  );
  assertAlmostEquals(together.loss, (risks[0] + risks[1]) / 2 - 10 * 4, 1e-9);
});

Deno.test("the CPU engine takes IRM's gradient as the reference does, and changes no task", async () => {
  await using cpu = await openCpuEngine({ threads: 1 });
  const state = metaInit(maml({ net, inner: { steps: 2, lr: 0.1 }, outer: { invariance: IRM } }), { seed: 3 });
  const tasks = environments(2, 2);
  const copy = structuredClone(tasks);
  const [found, wanted] = [await metaGradientOf(cpu, state, tasks), await metaGradientOf(naive, state, tasks)];
  const norm = (values: Float32Array): number => Math.hypot(...values);
  assertLess(norm(found.params.map((value, i) => value - wanted.params[i])), 1e-4 * norm(wanted.params));
  assertEquals(tasks, copy);
});

/**
 * Example 1 of Arjovsky et al. 2019 in its exact second moments: x1 = σz1, y = x1 + σz2, x2 = y + z3 over four rows of orthogonal
 * signs z. Regression on both is (1/(σ² + 1), σ²/(σ² + 1)); what causes y is (1, 0) in every environment.
 */
function exampleOne(variance: number, environment: number): Task {
  const signs = [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]];
  const sigma = Math.sqrt(variance);
  const y = signs.map(([a, b]) => sigma * (a + b));
  const rows: Samples = {
    rows: 4,
    x: Float32Array.from(signs.flatMap(([a, , c], i) => [sigma * a, y[i] + c])),
    y: Float32Array.from(y),
  };
  return { support: rows, query: rows, environment };
}

async function fit(
  tasks: readonly Task[],
  from: Float32Array,
  { strength, steps, lr = 0.01 }: { strength: number; steps: number; lr?: number },
): Promise<Float32Array> {
  const linear = mlp({ inputs: 2, hidden: [], outputs: 1 });
  const outer = {
    lr,
    beta2: 0.99,
    schedule: { kind: "cosine", steps, floor: 0.001 },
    invariance: { kind: "irm", strength },
  } as const;
  const state = metaInit(maml({ net: linear, inner: { steps: 0 }, outer }), { params: from });
  let reached = state;
  const batches = Array.from({ length: steps }, () => tasks);
  for await (const { state: now } of metaTrain(naive, state, batches, { every: steps })) reached = now;
  return reached.params;
}

Deno.test("IRM finds (1, 0) on the paper's first example, where the joint fit is (0.092, 0.909) and (0.047, 0.953)", async () => {
  const start = Float32Array.of(0.5, 0.5, 0);
  for (const variance of [10, 20]) {
    const [first, second, bias] = await fit([exampleOne(variance, 0)], start, { strength: 0, steps: 1500 });
    assertAlmostEquals(first, 1 / (variance + 1), 2e-3);
    assertAlmostEquals(second, variance / (variance + 1), 2e-3);
    assertAlmostEquals(bias, 0, 2e-3);
  }
  const both = [exampleOne(10, 0), exampleOne(20, 1)];
  let params = await fit(both, start, { strength: 0, steps: 500 });
  assert(params[1] > 0.9);
  // The penalty is 0 along a curve at whose end (1, 0) lies: its strength is raised step by step.
  for (let strength = 1; strength <= 1e6; strength *= 10) params = await fit(both, params, { strength, steps: 1500 });
  assertAlmostEquals(params[0], 1, 0.01);
  assertAlmostEquals(params[1], 0, 0.05);
});

Deno.test("invariance refuses what it cannot weigh, by name", async () => {
  assertThrows(() => reptile({ net, outer: { invariance: IRM } }), RangeError, "unrolled or implicit");
  assertThrows(() => maml({ net, outer: { invariance: { kind: "irm", strength: -1 } } }), RangeError, "strength");
  assertThrows(
    () => maml({ net, outer: { invariance: { kind: "vrex" as "rex", strength: 1 } } }),
    RangeError,
    "rex, irm",
  );
  imaml({ net, outer: { invariance: IRM } });
  const state = metaInit(maml({ net, outer: { invariance: IRM } }));
  await assertRejects(
    () => metaGradientSum(naive, state, environments(2, 2)),
    RangeError,
    "received irm of strength 3",
  );
});
