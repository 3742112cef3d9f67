// A gradient by a value on its way is the same however that value was put together: by rules, in penalties, in programs.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { openEngine } from "../../lib/engine/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import type { Model } from "../../lib/model/model.ts";
import { random } from "../../lib/net/random.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import type { Graph } from "../../lib/program/graph_type.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { opaque } from "../../lib/program/opaque.ts";
import { toProgram } from "../../lib/program/program.ts";
import type { Value } from "../../lib/program/value.ts";
import type { RuleConfig } from "../../lib/rule/config.ts";
import { someSamples } from "../meta/fixtures.ts";
import { wasmRunner } from "./wasm_runner.ts";

/** The same vector [n], n even, said in other ways, each of which some rewrite takes apart. */
const WAYS: Readonly<Record<string, (g: Graph, x: Value, n: number) => Value>> = {
  concat: (g, x, n) => g.concat([g.add(1, g.sub(g.slice(x, 0, { end: 3 }), 1)), g.tanh(g.constant(0, [n - 3]))], 0),
  parts: (g, x, n) =>
    g.concat(
      [g.exp(g.log(g.exp(g.slice(x, 0, { end: 3 })))), g.exp(g.slice(x, 0, { start: 3, end: n }))].map((part) =>
        g.log(part)
      ),
      0,
    ),
  slice: (g, x, n) =>
    g.slice(g.add(g.pad(x, 0, { after: 3 }), g.tanh(g.pad(g.mul(0, x), 0, { after: 3 }))), 0, { end: n }),
  reshape: (g, x, n) => g.reshape(g.add(1, g.sub(g.reshape(x, [n / 2, 2]), 1)), [n]),
  transpose: (g, x, n) => g.reshape(g.transpose(g.transpose(g.reshape(g.log(g.exp(x)), [n / 2, 2]))), [n]),
  product: (g, x) => g.mul(2, g.log(g.exp(g.mul(0.5, x)))),
  stopped: (g, x) => g.add(x, g.stop(g.sub(g.tanh(x), g.tanh(x)))),
};
const { concat: _padded, ...SAME } = WAYS;

/** One part, used whole: nothing but its own shape stands between θ and the outputs. */
const WHOLE = defineModel({
  name: "whole",
  inputs: 4,
  outputs: 1,
  params: { w: [4] },
  apply: (g, { w }, x) => g.sum(g.mul(x, g.mul(3, w)), 1, { keep: true }),
});

/** A step whose result itself is put together by a way, for vectors of an even length. */
function said(way: (g: Graph, x: Value, n: number) => Value): RuleConfig {
  return {
    kind: "custom",
    update: (g, { theta, gradient, rate }) => ({ theta: way(g, g.sub(theta, g.mul(rate, gradient)), theta.shape[0]) }),
  };
}

Deno.test("an inner loop goes on from what a rule gave, however that was put together", async () => {
  await using cpu = await openEngine({ backend: "cpu", threads: 1 });
  const even = defineModel({
    name: "even",
    inputs: 2,
    outputs: 1,
    params: { w: [2, 3], o: [3, 1], b: [1] },
    apply: (g, p, x) => g.add(g.matmul(g.tanh(g.matmul(x, p.w)), p.o), p.b),
  });
  for (const net of [even, WHOLE]) {
    const task = { support: someSamples(net, 6, random(1)), query: someSamples(net, 5, random(2)) };
    const learner = (rule: RuleConfig) =>
      metaInit(maml({ net, inner: { steps: 3, lr: 0.05, rule, weightDecay: 0.1 } }), { seed: 4 });
    for (const engine of [openNaiveEngine(), cpu]) {
      const wanted = await metaGradientOf(engine, learner({ kind: "sgd" }), [task]);
      const losses = (await adapt(engine, learner({ kind: "sgd" }), task.support)).losses;
      assert(losses[3] !== losses[2]);
      for (const [name, way] of Object.entries(SAME)) {
        const found = await metaGradientOf(engine, learner(said(way)), [task]);
        const steps = (await adapt(engine, learner(said(way)), task.support)).losses;
        losses.forEach((loss, k) => assertAlmostEquals(steps[k], loss, 1e-5, `${net.kind} ${name}`));
        wanted.params.forEach((value, i) => assertAlmostEquals(found.params[i], value, 1e-5, `${net.kind} ${name}`));
      }
    }
  }
});

