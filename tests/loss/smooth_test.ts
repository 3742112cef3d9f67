// What a forecast is explained by answers to a row's outputs as its slopes say, for every loss.
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { LossConfig } from "../../lib/loss/config.ts";
import { lossOf, pointForecasts } from "../../lib/loss/losses.ts";

const OWN: LossConfig = { kind: "custom", outputs: 2, row: (g, predicted) => g.sum(predicted, 1) };

const CASES: readonly { readonly loss: LossConfig; readonly outputs: number }[] = [
  { loss: { kind: "mse" }, outputs: 3 },
  { loss: { kind: "huber", delta: 1 }, outputs: 2 },
  { loss: { kind: "learned", tau: 1 }, outputs: 2 },
  { loss: { kind: "crossEntropy" }, outputs: 4 },
  { loss: { kind: "logistic" }, outputs: 2 },
  { loss: { kind: "quantile", levels: [0.1, 0.4, 0.8], smooth: 0.1 }, outputs: 6 },
  { loss: { kind: "gaussian", floor: 1e-3 }, outputs: 4 },
  { loss: { kind: "particles", count: 2, of: { kind: "logistic" } }, outputs: 2 },
  { loss: { kind: "particles", count: 3, of: { kind: "crossEntropy" } }, outputs: 6 },
  { loss: OWN, outputs: 4 },
];

Deno.test("the slopes of a smooth forecast are its derivatives, for every loss and target", () => {
  for (const { loss, outputs } of CASES) {
    const { smooth, targets } = lossOf(loss);
    const at = Float64Array.from({ length: outputs }, (_, o) => Math.sin(3 * o + 1));
    for (let which = 0; which < targets(outputs)!; which++) {
      const { slopes } = smooth(at, which);
      assertEquals(slopes.length, outputs);
      slopes.forEach((slope, o) => {
        const moved = (by: number): number => smooth(at.map((value, i) => i === o ? value + by : value), which).value;
        assertAlmostEquals(slope, (moved(1e-5) - moved(-1e-5)) / 2e-5, 1e-8, `${loss.kind}, ${which} by ${o}`);
      });
    }
  }
});

Deno.test("the smooth forecast is the point forecast, but of classes, where it is a probability", () => {
  for (const { loss, outputs } of CASES) {
    const at = Float32Array.from({ length: outputs }, (_, o) => Math.cos(2 * o));
    const { smooth, targets } = lossOf(loss);
    const found = Array.from({ length: targets(outputs)! }, (_, which) => smooth(at, which).value);
    if (loss.kind === "crossEntropy") {
      assertAlmostEquals(found.reduce((sum, chance) => sum + chance), 1, 1e-12);
      assertEquals(found.indexOf(Math.max(...found)), pointForecasts(loss, at, outputs)[0]);
    } else if (loss.kind !== "particles" || loss.of.kind !== "crossEntropy") {
      pointForecasts(loss, at, outputs).forEach((value, which) => assertAlmostEquals(found[which], value, 1e-6));
    }
  }
});

Deno.test("probabilities stay finite where logits are far apart", () => {
  const { smooth } = lossOf({ kind: "crossEntropy" });
  assertEquals(smooth([1e4, -1e4], 1), { value: 0, slopes: [-0, 0] });
  assertEquals(lossOf({ kind: "logistic" }).smooth([-1e4], 0), { value: 0, slopes: [0] });
});
