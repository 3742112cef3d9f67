import fc from "fast-check";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { planProgram } from "../../lib/program/plan.ts";
import type { Primitive } from "../../lib/program/primitive.ts";
import { PRIMITIVES } from "../../lib/program/primitives.ts";
import { printProgram } from "../../lib/program/print.ts";
import { type Program, toProgram } from "../../lib/program/program.ts";
import { type PrimitiveOp, sizeOf, type Value } from "../../lib/program/value.ts";
import { randomNumbers, randomProgram } from "./random_program.ts";

function run(value: Value, inputs: Record<string, ArrayLike<number>> = {}): number[] {
  return [...interpreter(toProgram({ value }))(inputs).value];
}

Deno.test("operations broadcast as NumPy does and reduce with and without keeping axes", () => {
  const g = createGraph();
  const x = g.input("x", [2, 3]);
  const numbers = { x: [1, 2, 3, 4, 5, 6] };
  assertEquals(run(g.add(x, g.constant([10, 20, 30])), numbers), [11, 22, 33, 14, 25, 36]);
  assertEquals(run(g.sub(x, g.constant([1, 4], [2, 1])), numbers), [0, 1, 2, 0, 1, 2]);
  assertEquals(run(g.sum(x, 0), numbers), [5, 7, 9]);
  assertEquals(g.sum(x, -1, { keep: true }).shape, [2, 1]);
  assertEquals(run(g.mean(x), numbers), [3.5]);
  assertEquals(run(g.max(x, [0, 1]), numbers), [6]);
  assertEquals(run(g.transpose(x), numbers), [1, 4, 2, 5, 3, 6]);
  assertEquals(run(g.at(x, 1, 2), numbers), [3, 6]);
  assertEquals(run(g.pad(x, 1, { before: 1 }), numbers), [0, 1, 2, 3, 0, 4, 5, 6]);
  assertEquals(run(g.concat([x, g.constant([7, 8], [2, 1])], 1), numbers), [1, 2, 3, 7, 4, 5, 6, 8]);
  assertEquals(run(g.gather(x, g.constant([1, 5, 0])), numbers), [4, 5, 6, 0, 0, 0, 1, 2, 3]);
  assertEquals(run(g.scatter(x, g.constant([1, 1]), 3), numbers), [0, 0, 0, 5, 7, 9, 0, 0, 0]);
  assertEquals(run(g.matmul(x, x, { transposeB: true }), numbers), [14, 32, 32, 77]);
  const stacks = g.matmul(g.reshape(x, [3, 1, 2]), g.reshape(x, [3, 2, 1]));
  assertEquals(run(stacks, numbers), [5, 25, 61]);
});

Deno.test("a graph changes no array that it is given", () => {
  const g = createGraph();
  const [shape, data, order, list] = [[2, 3], [1, 2, 3, 4, 5, 6], [1, 0], [] as Value[]];
  const x = g.input("x", shape);
  list.push(x, g.constant(data, shape), g.broadcast(2, shape), g.reshape(g.constant([1, 2, 3]), [1, 3]));
  g.transpose(g.concat(list, 0), order);
  for (const array of [shape, data, order, list]) assert(!Object.isFrozen(array));
  assertEquals([shape, data, order, list.length], [[2, 3], [1, 2, 3, 4, 5, 6], [1, 0], 4]);
});

Deno.test("after() copies a value that is not merged with it, and its gradient goes to what it copies", () => {
  const g = createGraph();
  const [x, y] = [g.input("x", [2]), g.input("y", [2])];
  const copy = g.after(x, y);
  assert(g.exp(copy) !== g.exp(x) && g.after(x, y) === copy);
  const [byX, byY] = grad(g, g.sum(g.square(copy)), [x, y]);
  assertEquals([run(copy, { x: [1, 2], y: [3, 4] }), run(byX, { x: [1, 2], y: [3, 4] })], [[1, 2], [2, 4]]);
  assertEquals(run(byY), [0, 0]);
});

Deno.test("solve() solves a symmetric positive definite system", () => {
  const g = createGraph();
  const a = g.constant([4, 2, 2, 5], [2, 2]);
  const b = g.input("b", [2, 1]);
  assertEquals(run(g.solve(a, b), { b: [8, 12] }), [1, 2]);
});

