/** Generated kernels one by one, in sizes that are no multiple of any tile or block, against the float64 interpreter. */
import fc from "fast-check";
import { assert, assertEquals, assertLess } from "@std/assert";
import { random } from "../../lib/net/random.ts";
import { createGraph } from "../../lib/program/graph.ts";
import type { Graph } from "../../lib/program/graph_type.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";
import { type Shape, sizeOf, type Value } from "../../lib/program/value.ts";
import { relativeError } from "../goldens.ts";
import { wasmRunner } from "./wasm_runner.ts";

type Build = (g: Graph, ...values: Value[]) => Value | Record<string, Value>;

/** Runs what `build` makes of some inputs on both executors and compares every output. */
function assertAgrees(shapes: readonly Shape[], build: Build): void {
  const g = createGraph();
  const values = shapes.map((shape, i) => g.input(`in${i}`, shape));
  const built = build(g, ...values);
  const outputs: Record<string, Value> = "op" in built ? { out: built as Value } : built as Record<string, Value>;
  // Every input is taken.
  const program = toProgram({ ...outputs, all: values.map((value) => g.sum(value)).reduce((a, b) => g.add(a, b)) });
  const stream = random(7);
  const numbers = Object.fromEntries(
    shapes.map((
      shape,
      i,
    ) => [`in${i}`, Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(stream.normal()))]),
  );
  const wanted = interpreter(program)(numbers);
  const [found, plain] = [true, false].map((relaxed) => wasmRunner(program, { relaxed })(numbers));
  for (const name of Object.keys(outputs)) {
    assertLess(relativeError(found[name], wanted[name]), 1e-5, `${name} of ${JSON.stringify(shapes)}`);
    assertLess(relativeError(plain[name], wanted[name]), 1e-5, `${name} of ${JSON.stringify(shapes)}`);
  }
}

const SIZE = fc.integer({ min: 1, max: 37 });

Deno.test("products of any sizes, transposed or stacked, with and without work on their sums", () => {
  fc.assert(
    fc.property(
      SIZE,
      SIZE,
      SIZE,
      fc.integer({ min: 1, max: 3 }),
      fc.tuple(fc.boolean(), fc.boolean()),
      (m, n, k, batch, flags) => {
        const [transposeA, transposeB] = flags;
        const lead = batch === 1 ? [] : [batch];
        const a: Shape = [...lead, ...(transposeA ? [k, m] : [m, k])];
        const b: Shape = [...lead, ...(transposeB ? [n, k] : [k, n])];
        assertAgrees([a, b], (g, x, y) => {
          const product = g.matmul(x, y, { transposeA, transposeB });
          const row = g.slice(product, -2, { end: 1 });
          const column = g.slice(product, -1, { start: n - 1 });
          return {
            product,
            biased: g.relu(g.add(g.add(product, row), g.mul(0.5, column))),
            turned: g.transpose(product),
          };
        });
      },
    ),
    { seed: 3, numRuns: 150 },
  );
});

Deno.test("products with one number everywhere on a side, as it lies or transposed", () => {
  fc.assert(
    fc.property(SIZE, SIZE, SIZE, fc.boolean(), (m, k, n, turned) => {
      assertAgrees([[m, k]], (g, a) => ({
        right: g.matmul(a, g.constant(0.5, turned ? [n, k] : [k, n]), { transposeB: turned }),
        left: g.matmul(g.constant(-2, turned ? [m, n] : [n, m]), a, { transposeA: turned }),
        nothing: g.add(1, g.matmul(a, g.constant(0, [k, n]))),
      }));
    }),
    { seed: 4, numRuns: 20 },
  );
});

Deno.test("sums of products, each side of each as it lies or transposed", () => {
  fc.assert(
    fc.property(
      SIZE,
      SIZE,
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.tuple(SIZE, fc.boolean(), fc.boolean()), { minLength: 2, maxLength: 3 }),
      (m, n, batch, terms) => {
        const lead = batch === 1 ? [] : [batch];
        const sides = terms.flatMap(([k, transposeA, transposeB]): Shape[] => [
          [...lead, ...(transposeA ? [k, m] : [m, k])],
          [...lead, ...(transposeB ? [n, k] : [k, n])],
        ]);
        assertAgrees([...sides, [n]], (g, ...values) => {
          const products = terms.map(([, transposeA, transposeB], t) =>
            g.matmul(values[2 * t], values[2 * t + 1], { transposeA, transposeB })
          );
          const sum = products.reduce((a, b) => g.add(a, b));
          return { out: g.tanh(g.mul(0.1, g.add(sum, values[values.length - 1]))) };
        });
      },
    ),
    { seed: 4, numRuns: 100 },
  );
});

