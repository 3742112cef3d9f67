import fc from "fast-check";
import { assert, assertAlmostEquals, assertLess } from "@std/assert";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import type { Graph } from "../../lib/program/graph_type.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";
import type { Value } from "../../lib/program/value.ts";
import { type Complex, randomNumbers, randomProgram, runComplex } from "./random_program.ts";

const CASES = { seed: fc.integer({ min: 0, max: 1e6 }), steps: fc.integer({ min: 5, max: 60 }) };
type Numbers = Record<string, Float64Array>;

/** Σ a·b over all inputs. */
function dot(a: Numbers, b: Numbers): number {
  return Object.keys(b).reduce((sum, name) => sum + b[name].reduce((s, value, i) => s + value * a[name][i], 0), 0);
}

function moved(at: Numbers, along: Numbers, by: number): Numbers {
  return Object.fromEntries(Object.entries(at).map(([name, x]) => [name, x.map((v, i) => v + by * along[name][i])]));
}

function gradients(g: Graph, scalar: Value, inputs: Readonly<Record<string, Value>>): Record<string, Value> {
  const names = Object.keys(inputs);
  return Object.fromEntries(grad(g, scalar, Object.values(inputs)).map((value, i) => [names[i], value]));
}

/** Runs what was built on numbers; programs take only the inputs that they need. */
function run(outputs: Record<string, Value>, numbers: Numbers): Numbers {
  return interpreter(toProgram(outputs))(numbers);
}

/** ⟨∇f, v⟩ as a value: its gradient is H v. */
function along(g: Graph, slopes: Record<string, Value>, v: Numbers): Value {
  return Object.entries(slopes).reduce(
    (sum, [name, slope]) => g.add(sum, g.sum(g.mul(slope, g.constant(v[name], slope.shape)))),
    g.constant(0),
  );
}

function assertClose(found: number, wanted: number, scale: number, tolerance: number): void {
  assertLess(Math.abs(found - wanted), tolerance * (scale + 1e-3), `${found} is not ${wanted}`);
}

function norm(numbers: Numbers): number {
  return Math.sqrt(dot(numbers, numbers));
}

Deno.test("grad() of random programs of 5 to 60 operations agrees with central differences", () => {
  fc.assert(
    fc.property(CASES.seed, CASES.steps, (seed, steps) => {
      const g = createGraph();
      const { inputs, scalar } = randomProgram(g, { seed, steps, analytic: false });
      const [at, v] = [randomNumbers(inputs, seed + 1), randomNumbers(inputs, seed + 2)];
      const slope = run(gradients(g, scalar, inputs), at);
      const value = (by: number): number => run({ scalar }, moved(at, v, by)).scalar[0];
      const h = 1e-5;
      assertClose(dot(slope, v), (value(h) - value(-h)) / (2 * h), norm(slope), 1e-5);
    }),
    { seed: 11, numRuns: 300 },
  );
});

Deno.test("grad() and grad() of it agree with complex steps where a program is analytic", () => {
  const h = 1e-30;
  fc.assert(
    fc.property(CASES.seed, CASES.steps, (seed, steps) => {
      const g = createGraph();
      const { inputs, scalar } = randomProgram(g, { seed, steps, analytic: true });
      const [at, v] = [randomNumbers(inputs, seed + 1), randomNumbers(inputs, seed + 2)];
      const [w] = [randomNumbers(inputs, seed + 3)];
      const step: Record<string, Complex> = Object.fromEntries(
        Object.entries(at).map(([name, x]) => [name, [x, v[name].map((value) => h * value)]]),
      );
      const slopes = gradients(g, scalar, inputs);
      const first = run(slopes, at);
      assertClose(dot(first, v), runComplex(toProgram({ scalar }), step).scalar[1][0] / h, norm(first), 1e-11);
      const directional = along(g, slopes, w);
      const second = run(gradients(g, directional, inputs), at);
      assertClose(
        dot(second, v),
        runComplex(toProgram({ directional }), step).directional[1][0] / h,
        norm(second),
        1e-10,
      );
    }),
    { seed: 12, numRuns: 200 },
  );
});

