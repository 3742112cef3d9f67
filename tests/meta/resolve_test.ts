import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { LearnConfig, MetaConfig } from "../../lib/meta/config.ts";
import { forward } from "../../lib/meta/differential.ts";
import { imaml, maml, mamlPlusPlus, metaGradient, metaSgd, reptile } from "../../lib/meta/presets.ts";
import { resolveConfig } from "../../lib/meta/resolve.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { type Mlp, mlp, type MlpLayer } from "../../lib/net/mlp.ts";

const net = mlp({ inputs: 2, hidden: [3], outputs: 1 });

Deno.test("resolveConfig() anneals derivative order and step weights", () => {
  const { gradientAt } = resolveConfig(mamlPlusPlus({
    net,
    inner: { steps: 2 },
    gradient: { kind: "unrolled", firstOrderSteps: 3, stepWeightsAnneal: 4 },
  }));
  const at = (step: number) => {
    const gradient = gradientAt(step);
    if (gradient.kind !== "unrolled") throw new Error("expected an unrolled gradient");
    return gradient;
  };
  assertEquals([0, 2, 3, 9].map((step) => at(step).backpropSteps), [0, 0, 2, 2]);
  assertEquals(at(0).stepWeights, [0, 0.5, 0.5]);
  assertEquals(at(2).stepWeights, [0, 0.25, 0.75]);
  assertEquals(at(100).stepWeights, [0, 0, 1]);
});

Deno.test("resolveConfig() warms up and anneals the outer rate", () => {
  const { lrAt } = resolveConfig(
    maml({ net, outer: { lr: 1, schedule: { kind: "cosine", steps: 12, warmup: 2, floor: 0.1 } } }),
  );
  assertAlmostEquals(lrAt(0), 0.5);
  assertAlmostEquals(lrAt(2), 1);
  assertAlmostEquals(lrAt(7), 0.55);
  assertAlmostEquals(lrAt(12), 0.1);
  assertAlmostEquals(lrAt(1000), 0.1);
});

Deno.test("a preset's learn is merged field by field; a field left undefined hides nothing", () => {
  const learn = (config: MetaConfig) => resolveConfig(config).learn;
  const all = { params: true, lr: true, loss: false, weightDecay: true };
  assertEquals(learn(metaSgd({ net, learn: { weightDecay: true } })), all);
  assertEquals(learn(metaSgd({ net, learn: { lr: false } })), { ...all, lr: false, weightDecay: false });
  assertEquals(learn(maml({ net, learn: { lr: true } })), { ...all, weightDecay: false });
  assertEquals(learn(metaGradient({ net, learn: { loss: false } })), { ...all, params: false, weightDecay: false });
  const mse = { net, loss: { kind: "mse" } } as const;
  assertEquals(learn(metaGradient({ ...mse, learn: { lr: true } })), { ...all, params: false, weightDecay: false });
  const undefinedLearn = { lr: undefined } as unknown as LearnConfig;
  assertEquals(learn(metaSgd({ net, learn: undefinedLearn })), { ...all, weightDecay: false });
});

Deno.test("a network that has been through JSON is derived again, and one that contradicts itself refused", async () => {
  const config = maml({ net });
  const state = metaInit(JSON.parse(JSON.stringify(config)), { seed: 3 });
  assertEquals(state.config.net, net);
  assertEquals(state, metaInit(config, { seed: 3 }));
  const engine = openNaiveEngine();
  const x = Float32Array.of(1, 2);
  const plain = JSON.parse(JSON.stringify(net));
  assertEquals(await forward(engine, plain, state.params, x), await forward(engine, net, state.params, x));
  const shifted = { ...plain, layers: plain.layers.map((layer: MlpLayer) => ({ ...layer, weights: 0 })) };
  assertEquals((metaInit({ ...config, net: shifted }).config.net as Mlp).layers, net.layers);
  assertThrows(
    () => metaInit({ ...config, net: { ...plain, parameterCount: 7 } }),
    TypeError,
    "expected 13 parameters",
  );
  assertThrows(() => metaInit({ ...config, net: { ...plain, hidden: [0] } }), RangeError, "hidden[0]");
  assertThrows(
    () => metaInit({ ...config, net: "mlp" as never }),
    TypeError,
    "expected one from mlp(), received string",
  );
});

const REFUSED: [string, () => unknown, string][] = [
  ["a negative rate", () => maml({ net, inner: { lr: -1 } }), "inner.lr"],
  ["half a step", () => maml({ net, inner: { steps: 1.5 } }), "inner.steps"],
  [
    "a short list of step weights",
    () => maml({ net, gradient: { kind: "unrolled", stepWeights: [1] } }),
    "stepWeights",
  ],
  ["a learned rate under Reptile", () => reptile({ net, learn: { params: true, lr: true } }), "gradient.kind"],
  ["iMAML without a proximal term", () => imaml({ net, inner: { proximal: 0 } }), "inner.proximal"],
  ["a tolerance of an unrolled loop", () => maml({ net, inner: { tolerance: 0.1 } }), "implicit for inner.tolerance"],
  ["a tolerance of Reptile's", () => reptile({ net, inner: { tolerance: 0.1 } }), "implicit for inner.tolerance"],
  ["a tolerance that any start meets", () => imaml({ net, inner: { tolerance: 1 } }), "inner.tolerance"],
  ["learning a loss that is not learned", () => metaGradient({ net, loss: { kind: "mse" } }), "loss.kind"],
  ["learning nothing", () => maml({ net, learn: { params: false } }), "learn"],
  ["a Huber loss of no width", () => maml({ net, loss: { kind: "huber", delta: 0 } }), "loss.delta"],
  ["an unknown optimiser", () => maml({ net, outer: { optimizer: "lion" as "adam" } }), "outer.optimizer"],
  ["a clip of zero", () => maml({ net, outer: { clipNorm: 0 } }), "outer.clipNorm"],
  [
    "a warm-up longer than the schedule",
    () => maml({ net, outer: { schedule: { kind: "cosine", steps: 5, warmup: 5 } } }),
    "warmup",
  ],
];

for (const [what, make, named] of REFUSED) {
  Deno.test(`a preset refuses ${what}, naming ${named}`, () => {
    assertThrows(make, RangeError, named);
  });
}
