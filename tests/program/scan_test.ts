import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { compileProgram } from "../../lib/engine/cpu/program/compile.ts";
import { layOut } from "../../lib/engine/webgpu/program/layout.ts";
import { groupSteps } from "../../lib/engine/webgpu/program/steps.ts";
import { type CellState, cellStep } from "../../lib/model/lstm.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import type { Graph } from "../../lib/program/graph_type.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { planProgram } from "../../lib/program/plan.ts";
import { type Program, toProgram } from "../../lib/program/program.ts";
import { scan } from "../../lib/program/scan.ts";
import type { Value } from "../../lib/program/value.ts";
import { randomNumbers } from "./random_program.ts";
import { wasmRunner } from "./wasm_runner.ts";

const [ROWS, FEATURES, HIDDEN] = [6, 3, 8];
type Step = (state: CellState, x: Value, t: number) => CellState;
type Way = (g: Graph, xs: Value, step: Step) => CellState;

function empty(g: Graph): CellState {
  return { hidden: g.constant(0, [ROWS, HIDDEN]), cell: g.constant(0, [ROWS, HIDDEN]) };
}

/** The steps one after another, as they are written without scan. */
const unrolled: Way = (g, xs, step) => {
  let state = empty(g);
  for (let t = 0; t < xs.shape[0]; t++) state = step(state, g.at(xs, 0, t), t);
  return state;
};
const scanned = (every?: number): Way => (g, xs, step) => scan(g, empty(g), xs, { step, ...(every ? { every } : {}) });

/** A memory read to its end: the loss of its last output and, from order 1 on, derivatives along `v` by all inputs. */
function memory(way: Way, { time, order }: { readonly time: number; readonly order: number }): Program {
  const g = createGraph();
  const inputs = {
    xs: g.input("xs", [time, ROWS, FEATURES]),
    wx: g.input("wx", [FEATURES, 4 * HIDDEN]),
    wh: g.input("wh", [HIDDEN, 4 * HIDDEN]),
  };
  const { hidden, cell } = way(
    g,
    inputs.xs,
    (state, x) => cellStep(g, inputs.wh, { z: g.matmul(x, inputs.wx), state }),
  );
  const loss = g.add(g.mean(g.square(hidden)), g.mean(g.softplus(cell)));
  let [along, slopes]: [Value, Value[]] = [loss, []];
  for (let taken = 1; taken <= order; taken++) {
    slopes = grad(g, along, Object.values(inputs));
    along = slopes.map((slope, i) => g.sum(g.mul(slope, g.input(`v${i}`, slope.shape)))).reduce((a, b) => g.add(a, b));
  }
  return toProgram({ loss, ...Object.fromEntries(slopes.map((slope, i) => [Object.keys(inputs)[i], slope])) });
}

function numbersFor({ inputs, nodes }: Program, seed = 1): Record<string, Float64Array> {
  return randomNumbers(Object.fromEntries(Object.entries(inputs).map(([name, i]) => [name, nodes[i] as never])), seed);
}

Deno.test("scan() gives the bits of the unrolled steps in float64 and in wasm, and in float64 those of their gradient", () => {
  for (const [time, every] of [[1, 1], [7, 1], [7, 3], [8, 4], [16, undefined], [5, 9]] as const) {
    for (const order of [0, 1]) {
      const [plain, kept] = [memory(unrolled, { time, order }), memory(scanned(every), { time, order })];
      const numbers = numbersFor(plain);
      assertEquals(interpreter(kept)(numbers), interpreter(plain)(numbers), `every ${every} of ${time}`);
      assertEquals(
        wasmRunner(kept)(numbers).loss,
        wasmRunner(plain)(numbers).loss,
        `every ${every} of ${time} in wasm`,
      );
    }
  }
});

// What is computed again may stand in other groups of operations, which round sums of products otherwise, and its gradient is
// one more sum: so no bits here.
Deno.test("derivatives of orders 1 to 3 through scan() are those of the unrolled steps to rounding in float64 and in wasm", () => {
  for (const [time, every, order] of [[7, 3, 1], [7, 3, 2], [16, undefined, 2], [6, 2, 3]] as const) {
    const [plain, kept] = [memory(unrolled, { time, order }), memory(scanned(every), { time, order })];
    const numbers = numbersFor(plain);
    for (const [run, tolerance] of [[interpreter, 1e-13], [wasmRunner, 1e-5]] as const) {
      const [wanted, found] = [run(plain)(numbers), run(kept)(numbers)];
      for (const name of Object.keys(wanted)) {
        const scale = Math.max(...wanted[name].map(Math.abs));
        found[name].forEach((value, i) =>
          assertAlmostEquals(value, wanted[name][i], tolerance * scale, `order ${order}`)
        );
      }
    }
  }
});

