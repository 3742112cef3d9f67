/** What a program costs in kernel calls: views and parts cost none, work around a product is done on its sums. */
import { assertEquals } from "@std/assert";
import { lower } from "../../lib/engine/cpu/program/lower.ts";
import { fuse } from "../../lib/program/fuse.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import type { Graph } from "../../lib/program/graph_type.ts";
import { toProgram } from "../../lib/program/program.ts";
import type { Value } from "../../lib/program/value.ts";

/** Kinds of the calls that compute a value. */
function callsOf(build: (g: Graph) => Value | Record<string, Value>): string[] {
  const g = createGraph();
  const built = build(g);
  const program = toProgram("op" in built ? { out: built as Value } : built as Record<string, Value>);
  return lower(program).calls.map(({ spec }) => spec.kind);
}

Deno.test("a dense layer with bias and activation is one call", () => {
  assertEquals(
    callsOf((g) => g.relu(g.add(g.matmul(g.input("x", [20, 10]), g.input("w", [10, 64])), g.input("b", [64])))),
    ["product"],
  );
});

Deno.test("products that are added, and what is done with their sum, are one call; one that is read twice stays apart", () => {
  const sum = (g: Graph, k: number): Value => g.matmul(g.input(`a${k}`, [20, k]), g.input(`b${k}`, [k, 64]));
  assertEquals(
    callsOf((g) => g.relu(g.add(g.add(g.add(sum(g, 10), sum(g, 64)), sum(g, 3)), g.input("bias", [64])))),
    ["product"],
  );
  assertEquals(
    callsOf((g) => ({ twice: g.exp(g.add(sum(g, 10), sum(g, 64))), once: g.tanh(sum(g, 64)) })).sort(),
    ["map", "product", "product"],
  );
});

Deno.test("slices, transposes, broadcasts and reshapes on the way cost no call", () => {
  assertEquals(
    callsOf((g) => {
      const x = g.input("x", [6, 8]);
      const left = g.transpose(g.slice(x, 1, { start: 2, end: 5 }));
      const row = g.broadcast(g.reshape(g.slice(x, 0, { end: 1 }), [8]), [3, 8]);
      return g.mul(left, g.slice(row, 1, { end: 6 }));
    }),
    ["map"],
  );
});

Deno.test("a reshape that no strides read is one copy", () => {
  assertEquals(callsOf((g) => g.exp(g.reshape(g.transpose(g.input("x", [2, 3])), [6]))), ["map", "map"]);
});

Deno.test("a sum computes what it alone sums", () => {
  assertEquals(callsOf((g) => g.sum(g.square(g.sub(g.input("x", [20, 3]), g.input("y", [20, 3]))))), ["sum"]);
});

Deno.test("parts of a vector's gradient are written where they belong", () => {
  const kinds = callsOf((g) => {
    const theta = g.input("theta", [12]);
    const w = g.reshape(g.slice(theta, 0, { end: 8 }), [4, 2]);
    const b = g.slice(theta, 0, { start: 8, end: 10 });
    const out = g.add(g.matmul(g.input("x", [5, 4]), w), b);
    return { loss: g.sum(g.square(out)), theta: grad(g, g.sum(g.square(out)), [theta])[0] };
  });
  // The layer and twice its output, the loss, the gradient of w, that of b, and the zeros of what is not used: no copy.
  assertEquals(kinds.toSorted(), ["map", "product", "product", "sum", "sum"]);
});

Deno.test("rows of a transposed matrix are packed once for all products that read them", () => {
  const kinds = callsOf((g) => {
    const w = g.input("w", [9, 7]);
    const products = ["a", "b"].map((name) => g.matmul(g.input(name, [6, 7]), w, { transposeB: true }));
    return Object.fromEntries(products.map((value, i) => [`out${i}`, value]));
  });
  assertEquals(kinds, ["map", "product", "product"]);
});

Deno.test("groups that would wait for each other stay apart", () => {
  // u feeds v at once and through a sum: one group would need its own result.
  const g = createGraph();
  const u = g.exp(g.input("x", [4]));
  const program = toProgram({ v: g.mul(u, g.sum(u)) });
  assertEquals(fuse(program).steps.map(({ kind }) => kind), ["map", "reduce", "map"]);
});