Deno.test("Hessians of random programs are symmetric", () => {
  fc.assert(
    fc.property(CASES.seed, CASES.steps, (seed, steps) => {
      const g = createGraph();
      const { inputs, scalar } = randomProgram(g, { seed, steps, analytic: false });
      const [at, v, w] = [1, 2, 3].map((k) => randomNumbers(inputs, seed + k));
      const slopes = gradients(g, scalar, inputs);
      const [hv, hw] = [v, w].map((vector) => run(gradients(g, along(g, slopes, vector), inputs), at));
      assertClose(dot(hv, w), dot(hw, v), norm(hv), 1e-10);
    }),
    { seed: 13, numRuns: 200 },
  );
});

/** Taylor coefficients of tanh u from those of u: y′ = (1 − y²) u′. */
function tanhSeries(u: readonly number[]): number[] {
  const y = [Math.tanh(u[0])];
  const s = [1 - y[0] ** 2]; // of 1 − y²
  for (let n = 1; n < u.length; n++) {
    let sum = 0;
    for (let k = 1; k <= n; k++) sum += k * u[k] * s[n - k];
    y.push(sum / n);
    let square = 0;
    for (let k = 0; k <= n; k++) square += y[k] * y[n - k];
    s.push(-square);
  }
  return y;
}

Deno.test("a fourth derivative is exact: tanh(t²) against its Taylor series", () => {
  const g = createGraph();
  const t = g.input("t", []);
  let value: Value = g.tanh(g.square(t));
  for (let order = 0; order < 4; order++) [value] = grad(g, value, [t]);
  const fourth = interpreter(toProgram({ value }));
  for (const at of [-1.3, -0.4, 0, 0.7, 1.1]) {
    const series = tanhSeries([at * at, 2 * at, 1, 0, 0]);
    assertAlmostEquals(fourth({ t: [at] }).value[0], 24 * series[4], 1e-11);
  }
});

Deno.test("softplus, gelu, silu and sigmoid have every derivative at 0 and stay finite far out, to the third", () => {
  // Derivatives at 0 from their series: σ = ½ + x/4 − x³/48, softplus = log 2 + x/2 + x²/8.
  const wanted: Record<string, number[]> = {
    softplus: [Math.LN2, 0.5, 0.25, 0],
    sigmoid: [0.5, 0.25, 0, -0.125],
    silu: [0, 0.5, 0.5, 0],
  };
  for (const name of ["softplus", "sigmoid", "silu", "gelu", "relu", "tanh"] as const) {
    const g = createGraph();
    const x = g.input("x", []);
    const orders: Record<string, Value> = { d0: g[name](x) };
    for (let order = 1; order < 4; order++) [orders[`d${order}`]] = grad(g, orders[`d${order - 1}`], [x]);
    const at = interpreter(toProgram({ ...orders, x }));
    wanted[name]?.forEach((value, order) => assertAlmostEquals(at({ x: [0] })[`d${order}`][0], value, 1e-15));
    for (const far of [-1e4, -40, 40, 1e4]) {
      for (const [order, value] of Object.entries(at({ x: [far] }))) {
        assert(Number.isFinite(value[0]), `${name} ${order}`);
      }
    }
  }
});

Deno.test("stop() hides a path from grad() and from every further grad()", () => {
  const g = createGraph();
  const x = g.input("x", []);
  const [slope] = grad(g, g.mul(g.stop(g.square(x)), x), [x]);
  const [curvature] = grad(g, slope, [x]);
  const found = interpreter(toProgram({ slope, curvature, x }))({ x: [3] });
  assertAlmostEquals(found.slope[0], 9);
  assertAlmostEquals(found.curvature[0], 0);
});

Deno.test("elements that share a maximum share its gradient", () => {
  const g = createGraph();
  const x = g.input("x", [4]);
  const [slope] = grad(g, g.max(x), [x]);
  const found = interpreter(toProgram({ slope }))({ x: [1, 5, 5, 2] }).slope;
  [0, 0.5, 0.5, 0].forEach((value, i) => assertAlmostEquals(found[i], value));
});