Deno.test("first and second derivatives through scan() agree with central differences", () => {
  const h = 1e-5;
  const property = fc.property(
    fc.record({ time: fc.integer({ min: 1, max: 9 }), every: fc.integer({ min: 1, max: 9 }), seed: fc.nat(1e6) }),
    ({ time, every, seed }) => {
      const orders = [0, 1, 2].map((order) => memory(scanned(every), { time, order }));
      const numbers = numbersFor(orders[2], seed);
      const run = orders.map((program) => interpreter(program));
      const names = ["xs", "wx", "wh"];
      const moved = (by: number): Record<string, Float64Array> => ({
        ...numbers,
        ...Object.fromEntries(
          names.map((name, i) => [name, numbers[name].map((x, k) => x + by * numbers[`v${i}`][k])]),
        ),
      });
      const [ahead, behind] = [moved(h), moved(-h)];
      const slopes = run[1](numbers);
      const slope = names.reduce(
        (sum, name, i) => sum + slopes[name].reduce((s, x, k) => s + x * numbers[`v${i}`][k], 0),
        0,
      );
      assertAlmostEquals(slope, (run[0](ahead).loss[0] - run[0](behind).loss[0]) / (2 * h), 1e-5);
      const [curved, up, down] = [run[2](numbers), run[1](ahead), run[1](behind)];
      for (const name of names) {
        const scale = 1 + Math.max(...curved[name].map(Math.abs));
        curved[name].forEach((x, k) => assertAlmostEquals(x, (up[name][k] - down[name][k]) / (2 * h), 1e-5 * scale));
      }
    },
  );
  fc.assert(property, { seed: 5, numRuns: 25 });
});

/** Elements that live only while a program runs: in the interpreter, in wasm, and on a GPU. */
function arenas(program: Program): number[] {
  const compiled = compileProgram(program, { relaxed: true, shared: false });
  const outer = [compiled.common, compiled.own, compiled.each, compiled.sum].reduce((sum, { size }) => sum + size, 0);
  const { sizes } = layOut({ program, shared: [], summed: [] }, groupSteps(program));
  return [planProgram(program).size, compiled.size - outer, sizes.arena];
}

/** By what each executor's arena grows from a length to four times it. */
function growth(way: Way, { time, order }: { readonly time: number; readonly order: number }): number[] {
  const [short, long] = [time, 4 * time].map((length) => arenas(memory(way, { time: length, order })));
  return long.map((size, i) => size / short[i]);
}

Deno.test("memory through scan() grows with the root of the length on every executor; unrolled it grows with the length", () => {
  const property = fc.property(fc.integer({ min: 16, max: 64 }), (time) => {
    for (const factor of growth(scanned(), { time, order: 1 })) assertLess(factor, 2.4);
    for (const factor of growth(unrolled, { time, order: 1 })) assertLess(3.2, factor);
  });
  fc.assert(property, { seed: 7, numRuns: 3, examples: [[64]] });
});

Deno.test("so it does for second and third derivatives", () => {
  for (const [time, order] of [[25, 2], [9, 3]]) {
    for (const factor of growth(scanned(), { time, order })) assertLess(factor, 2.4, `order ${order}`);
    assertLess(3.2, growth(unrolled, { time, order })[0]);
  }
});

Deno.test("scan() follows what a step takes from outside, carries that pass through, numbers, and scans within", () => {
  const build = (isScanned: boolean): Program => {
    const g = createGraph();
    const [w, rate, start] = [g.input("w", [3, 3]), g.input("rate", []), g.input("start", [2, 3])];
    const xs = g.input("xs", [6, 2, 3]);
    const outside = g.tanh(g.at(xs, 0, 3));
    const known = g.constant(Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)), [4, 3]);
    type Carry = { readonly state: Value; readonly same: Value; readonly total: Value };
    const loop = <C extends { readonly [K in keyof C]: Value }>(
      c: C,
      over: Value,
      step: (c: C, x: Value, t: number) => C,
    ): C => {
      if (isScanned) return scan(g, c, over, { step, every: 2 });
      for (let t = 0; t < over.shape[0]; t++) c = step(c, g.at(over, 0, t), t);
      return c;
    };
    const first: Carry = { state: start, same: rate, total: g.constant(0) };
    const last = loop(first, xs, ({ state, same, total }, x, t) => {
      const inner = loop({ y: g.mul(state, same) }, known, ({ y }, k) => ({ y: g.tanh(g.add(g.matmul(y, w), k)) }));
      const next = g.add(g.mul(inner.y, outside), g.mul(t + 1, g.mul(x, g.stop(state))));
      return { state: next, same, total: g.add(total, g.sum(g.mul(g.square(next), rate))) };
    });
    const scalar = g.add(g.add(last.total, last.same), g.sum(g.mul(last.state, start)));
    const wrt = { w, rate, start, xs };
    const slopes = grad(g, scalar, Object.values(wrt));
    const bent = grad(
      g,
      slopes.map((slope) => g.sum(g.square(slope))).reduce((a, b) => g.add(a, b)),
      Object.values(wrt),
    );
    const name = (prefix: string, values: Value[]) => values.map((value, i) => [prefix + Object.keys(wrt)[i], value]);
    return toProgram({ scalar, ...Object.fromEntries([...name("d", slopes), ...name("dd", bent)]) });
  };
  const [plain, kept] = [build(false), build(true)];
  assert(kept.nodes.length > plain.nodes.length, "nothing is computed again");
  const numbers = numbersFor(plain);
  const [wanted, found] = [interpreter(plain)(numbers), interpreter(kept)(numbers)];
  for (const name of Object.keys(wanted)) {
    const scale = Math.max(...wanted[name].map(Math.abs));
    assert(scale > 0, `${name} is 0`);
    found[name].forEach((value, i) => assertAlmostEquals(value, wanted[name][i], 1e-12 * scale, name));
  }
});

