/** An inner loop that runs to a tolerance: where it rests, what it says of it, and what of it the outer gradient is. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { openEngine } from "../../lib/engine/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import type { Samples } from "../../lib/engine/problem.ts";
import { adapt, type Adapted, adaptMany } from "../../lib/meta/adapt.ts";
import { checkImplicit } from "../../lib/meta/check_implicit.ts";
import { lossGradient, metaGradientOf } from "../../lib/meta/differential.ts";
import { imaml } from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { metaStep, metaTrain } from "../../lib/meta/train.ts";
import type { InnerConfig } from "../../lib/meta/config.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { relativeError } from "../goldens.ts";
import { someTasks } from "./fixtures.ts";

const RHO = 2;
const net = mlp({ inputs: 3, hidden: [6], outputs: 2, activation: "tanh" });
const engines: readonly [string, () => Promise<Engine>][] = [
  ["float64", () => Promise.resolve(openNaiveEngine())],
  ["cpu", () => openEngine({ backend: "cpu", threads: 2 })],
];

function stateOf(inner: Partial<InnerConfig>): MetaState {
  return metaInit(imaml({ net, inner: { proximal: RHO, weightDecay: 0.1, ...inner } }), { seed: 3 });
}

/** ‖∇L + ωθ + ρ(θ − θ_0)‖ at some parameters. */
async function pull(engine: Engine, state: MetaState, support: Samples, params: Float32Array): Promise<number> {
  const { grad } = await lossGradient(engine, net, { kind: "mse" }, params, support);
  return Math.hypot(...grad.map((slope, i) => slope + 0.1 * params[i] + RHO * (params[i] - state.params[i])));
}

for (const [name, open] of engines) {
  Deno.test(`${name}: an inner loop rests where its tolerance is met, and says how near it came`, async () => {
    await using engine = await open();
    const supports = someTasks(net, 5).map(({ support }) => support);
    const long = await adaptMany(engine, stateOf({ steps: 60, tolerance: 0.02 }), supports);
    const short = await adaptMany(engine, stateOf({ steps: 30, tolerance: 0.02 }), supports);
    const state = stateOf({ steps: 60, tolerance: 0.02 });
    for (const [t, { params, losses, stationarity }] of long.entries()) {
      const reached = await pull(engine, state, supports[t], params) /
        await pull(engine, state, supports[t], state.params);
      assertLess(Math.abs(stationarity! - reached), 1e-4 * reached);
      assert(reached <= 0.02, `${reached}`);
      assertEquals(short[t].params, params, "steps after it rests change nothing");
      // It rests at the first point that will do.
      const last = losses.indexOf(losses[60]);
      const before = await adapt(engine, state, supports[t], { steps: last - 1 });
      assert(before.stationarity! > 0.02, `${before.stationarity} after ${last - 1} steps`);
      assertEquals((await adapt(engine, state, supports[t], { steps: last })).params, params);
    }
  });

  Deno.test(`${name}: steps and their reports are what adapting from the new state says, the same bits twice`, async () => {
    await using engine = await open();
    const tasks = someTasks(net, 4);
    const start = stateOf({ steps: 3, tolerance: 1e-4 });
    const step = await metaStep(engine, start, tasks);
    const found = await adaptMany(engine, step.state, tasks.map(({ support }) => support));
    assertEquals([...step.stationarity!], found.map(({ stationarity }) => stationarity));
    assert(step.stationarity!.every((value) => value > 1e-4), "three steps do not suffice, and it is said");
    assertEquals(await metaStep(engine, start, tasks), step);
    for await (const progress of metaTrain(engine, start, [tasks])) {
      assertEquals(progress.stationarity, step.stationarity);
      assertEquals(progress.state.params, step.state.params);
    }
    const checks = await checkImplicit(engine, step.state, tasks);
    const own = checks.map(({ stationarity }) => stationarity);
    assertLess(relativeError([...step.stationarity!], own), 1e-4);
  });

  Deno.test(`${name}: at rest the implicit gradient is the same by whatever steps the loop came there`, async () => {
    await using engine = await open();
    const tasks = someTasks(net, 3);
    const tight = { tolerance: 1e-5, weightDecay: 0 };
    const fast = await metaGradientOf(engine, stateOf({ ...tight, steps: 60 }), tasks);
    const slow = { ...tight, steps: 600, lr: 0.05, rule: { kind: "sgd" } } as const;
    assertLess(relativeError(fast.params, [...(await metaGradientOf(engine, stateOf(slow), tasks)).params]), 1e-4);
  });
}

Deno.test("a loop without a tolerance says nothing of rest; one that begins at rest stays", async () => {
  const engine = openNaiveEngine();
  const [{ support }] = someTasks(net, 1);
  const without: Adapted = await adapt(engine, stateOf({ tolerance: 0 }), support);
  assertEquals("stationarity" in without, false);
  const linear = mlp({ inputs: 1, hidden: [], outputs: 1 });
  const state = metaInit(imaml({ net: linear }), { params: Float32Array.of(2, 1) });
  const fitted = await adapt(engine, state, { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) });
  assertEquals([[...fitted.params], fitted.stationarity], [[2, 1], 0]);
});
