// Learned rules through the public functions: what they contain as a special case, and how they are taken and refused.
import { assertAlmostEquals, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples } from "../../lib/engine/problem.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { learnedOptimizer, lstmMetaLearner, maml, metaSgd } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import type { RuleConfig } from "../../lib/rule/config.ts";

const NET = mlp({ inputs: 2, hidden: [5], outputs: 1, activation: "tanh" });
const stream = random(4);
const set = (rows: number): Samples => ({
  rows,
  x: Float32Array.from({ length: 2 * rows }, () => stream.normal()),
  y: Float32Array.from({ length: rows }, () => stream.normal()),
});
const TASK = { support: set(7), query: set(5) };
/** Gates that read nothing: f = σ(80) = 1, i = σ(0) = ½. */
const OPEN = Float32Array.from({ length: 14 }, (_, i) => i === 6 ? 80 : 0);
const HALF: RuleConfig = {
  kind: "custom",
  name: "half",
  update: (g, { theta, gradient }) => ({ theta: g.sub(theta, g.mul(0.5, gradient)) }),
};
const ENGINES = { float64: () => Promise.resolve(openNaiveEngine()), cpu: () => openCpuEngine({ threads: 1 }) };

for (const [name, open] of Object.entries(ENGINES)) {
  Deno.test(`gates of 1 and α are gradient descent to the bit, and its meta-gradient in second order, on the ${name} engine`, async () => {
    await using engine = await open();
    const inner = { steps: 3, lr: 0.5 };
    const half = metaInit(maml({ net: NET, inner: { ...inner, rule: HALF } }), { seed: 1 });
    const gated = metaInit(lstmMetaLearner({ net: NET, inner }), { seed: 1, values: { rule: OPEN } });
    const [one, other] = await Promise.all([half, gated].map((state) => adapt(engine, state, TASK.support)));
    assertEquals(one.params, other.params);
    const published = metaInit(lstmMetaLearner({ net: NET, inner: { ...inner, rule: { kind: "gated" } } }), {
      seed: 1,
      values: { rule: OPEN },
    });
    assertEquals((await adapt(engine, published, TASK.support)).params, one.params);
    const [wanted, found, first] = await Promise.all(
      [half, gated, published].map((state) => metaGradientOf(engine, state, [TASK])),
    );
    found.params.forEach((value, i) => assertAlmostEquals(value, wanted.params[i], 1e-6));
    const apart = Math.max(...first.params.map((value, i) => Math.abs(value - wanted.params[i])));
    assertLess(1e-3, apart);
  });
}

Deno.test("rates a parameter make Meta-SGD a special case of the LSTM meta-learner, to the bit, its meta-gradient too", async () => {
  await using engine = openNaiveEngine();
  const inner = { steps: 3, lr: 0.5 };
  const logLr = Float32Array.from({ length: NET.parameterCount }, (_, i) => Math.log(0.1 + 0.02 * i));
  // Gates that read nothing: f = i = σ(80) = 1.
  const rule = Float32Array.from({ length: 14 }, (_, i) => i === 6 || i === 13 ? 80 : 0);
  const plain = metaInit(metaSgd({ net: NET, inner }), { seed: 1, logLr });
  const gated = metaInit(lstmMetaLearner({ net: NET, inner }), { seed: 1, logLr, values: { rule } });
  assertEquals(gated.config.learn, { params: true, rule: true, lr: true });
  const [one, other] = await Promise.all([plain, gated].map((state) => adapt(engine, state, TASK.support)));
  assertEquals(one.params, other.params);
  const [wanted, found] = await Promise.all([plain, gated].map((state) => metaGradientOf(engine, state, [TASK])));
  for (const name of ["params", "logLr"] as const) {
    found[name].forEach((value, i) => assertAlmostEquals(value, wanted[name][i], 1e-6));
  }
});

Deno.test("learned rules are kept in checkpoints with their settings", async () => {
  for (
    const rule of [{ kind: "mlp", hidden: [6], scale: 0.1 }, { kind: "gated", firstOrder: false, rates: true }] as const
  ) {
    const state = metaInit(learnedOptimizer({ net: NET, inner: { rule } }), { seed: 3 });
    const { state: read } = await decodeState(await encodeState(state));
    assertEquals([read.config, read.values], [state.config, state.values]);
  }
});

Deno.test("the mlp rule sees each tensor of the model by itself, and those of the head alone where the head adapts", async () => {
  await using engine = openNaiveEngine();
  const seen: object[] = [];
  const rule: RuleConfig = {
    kind: "custom",
    update(g, { theta, gradient, parts }) {
      seen.push(parts);
      return { theta: g.sub(theta, gradient) };
    },
  };
  for (const layers of ["all", "head"] as const) {
    await adapt(engine, metaInit(maml({ net: NET, inner: { steps: 1, lr: 1, layers, rule } })), TASK.support);
  }
  const [all, head] = [seen[0], seen.at(-1)];
  assertEquals(all, [{ start: 0, end: 10 }, { start: 10, end: 15 }, { start: 15, end: 20 }, { start: 20, end: 21 }]);
  assertEquals(head, [{ start: 0, end: 5 }, { start: 5, end: 6 }]);
});

Deno.test("the mlp rule refuses widths and scales that are none", () => {
  const of = (rule: object) => () =>
    learnedOptimizer({ net: NET, inner: { rule: { kind: "mlp", ...rule } as RuleConfig } });
  assertThrows(of({ hidden: [0] }), RangeError, "inner.rule.hidden[0]");
  assertThrows(of({ scale: 0 }), RangeError, "inner.rule.scale");
  assertThrows(of({ hiden: [4] }), TypeError, "hiden");
});

Deno.test("a divergence names what can be lowered: no inner rate where the rule reads none", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const huge = { ...TASK.support, y: TASK.support.y.map((value) => 1e30 * value) };
  const messageOf = async (config: Parameters<typeof metaInit>[0]): Promise<string> => {
    const error = await metaStep(engine, metaInit(config, { seed: 1 }), [{ support: huge, query: huge }]).catch((one) =>
      one
    );
    assertEquals(error.name, "DivergedError");
    return error.message;
  };
  const inner = { steps: 20 };
  assertStringIncludes(await messageOf(maml({ net: NET, inner })), "lower inner.lr (now 0.01) or inner.steps");
  const gated = await messageOf(lstmMetaLearner({ net: NET, inner, outer: { lr: 0.05 } }));
  assertStringIncludes(gated, "lower outer.lr (now 0.05) or inner.steps, or set outer.clipNorm");
  assertEquals(gated.includes("inner.lr"), false);
});