Deno.test("an inner loop goes on from numbers that a rule put in θ's place", async () => {
  const engine = openNaiveEngine();
  const support = someSamples(WHOLE, 6, random(1));
  for (const numbers of [[0.5, 0.5, 0.5, 0.5], [0.25, -0.75, 0, 1]]) {
    const reset: RuleConfig = {
      kind: "custom",
      update: (g, { theta, gradient, rate, step }) => ({
        theta: step === 0 ? g.constant(numbers) : g.sub(theta, g.mul(rate, gradient)),
      }),
    };
    const inner = { steps: 2, lr: 0.05 };
    const { params } = await adapt(engine, metaInit(maml({ net: WHOLE, inner: { ...inner, rule: reset } })), support);
    const from = metaInit(maml({ net: WHOLE, inner: { ...inner, steps: 1 } }), { values: { theta: numbers } });
    const wanted = (await adapt(engine, from, support)).params;
    assert(wanted.some((value, i) => Math.abs(value - numbers[i]) > 1e-3));
    assertEquals(params, wanted);
  }
});

Deno.test("the penalty of invariance sees outputs that were put together of parts", async () => {
  const engine = openNaiveEngine();
  const at = (apply: Model["apply"]) =>
    defineModel({ name: "two", inputs: 2, outputs: 2, params: { w: [2, 2] }, apply });
  const [whole, joined] = [
    at((g, { w }, x) => g.matmul(x, w)),
    at((g, { w }, x) => g.concat([0, 1].map((k) => g.matmul(x, g.slice(w, 1, { start: k, end: k + 1 }))), 1)),
  ];
  const loss = { kind: "gaussian", floor: 1e-3 } as const;
  const width = { inputs: 2, outputs: 1 };
  const tasks = [0, 1, 0, 1].map((environment, t) => ({
    support: someSamples(width, 5, random(2 * t)),
    query: someSamples(width, 6, random(2 * t + 1)),
    environment,
  }));
  const outer = { invariance: { kind: "irm", strength: 3 } } as const;
  const [wanted, found] = await Promise.all(
    [whole, joined].map((net) =>
      metaGradientOf(engine, metaInit(maml({ net, loss, inner: { steps: 1, lr: 0.05 }, outer }), { seed: 1 }), tasks)
    ),
  );
  assertAlmostEquals(found.loss, wanted.loss, 1e-9);
  wanted.params.forEach((value, i) => assertAlmostEquals(found.params[i], value, 1e-6));
});

Deno.test("a gradient by an opaque value is the gradient by a value that was given, on every executor", () => {
  const g = createGraph();
  const x = g.input("x", [6]);
  const given = g.input("given", [6]);
  const use = (v: Value): Value =>
    g.sum(g.mul(g.tanh(g.mul(3, v)), g.concat([g.slice(v, 0, { start: 3 }), g.slice(v, 0, { end: 3 })], 0)));
  const outputs: Record<string, Value> = { wanted: grad(g, use(given), [given])[0] };
  for (const [name, way] of Object.entries(WAYS)) {
    const value = opaque(g, way(g, x, 6));
    outputs[`value ${name}`] = value;
    [outputs[name]] = grad(g, use(value), [value]);
  }
  const program = toProgram(outputs);
  const numbers = [0.3, -0.2, 0.9, 0, 0, 0];
  for (const run of [interpreter(program), wasmRunner(program)]) {
    const found = run({ x: numbers, given: numbers });
    for (const name of Object.keys(WAYS)) {
      for (let i = 0; i < 6; i++) {
        assertAlmostEquals(found[`value ${name}`][i], numbers[i], 1e-6, name);
        assertAlmostEquals(found[name][i], found.wanted[i], 1e-5, name);
      }
    }
  }
});
