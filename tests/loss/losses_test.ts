// Losses against their formulas at single rows, and what each forecasts.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { LossConfig } from "../../lib/loss/config.ts";
import { lossOf, outerLossOf, pointForecasts, setLoss } from "../../lib/loss/losses.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";

/** Weighted loss of rows and its gradient by the predictions. */
function run(
  config: LossConfig,
  rows: { predicted: number[][]; target: number[][]; weights?: number[]; phi?: number[] },
) {
  const { predicted, target, weights = predicted.map(() => 1), phi = [] } = rows;
  const g = createGraph();
  const at = {
    predicted: g.input("predicted", [predicted.length, predicted[0].length]),
    target: g.constant(target.flat(), [target.length, target[0].length]),
    phi: phi.length > 0 ? g.constant(phi) : g.constant(0),
    weights: g.constant(weights),
  };
  const loss = setLoss(g, lossOf(config), at);
  const [slope] = grad(g, loss, [at.predicted]);
  const found = interpreter(toProgram({ loss, slope, predicted: at.predicted }))({ predicted: predicted.flat() });
  return { loss: found.loss[0], slope: [...found.slope] };
}

const softplus = (x: number): number => Math.log1p(Math.exp(x));

Deno.test("mse and huber are means over targets, weighed over rows", () => {
  const rows = { predicted: [[1, 2], [0, 0]], target: [[0, 0], [3, 0]], weights: [1, 3] };
  assertAlmostEquals(run({ kind: "mse" }, rows).loss, (1 * (1 + 4) / 2 + 3 * 9 / 2) / 4);
  const huber = run({ kind: "huber", delta: 1.5 }, rows).loss;
  assertAlmostEquals(huber, (1 * (0.5 + 1.5 * (2 - 0.75)) / 2 + 3 * 1.5 * (3 - 0.75) / 2) / 4);
  assertEquals(run({ kind: "mse" }, { ...rows, weights: [1, 0] }).slope, [1, 2, 0, 0]);
});

Deno.test("cross entropy and logistic have slope probability less target, at zero logits too", () => {
  const one = run({ kind: "crossEntropy" }, { predicted: [[0, 0, 0, 0]], target: [[0, 1, 0, 0]] });
  assertAlmostEquals(one.loss, Math.log(4));
  one.slope.forEach((value, i) => assertAlmostEquals(value, i === 1 ? -0.75 : 0.25));
  const far = run({ kind: "crossEntropy" }, { predicted: [[1000, 0]], target: [[0, 1]] });
  assertAlmostEquals(far.loss, 1000);
  const two = run({ kind: "logistic" }, { predicted: [[0, 40]], target: [[1, 1]] });
  assertAlmostEquals(two.loss, (Math.LN2 + softplus(-40)) / 2, 1e-12);
  assertAlmostEquals(two.slope[0], -0.25);
});

Deno.test("quantile outputs lie target by target, its smooth pinball is near the pinball where s is small", () => {
  const rows = { predicted: [[-1, 2, 0, 5]], target: [[0, 4]] };
  const levels = [0.25, 0.75];
  const pinball = (e: number, level: number): number => Math.max(level * e, (level - 1) * e);
  const wanted = (pinball(1, 0.25) + pinball(-2, 0.75) + pinball(4, 0.25) + pinball(-1, 0.75)) / 4;
  assertAlmostEquals(run({ kind: "quantile", levels, smooth: 1e-3 }, rows).loss, wanted, 1e-9);
  const smooth = run({ kind: "quantile", levels, smooth: 0.5 }, { predicted: [[1, 1]], target: [[1]] }).loss;
  assertAlmostEquals(smooth, 0.5 * Math.LN2);
});

Deno.test("gaussian outputs are means, then log variances above a floor", () => {
  const { loss } = run({ kind: "gaussian", floor: 0.5 }, { predicted: [[1, 2, 0, Math.log(1.5)]], target: [[0, 5]] });
  const nll = (e: number, variance: number): number => 0.5 * (Math.log(variance) + e * e / variance);
  assertAlmostEquals(loss, (nll(1, 1.5) + nll(3, 2)) / 2);
  const sure = run({ kind: "gaussian", floor: 1e-3 }, { predicted: [[0, -1e4]], target: [[0]] });
  assert(sure.slope.every(Number.isFinite));
});

Deno.test("the learned loss is its formula; without φ of its own the query is judged by mse", () => {
  const [phi, tau] = [[0.4, 0.9, -0.3], 0.25];
  const { loss } = run({ kind: "learned", tau }, { predicted: [[0.5]], target: [[-1]], phi });
  const high = softplus(0.9) * (1 - Math.tanh(-0.3)) * 1.5 ** 2;
  assertAlmostEquals(loss, high + softplus(0.4) * tau * softplus(0.5 / tau));
  assertEquals(outerLossOf({ kind: "learned", tau }), { kind: "mse" });
  assertEquals(outerLossOf({ kind: "logistic" }), { kind: "logistic" });
});

Deno.test("pointForecasts() gives median, mean, probability or class, row by row", () => {
  const point = (config: LossConfig, width: number, outputs: number[]): number[] => [
    ...pointForecasts(config, Float32Array.from(outputs), width),
  ];
  assertEquals(point({ kind: "mse" }, 2, [1, 2, 3, 4]), [1, 2, 3, 4]);
  const between = { kind: "quantile", levels: [0.25, 0.75], smooth: 1 } as const;
  assertEquals(point(between, 4, [0, 2, 10, 20]), [1, 15]);
  assertEquals(point({ ...between, levels: [0.1, 0.2] }, 2, [1, 5]), [5]);
  assertEquals(point({ ...between, levels: [0.6, 0.9] }, 2, [1, 5]), [1]);
  assertEquals(point({ kind: "gaussian", floor: 1 }, 4, [1, 2, 9, 9, 3, 4, 9, 9]), [1, 2, 3, 4]);
  assertEquals(point({ kind: "logistic" }, 1, [0]), [0.5]);
  assertEquals(point({ kind: "crossEntropy" }, 3, [0, 5, 1, 7, 5, 1]), [1, 0]);
});