Deno.test("shapes that do not fit are refused with the operation, the shapes and the caller's line", () => {
  const g = createGraph();
  const [x, y] = [g.input("x", [4, 8]), g.input("y", [7, 2])];
  const error = assertThrows(
    () => g.matmul(x, y),
    TypeError,
    "Cannot multiply matrices: expected inner sizes that agree, received [4, 8] and [7, 2]",
  );
  assert(/\(at file:\S*program_test\.ts:\d+:\d+\)/.test(error.message), error.message);
  assertThrows(() => g.add(x, y), TypeError, "Cannot add: expected shapes that broadcast, received [4, 8] and [7, 2]");
  assertThrows(() => g.reshape(x, [5]), TypeError, "a shape of 32 elements for [4, 8], received [5]");
  assertThrows(() => g.slice(x, 0, { start: 2, end: 9 }), TypeError, "end ≤ 4 on axis 0 of [4, 8], received 2 to 9");
  assertThrows(() => g.sum(x, 2), TypeError, "Cannot sum: expected an axis of [4, 8], received 2");
  assertThrows(() => g.concat([x, y], 0), TypeError, "Cannot concat");
  assertThrows(() => g.concat([], 0), TypeError, "at least one value");
  assertThrows(() => g.input("x", [1]), TypeError, "the shape that it has, [4, 8], received [1]");
  assertThrows(() => g.input("z", [0, 2]), TypeError, "at least 1");
  assertThrows(() => g.constant([1, 2, 3], [2]), TypeError, "2 numbers for [2], received 3");
  assertThrows(() => grad(g, x, [y]), TypeError, "expected a scalar [], received [4, 8]");
  assertThrows(() => createGraph().exp(x), TypeError, "expected a value of this graph");
});

Deno.test("equal operations on equal values are one value, in either order where they commute", () => {
  const g = createGraph();
  const [x, y] = [g.input("x", [2]), g.input("y", [2])];
  assertStrictEquals(g.add(x, y), g.add(y, x));
  assertStrictEquals(g.exp(g.mul(x, y)), g.exp(g.mul(y, x)));
  assertStrictEquals(g.constant([1, 2]), g.constant(Float64Array.of(1, 2)));
  assert(g.constant(0) !== g.constant(-0));
  assert(g.constant([NaN, 1]) !== g.constant([Infinity, 1]));
  assert(g.sub(x, y) !== g.sub(y, x));
});

Deno.test("what changes nothing goes, but data times 0 stays: a NaN in it must be seen", () => {
  const g = createGraph();
  const x = g.input("x", [2, 3]);
  assertStrictEquals(g.add(x, 0), x);
  assertStrictEquals(g.mul(1, x), x);
  assertStrictEquals(g.neg(g.neg(x)), x);
  assertStrictEquals(g.transpose(g.transpose(x)), x);
  assertStrictEquals(g.reshape(g.reshape(x, [6]), [2, 3]), x);
  assertStrictEquals(g.slice(g.pad(x, 1, { before: 2, after: 1 }), 1, { start: 2, end: 5 }), x);
  assertStrictEquals(g.concat([g.slice(x, 1, { end: 1 }), g.slice(x, 1, { start: 1 })], 1), x);
  assertStrictEquals(g.matmul(g.transpose(x), x), g.matmul(x, x, { transposeA: true }));
  assertStrictEquals(g.sum(g.broadcast(g.constant(2), [5])), g.constant(10));
  assertStrictEquals(g.exp(g.constant([0, 0])), g.constant(1, [2]));
  assertEquals(run(g.mul(x, 0), { x: [1, NaN, 2, 3, Infinity, 4] }), [0, NaN, 0, 0, NaN, 0]);
  assertEquals(run(g.mul(0, g.constant([1, NaN]))), [0, NaN]);
});

Deno.test("the gradient of a flat vector's parts is one concatenation", () => {
  const g = createGraph();
  const theta = g.input("theta", [7]);
  const w = g.reshape(g.slice(theta, 0, { end: 4 }), [2, 2]);
  const b = g.slice(theta, 0, { start: 4, end: 6 });
  const x = g.input("x", [3, 2]);
  const [slope] = grad(g, g.sum(g.tanh(g.add(g.matmul(x, w), b))), [theta]);
  assertEquals(slope.op, "concat");
  assertEquals(slope.inputs.map(({ shape }) => shape), [[4], [2], [1]]);
});

