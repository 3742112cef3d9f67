/** How far an implicit gradient is from what its formula takes for granted. */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { checkImplicit } from "../../lib/meta/check_implicit.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { imaml, maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { relativeError } from "../goldens.ts";
import { someTasks } from "./fixtures.ts";

const engine = openNaiveEngine();
const linear = mlp({ inputs: 2, hidden: [], outputs: 1 });

/** A state of a linear model whose inner loop makes so many steps. */
function stateOf(steps: number, cgSteps = 20) {
  const gradient = { kind: "implicit", cgSteps, tolerance: 1e-5 } as const;
  const inner = { steps, lr: 0.05, proximal: 2, tolerance: 0, rule: { kind: "sgd" } } as const;
  return metaInit(imaml({ net: linear, inner, gradient }), { seed: 1 });
}

Deno.test("checkImplicit() sees the inner loop come to rest with its steps, and conjugate gradients with their iterations", async () => {
  const tasks = someTasks(linear, 3);
  const still: number[] = [];
  for (const steps of [0, 10, 400]) {
    const checks = await checkImplicit(engine, stateOf(steps), tasks);
    assertEquals(checks.map(({ negativeCurvature }) => negativeCurvature), [false, false, false]);
    still.push(Math.max(...checks.map(({ stationarity }) => stationarity)));
  }
  assertEquals(still[0], 1);
  assert(still[1] < 0.5 && still[2] < 1e-4, still.join());
  const [rough] = await checkImplicit(engine, stateOf(10, 1), tasks);
  const [fine] = await checkImplicit(engine, stateOf(10), tasks);
  assertEquals([rough.iterations, rough.task], [1, "0"]);
  assert(rough.residual > 1e-3 && fine.residual <= 1e-5, `${rough.residual}, ${fine.residual}`);
  assert(fine.iterations <= 4, "a linear model of three parameters is solved in as many iterations, up to rounding");
});

Deno.test("at a stationary point the implicit gradient is that through the whole inner loop, however many steps it took", async () => {
  const tasks = someTasks(linear, 2);
  const implicit = await metaGradientOf(engine, stateOf(400), tasks);
  const inner = { steps: 400, lr: 0.05, proximal: 2 };
  const unrolled = await metaGradientOf(engine, metaInit(maml({ net: linear, inner }), { seed: 1 }), tasks);
  assertLess(relativeError(implicit.params, unrolled.params), 1e-4);
});

Deno.test("checkImplicit() tells of negative curvature, and refuses a gradient that is not implicit", async () => {
  // The problem of the engines' suite: f = w₁ tanh(w₀ x + b₀) + b₁, bent the other way along the query's gradient.
  const net = mlp({ inputs: 1, hidden: [1], outputs: 1, activation: "tanh" });
  const params = Float32Array.of(0.5, 0, 0.5, 0);
  const state = metaInit(imaml({ net, inner: { steps: 0, proximal: 0.5 } }), { params });
  const x = Float32Array.of(1, -1);
  const outputs = await engine.forward(net, params, x);
  const query = { rows: 2, x, y: Float32Array.of(outputs[0] - 1, outputs[1] + 1) };
  const support = { rows: 1, x: Float32Array.of(1), y: Float32Array.of(outputs[0] + 10) };
  const [check] = await checkImplicit(engine, state, [{ name: "bent", support, query }]);
  assertEquals([check.task, check.iterations, check.negativeCurvature], ["bent", 0, true]);
  assert(check.residual > 1);
  await assertRejects(
    () => checkImplicit(engine, metaInit(maml({ net })), [{ support, query }]),
    RangeError,
    "unrolled",
  );
});
