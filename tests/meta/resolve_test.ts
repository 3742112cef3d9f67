import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { imaml, maml, mamlPlusPlus, metaGradient, reptile } from "../../lib/meta/presets.ts";
import { resolveConfig } from "../../lib/meta/resolve.ts";
import { mlp } from "../../lib/net/mlp.ts";

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
