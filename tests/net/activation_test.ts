/** The activations of hidden layers, as the programs that they are: values, slopes and curvatures. */
import { assertAlmostEquals } from "@std/assert";
import { ACTIVATIONS, sigmoid, softplus } from "../../lib/net/activation.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";

const H = 1e-5;
const POINTS = [-6, -2.3, -0.7, -0.1, 0.2, 0.9, 3.1, 7];
const VALUES: Readonly<Record<string, (z: number) => number>> = {
  relu: (z) => Math.max(z, 0),
  tanh: Math.tanh,
  // Hendrycks & Gimpel 2016, eq. 2.
  gelu: (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3))),
  silu: (z) => z / (1 + Math.exp(-z)),
  softplus: (z) => Math.log(1 + Math.exp(z)),
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
};

for (const kind of ACTIVATIONS) {
  if (kind === "identity") continue;
  const g = createGraph();
  const z = g.input("z", []);
  const value = g[kind](z);
  const [slope] = grad(g, value, [z]);
  const [curvature] = grad(g, slope, [z]);
  const run = interpreter(toProgram({ value, slope, curvature, z }));
  const at = (point: number): readonly number[] => {
    const found = run({ z: [point] });
    return [found.value[0], found.slope[0], found.curvature[0]];
  };

  Deno.test(`${kind} is its formula, with the slope and curvature of its value`, () => {
    for (const point of POINTS) {
      const [value, slope, curvature] = at(point);
      const [[below, slopeBelow], [above, slopeAbove]] = [at(point - H), at(point + H)];
      assertAlmostEquals(value, VALUES[kind](point), 1e-14);
      assertAlmostEquals(slope, (above - below) / (2 * H), 1e-8);
      assertAlmostEquals(curvature, (slopeAbove - slopeBelow) / (2 * H), 1e-8);
    }
  });
}

Deno.test("sigmoid() and softplus() are their formulas, and finite far out", () => {
  for (const point of POINTS) {
    assertAlmostEquals(sigmoid(point), VALUES.sigmoid(point), 1e-15);
    assertAlmostEquals(softplus(point), VALUES.softplus(point), 1e-14);
  }
  assertAlmostEquals(sigmoid(-800), 0);
  assertAlmostEquals(sigmoid(800), 1);
  assertAlmostEquals(softplus(-800), 0);
  assertAlmostEquals(softplus(800), 800);
});
