// What is no value of the graph is refused by the operation that was asked, at the caller's line, and never becomes a program.
import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import type { Graph } from "../../lib/program/graph_type.ts";
import { printProgram } from "../../lib/program/print.ts";
import { toProgram } from "../../lib/program/program.ts";
import type { Value } from "../../lib/program/value.ts";

const ODD: readonly (readonly [unknown, string])[] = [
  [undefined, "undefined"],
  [null, "null"],
  ["1", "1"],
  [[1, 2], "an object that is no value"],
  [Promise.resolve(), "a promise"],
];

/** Every operation of values, with one operand that may be anything. */
const CALLS: Readonly<Record<string, (g: Graph, odd: Value, x: Value) => unknown>> = {
  add: (g, odd, x) => g.add(x, odd),
  sub: (g, odd, x) => g.sub(odd, x),
  div: (g, odd, x) => g.div(x, odd),
  tanh: (g, odd) => g.tanh(odd),
  sigmoid: (g, odd) => g.sigmoid(odd),
  relu: (g, odd) => g.relu(odd),
  maximum: (g, odd, x) => g.maximum(x, odd),
  select: (g, odd, x) => g.select(x, odd, 0),
  stop: (g, odd) => g.stop(odd),
  matmul: (g, odd, x) => g.matmul(x, odd),
  solve: (g, odd, x) => g.solve(x, odd),
  sum: (g, odd) => g.sum(odd),
  mean: (g, odd) => g.mean(odd, 0),
  max: (g, odd) => g.max(odd),
  softmax: (g, odd) => g.softmax(odd),
  logSumExp: (g, odd) => g.logSumExp(odd),
  broadcast: (g, odd) => g.broadcast(odd, [2, 2]),
  reshape: (g, odd) => g.reshape(odd, [4]),
  transpose: (g, odd) => g.transpose(odd),
  slice: (g, odd) => g.slice(odd, 0, { start: 0 }),
  at: (g, odd) => g.at(odd, -1, 0),
  concat: (g, odd, x) => g.concat([odd, x], 0),
  pad: (g, odd) => g.pad(odd, 0, { before: 1 }),
  gather: (g, odd, x) => g.gather(x, odd),
  grad: (g, odd, x) => grad(g, g.sum(x), [odd]),
};

Deno.test("every operation refuses what is no value of its graph, at the caller's line", () => {
  const g = createGraph();
  const x = g.input("x", [2, 2]);
  for (const [name, call] of Object.entries(CALLS)) {
    for (const [odd, received] of ODD) {
      const { message } = assertThrows(() => call(g, odd as Value, x), TypeError, undefined, `${name} ${received}`);
      assertMatch(message, /^Cannot .*: expected (a value|values) of this graph, received /, name);
      assertMatch(message, new RegExp(`received ${received} \\(at file:.*odd_values_test\\.ts:\\d+:\\d+\\)$`), name);
    }
    const other = createGraph().input("x", [2, 2]);
    assertThrows(() => call(g, other, x), TypeError, "of this graph, received", name);
  }
});

Deno.test("shapes and axes that are none are refused at the caller's line, behind many operations too", () => {
  const g = createGraph();
  const x = g.input("x", [2, 2]);
  const refused = (make: () => unknown, expected: string) => {
    const { message } = assertThrows(make, TypeError, expected);
    assertMatch(message, /\(at file:.*odd_values_test\.ts:\d+:\d+\)$/);
  };
  refused(
    () => g.reshape(x, undefined as never),
    "Cannot reshape: expected a shape such as [4, 2], received undefined",
  );
  refused(() => g.broadcast(x, 2 as never), "Cannot broadcast: expected a shape such as [4, 2], received the number 2");
  refused(() => g.input("y", undefined as never), "expected a shape such as [4, 2], received undefined");
  refused(() => g.softmax(x, 4), "expected an axis of [2, 2], received 4");
  refused(() => g.logSumExp(x, 7), "expected an axis of [2, 2], received 7");
});

Deno.test("toProgram() refuses no outputs, and outputs of several graphs", () => {
  const [g, other] = [createGraph(), createGraph()];
  assertThrows(() => toProgram({}), TypeError, "Cannot make a program: expected at least one output, received none");
  assertThrows(
    () => toProgram({ a: g.exp(g.input("x", [2])), b: other.tanh(other.input("y", [1])) }),
    TypeError,
    "Cannot make a program: expected outputs of one graph, received some of another",
  );
});

Deno.test("programs that differ in the sign of a zero print differently", () => {
  const text = (numbers: number[]): string => {
    const g = createGraph();
    return printProgram(toProgram({ y: g.add(g.input("x", [2]), g.constant(numbers)) }));
  };
  assertNotEquals(text([0, 1]), text([-0, 1]));
  assertEquals(text([-0, 1]), text([-0, 1]));
});
