import fc from "fast-check";
import { assertLess } from "@std/assert";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";
import { randomNumbers, randomProgram } from "./random_program.ts";
import { wasmRunner } from "./wasm_runner.ts";

/** ‖a − b‖ / ‖b‖, absolute where b is small. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(difference) / Math.max(1e-2, Math.sqrt(norm));
}

for (const relaxed of [true, false]) {
  Deno.test(`random programs and their gradients on wasm agree with float64, ${relaxed ? "relaxed" : "plain"} SIMD`, () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 5, max: 60 }), (seed, steps) => {
        const g = createGraph();
        const { inputs, scalar } = randomProgram(g, { seed, steps, analytic: false });
        const names = Object.keys(inputs);
        const slopes = grad(g, scalar, Object.values(inputs));
        const outputs = { scalar, ...Object.fromEntries(slopes.map((slope, i) => [`by ${names[i]}`, slope])) };
        const program = toProgram(outputs);
        const numbers = Object.fromEntries(
          Object.entries(randomNumbers(inputs, seed + 1)).map(([name, x]) => [name, x.map(Math.fround)]),
        );
        const wanted = interpreter(program)(numbers);
        const found = wasmRunner(program, { relaxed })(numbers);
        for (const name of Object.keys(outputs)) assertLess(distance(found[name], wanted[name]), 1e-4, name);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
}

Deno.test("a group of thousands of operations on single numbers is computed in parts that a kernel can name", () => {
  const g = createGraph();
  const x = g.input("x", [700]);
  // All parts are of one level, and each is read again behind the chain: one group of 2,100 operations otherwise.
  const parts = Array.from({ length: 700 }, (_, i) => g.at(x, 0, i));
  let chain = g.constant(0);
  const waypoints = parts.map((part) => chain = g.tanh(g.add(g.mul(0.5, chain), part)));
  const scalar = g.sum(g.concat(waypoints.map((value) => g.reshape(value, [1])), 0));
  const program = toProgram({ scalar, slope: grad(g, scalar, [x])[0] });
  const numbers = { x: Float64Array.from({ length: 700 }, (_, i) => Math.fround(Math.sin(i))) };
  const [found, wanted] = [wasmRunner(program, { relaxed: true })(numbers), interpreter(program)(numbers)];
  assertLess(distance(found.slope, wanted.slope), 1e-4);
  assertLess(distance(found.scalar, wanted.scalar), 1e-4);
});