Deno.test("a program prints one value a line, and equal programs print equally", () => {
  const build = (): Program => {
    const g = createGraph();
    const [x, w] = [g.input("x", [2, 3]), g.input("w", [4, 3])];
    g.log(x);
    const y = g.sum(g.mul(2, g.matmul(x, g.transpose(w))), 0);
    return toProgram({ y });
  };
  assertEquals(
    printProgram(build()),
    [
      "%0 = input x : [2, 3]",
      "%1 = input w : [4, 3]",
      "%2 = matmul %0 %1ᵀ : [2, 4]",
      "%3 = fill 2 : [2, 4]",
      "%4 = mul %2 %3 : [2, 4]",
      "%5 = sum over 0 %4 : [1, 4]",
      "%6 = reshape %5 : [4]",
      "y = %6",
    ].join("\n"),
  );
  assertEquals(printProgram(build()), printProgram(build()));
});

/** Every value in an array of its own: what a shared arena must not change. */
function runApart(program: Program, inputs: Record<string, Float64Array>): Float64Array[] {
  const values: Float64Array[] = [];
  for (const node of program.nodes) {
    if (node.op === "input") values.push(inputs[node.attributes.name]);
    else if (node.op === "constant") values.push(node.attributes.data);
    else {
      const out = new Float64Array(sizeOf(node.shape));
      if (node.op === "fill") out.fill(node.attributes.value);
      else {
        const row = PRIMITIVES[node.op as PrimitiveOp] as Primitive<PrimitiveOp>;
        const shapes = node.inputs.map((i) => program.nodes[i].shape);
        const ins = node.inputs.map((i) => values[i]);
        row.value({ out, outShape: node.shape, ins, shapes, attributes: node.attributes });
      }
      values.push(out);
    }
  }
  return values;
}

Deno.test("a planned arena changes no result, and shares places", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 5, max: 60 }), (seed, steps) => {
      const g = createGraph();
      const { inputs, scalar } = randomProgram(g, { seed, steps, analytic: false });
      const slopes = grad(g, scalar, Object.values(inputs));
      const program = toProgram({ scalar, ...Object.fromEntries(slopes.map((slope, i) => [`s${i}`, slope])) });
      const numbers = randomNumbers(inputs, seed + 1);
      const run = interpreter(program);
      const apart = runApart(program, numbers);
      for (let again = 0; again < 2; again++) {
        for (const [name, value] of Object.entries(run(numbers))) assertEquals(value, apart[program.outputs[name]]);
      }
    }),
    { seed: 14, numRuns: 100 },
  );
  const g = createGraph();
  let x: Value = g.input("x", [100]);
  for (let i = 0; i < 50; i++) x = g.tanh(g.exp(x));
  assertEquals(planProgram(toProgram({ x }), { align: 1 }).size, 200);
});

Deno.test("views lie where their input does, and aligned places start on their multiple", () => {
  const g = createGraph();
  const x = g.exp(g.input("x", [4, 5]));
  const row = g.slice(x, 0, { start: 2, end: 3 });
  const column = g.slice(x, 1, { start: 2, end: 3 });
  const program = toProgram({ row, column, flat: g.reshape(x, [20]) });
  const { places, steps } = planProgram(program);
  const of = (name: string) => places[program.outputs[name]];
  assertEquals(of("row"), { kind: "arena", base: 1, at: 10, size: 5 });
  assertEquals(of("flat"), { kind: "arena", base: 1, at: 0, size: 20 });
  assertEquals(of("column").at, 32);
  assertEquals(steps.length, 2);
});

Deno.test("an interpreter refuses missing inputs and leaves its inputs as they were", () => {
  const g = createGraph();
  const run = interpreter(toProgram({ y: g.exp(g.input("x", [2])) }));
  assertThrows(() => run({}), TypeError, "expected input x to hold 2 numbers, received none");
  assertThrows(() => run({ x: [1] }), TypeError, "received 1");
  const x = Float64Array.of(0, 1);
  const { y } = run({ x });
  run({ x: [5, 5] });
  assertEquals(x, Float64Array.of(0, 1));
  assertEquals(y, Float64Array.of(1, Math.E));
});