Deno.test("gradients by what was made of the sequence before scan(), and by what another scan of it led to, are whole", () => {
  const slopes = [unrolled, scanned(2)].map((way) => {
    const g = createGraph();
    const [xs, wx] = [g.input("xs", [5, ROWS, FEATURES]), g.input("wx", [FEATURES, 4 * HIDDEN])];
    const wh = g.matmul(g.at(xs, 0, 2), g.input("u", [ROWS, 4 * HIDDEN]), { transposeA: true });
    const recurrent = g.concat([wh, wh, g.slice(wh, 0, { end: 2 })], 0);
    const read = (w: Value): Value =>
      g.sum(way(g, xs, (state, x) => cellStep(g, recurrent, { z: g.matmul(x, w), state })).hidden);
    const moved = g.sub(wx, g.mul(0.1, grad(g, read(wx), [wx])[0]));
    const [byMoved, byWh] = grad(g, read(moved), [moved, wh]);
    const [meta] = grad(g, g.add(g.sum(g.square(byMoved)), read(moved)), [wx]);
    const program = toProgram({ byMoved, byWh, meta });
    return interpreter(program)(numbersFor(program));
  });
  for (const [name, wanted] of Object.entries(slopes[0])) {
    const scale = Math.max(...wanted.map(Math.abs));
    assert(scale > 0, `${name} is 0`);
    slopes[1][name].forEach((value, i) => assertAlmostEquals(value, wanted[i], 1e-12 * scale, name));
  }
});

Deno.test("grad() refuses a value that a step of scan() made on its way instead of missing what flows through it", () => {
  const g = createGraph();
  const made: Value[] = [];
  const step = ({ a }: { a: Value }, x: Value) => {
    made.push(g.tanh(g.mul(a, x)));
    return { a: made[made.length - 1] };
  };
  const { a } = scan(g, { a: g.input("a", []) }, g.input("xs", [4]), { step });
  assertThrows(() => grad(g, a, [made[0]]), TypeError, "values from outside of the steps of scan");
});

Deno.test("scan() leaves the carry and the options that it is given as they are", () => {
  const g = createGraph();
  const carry = Object.freeze({ a: g.input("a", []) });
  const options = Object.freeze({ step: ({ a }: { a: Value }, x: Value) => ({ a: g.add(a, x) }), every: 2 });
  assertEquals(
    interpreter(toProgram({ ...scan(g, carry, g.input("xs", [3]), options) }))({ a: [1], xs: [2, 3, 4] }).a[0],
    10,
  );
  assertEquals(Object.keys(carry), ["a"]);
});

Deno.test("scan() refuses a scalar, a carry that changes its names or shapes, and every below 1", () => {
  const g = createGraph();
  const [a, xs] = [g.input("a", [2]), g.input("xs", [3])];
  assertThrows(
    () => scan(g, { a }, g.input("x", []), { step: (c) => c }),
    TypeError,
    "a sequence [time, ...], received []",
  );
  assertThrows(
    () => scan(g, { a }, xs, { step: () => ({}) as { a: Value } }),
    TypeError,
    "a carry of a from each step, received none",
  );
  assertThrows(
    () => scan(g, { a }, xs, { step: (_, x) => ({ a: x }) }),
    TypeError,
    "a of [2] from each step, received []",
  );
  for (const every of [0, 1.5, NaN]) {
    assertThrows(() => scan(g, { a }, xs, { step: (c) => c, every }), RangeError, "every");
  }
});