Deno.test("sums and maxima over any axes, of a value or of what is computed on the way", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), fc.nat(15), (shape, mask) => {
      const axes = shape.flatMap((_, axis) => (mask >> axis) & 1 ? [axis] : []);
      assertAgrees([shape, shape], (g, x, y) => ({
        sum: g.sum(x, axes),
        product: g.sum(g.mul(x, g.tanh(y)), axes, { keep: true }),
        max: axes.length > 0 ? g.max(g.sub(x, y), axes) : x,
      }));
    }),
    { seed: 4, numRuns: 100 },
  );
});

Deno.test("slices, transposes, concatenations and reshapes of them, along any axis", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 2, max: 7 }), { minLength: 3, maxLength: 3 }),
      fc.nat(2),
      fc.nat(5),
      (shape, axis, turn) => {
        const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        assertAgrees([shape, shape], (g, x, y) => {
          const joined = g.concat([g.slice(x, axis, { start: 1 }), g.exp(y), g.slice(y, axis, { end: 1 })], axis);
          const turned = g.transpose(joined, orders[turn]);
          const flat = g.reshape(turned, [sizeOf(turned.shape)]);
          return {
            joined,
            turned: g.mul(turned, turned),
            flat: g.add(flat, 1),
            padded: g.pad(turned, axis, { before: 2 }),
          };
        });
      },
    ),
    { seed: 5, numRuns: 100 },
  );
});

Deno.test("a copy that waits for another value, which is computed or a number", () => {
  assertAgrees([[5, 7], [3]], (g, x, y) => ({
    waited: g.mul(2, g.after(g.transpose(x), g.exp(y))),
    again: g.add(g.exp(x), g.exp(g.after(x, g.exp(x)))),
    alone: g.after(x, g.constant(1)),
  }));
});

Deno.test("rows by index, rows added where they meet, and systems of 1 to 20 unknowns", () => {
  for (const [rows, width] of [[1, 1], [5, 3], [20, 7]]) {
    const index = Array.from({ length: 9 }, (_, i) => (i * 5) % (rows + 2) - 1);
    assertAgrees([[rows, width], [9, width]], (g, x, y) => ({
      gathered: g.gather(x, g.constant(index)),
      scattered: g.scatter(y, g.constant(index), rows),
      solved: g.solve(
        g.add(
          g.matmul(x, x, { transposeB: true }),
          g.constant(Array.from({ length: rows * rows }, (_, i) => i % (rows + 1) === 0 ? 9 : 0), [rows, rows]),
        ),
        x,
      ),
    }));
  }
});

Deno.test("elementary functions are good to 4 units in the last place over their range, and right at its ends", () => {
  const values = [0, -0, 1e-30, 1e-4, 0.3, 0.62, 0.63, 0.7072, 1, 1.5, 3, 10, 60, 87, 100, 3e38, Infinity, NaN];
  const x = Float32Array.from([...values, ...values.map((value) => -value)]);
  const names = ["exp", "log", "tanh", "softplus", "sqrt", "recip", "abs", "sign", "step"] as const;
  const g = createGraph();
  const input = g.input("x", [x.length]);
  const program = toProgram(Object.fromEntries(names.map((name) => [name, g[name](input)])));
  const wanted = interpreter(program)({ x });
  for (const relaxed of [true, false]) {
    const found = wasmRunner(program, { relaxed })({ x });
    for (const name of names) {
      wanted[name].forEach((value, i) => {
        const [rounded, ours] = [Math.fround(value), found[name][i]];
        // Below e⁻⁸⁷ an exponential may be the smallest number instead of less.
        const tiny = Math.abs(rounded) < 1.3e-38 && Math.abs(ours) < 1.3e-38;
        const near = Math.abs(ours - rounded) <= Math.abs(rounded) * 4 * 2 ** -23;
        assert(
          tiny || near || Object.is(ours, rounded) || (ours === rounded),
          `${name}(${x[i]}): ${ours} is not ${rounded}`,
        );
      });
    }
  }
});

Deno.test("inputs, numbers and parts of inputs may be outputs, twice too", () => {
  const g = createGraph();
  const x = g.input("x", [3, 2]);
  const y = g.exp(x);
  const part = g.slice(x, 1, { end: 1 });
  const program = toProgram({ x, one: g.constant(1, [2]), part, y, again: y, cut: g.slice(y, 0, { start: 1 }) });
  const found = wasmRunner(program)({ x: [0, 1, 2, 3, 4, 5] });
  assertEquals(found.x, Float32Array.of(0, 1, 2, 3, 4, 5));
  assertEquals(found.one, Float32Array.of(1, 1));
  assertEquals(found.part, Float32Array.of(0, 2, 4));
  assertEquals(found.again, found.y);
  assertEquals(found.cut, found.y.slice(2));
});
