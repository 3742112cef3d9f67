import { assertAlmostEquals } from "@std/assert";
import { activate, ACTIVATIONS } from "../../lib/net/activation.ts";

const H = 1e-5;
const POINTS = [-6, -2.3, -0.7, -0.1, 0.2, 0.9, 3.1, 7];

for (const kind of ACTIVATIONS) {
  Deno.test(`activate() of ${kind} has the slope and curvature of its value`, () => {
    for (const z of POINTS) {
      const at = activate(kind, z);
      const [below, above] = [activate(kind, z - H), activate(kind, z + H)];
      assertAlmostEquals(at.slope, (above.value - below.value) / (2 * H), 1e-8);
      assertAlmostEquals(at.curvature, (above.slope - below.slope) / (2 * H), 1e-8);
    }
  });

  Deno.test(`activate() of ${kind} stays finite far out`, () => {
    for (const z of [-800, 800]) {
      const { value, slope, curvature } = activate(kind, z);
      for (const figure of [value, slope, curvature]) assertAlmostEquals(figure - figure, 0);
    }
  });
}
