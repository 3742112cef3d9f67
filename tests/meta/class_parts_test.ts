// Losses and rules may be objects of a class: what they hold privately tells two of them apart, in programs and in states.
import { assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { CustomLoss } from "../../lib/loss/config.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import { lossGradient, metaGradientOf } from "../../lib/meta/differential.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import type { Graph } from "../../lib/program/graph_type.ts";
import type { Value } from "../../lib/program/value.ts";
import type { Random } from "../../lib/net/random.ts";
import type { CustomRule, RuleMove, RuleStep } from "../../lib/rule/config.ts";

class Weighed implements CustomLoss {
  readonly kind = "custom";
  readonly name = "weighed";
  readonly #weight: number;
  constructor(weight: number) {
    this.#weight = weight;
  }
  row(g: Graph, predicted: Value, target: Value): Value {
    return g.mul(this.#weight, g.mean(g.square(g.sub(predicted, target)), 1));
  }
}

class Scaled implements CustomRule {
  readonly kind = "custom";
  readonly name = "scaled";
  readonly learnables = { log: [1] };
  readonly #first: number;
  constructor(first: number) {
    this.#first = first;
  }
  start(_: Random): Record<string, number[]> {
    return { log: [this.#first] };
  }
  init(g: Graph, theta: Value): Record<string, Value> {
    return { last: g.constant(this.#first, theta.shape) };
  }
  update(g: Graph, { theta, gradient, rate, learned, state }: RuleStep): RuleMove {
    const moved = g.mul(g.mul(rate, g.exp(learned.log)), g.add(gradient, g.mul(0, state.last)));
    return { theta: g.sub(theta, moved), state: { last: gradient } };
  }
}

const engine = openNaiveEngine();
const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
const rows = { rows: 2, x: Float32Array.of(1, 2), y: Float32Array.of(1, -2) };
const TASKS = [{ support: rows, query: rows }];
const theta = [0.5, 0.1];

Deno.test("two losses of one class are two losses", async () => {
  const at = Float32Array.from(theta);
  const [one, three] = await Promise.all(
    [1, 3].map((weight) => lossGradient(engine, net, new Weighed(weight), at, rows)),
  );
  assertAlmostEquals(three.loss, 3 * one.loss, 1e-6);
  const gradients = await Promise.all([1, 3].map((weight) => {
    const state = metaInit(maml({ net, loss: new Weighed(weight), inner: { steps: 1, lr: 0.05 } }), {
      values: { theta },
    });
    return metaGradientOf(engine, state, TASKS);
  }));
  assertNotEquals(gradients[0].params, gradients[1].params);
});

Deno.test("a rule of a class starts, steps, is learned, saved and bound again by what it holds", async () => {
  const moves = await Promise.all([0, 1].map(async (first) => {
    const rule = new Scaled(first);
    const config = maml({ net, inner: { steps: 2, lr: 0.05, rule }, learn: { params: true, rule: true } });
    const state = metaInit(config, { values: { theta } });
    assertEquals([...state.values.rule], [first]);
    const { state: moved } = await metaStep(engine, state, TASKS);
    assertNotEquals(moved.values.rule, state.values.rule);
    const bytes = await encodeState(moved);
    const { state: read } = await decodeState(bytes, "file", { custom: { rule: new Scaled(first) } });
    assertEquals(read.values, moved.values);
    return (await adapt(engine, state, rows)).params;
  }));
  assertNotEquals(moves[0], moves[1]);
  const own = metaInit(maml({ net, loss: new Weighed(2) }));
  const bytes = await encodeState(own);
  assertEquals((await decodeState(bytes, "file", { custom: { loss: new Weighed(2) } })).state.params, own.params);
  await assertRejects(
    () => decodeState(bytes, "file", { custom: { loss: new Weighed(2.5) } }),
    Error,
    "computes something else",
  );
});
