import fc from "fast-check";
import { assertEquals } from "@std/assert";
import { addFloats, joinBlocks, LEAF_TASKS, sumBlocks, type TreeBlock, TreeSum } from "../../lib/engine/tree_sum.ts";
import { random } from "../../lib/net/random.ts";

/** The tree as it is defined: leaves of 16 in order, above them a split at the largest power of two below the number. */
function defined(values: readonly number[]): number {
  if (values.length <= LEAF_TASKS) return values.reduce((sum, value) => sum + value);
  const leaves = Math.ceil(values.length / LEAF_TASKS);
  let half = 1;
  while (2 * half < leaves) half *= 2;
  return defined(values.slice(0, half * LEAF_TASKS)) + defined(values.slice(half * LEAF_TASKS));
}

function someNumbers(count: number, seed: number): number[] {
  const stream = random(seed);
  return Array.from({ length: count }, () => stream.normal() * 10 ** stream.integer(12));
}

Deno.test("TreeSum adds as the tree is defined, bit for bit", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 700 }), fc.nat(), (count, seed) => {
    const values = someNumbers(count, seed);
    const sum = new TreeSum<Float64Array>();
    for (const value of values) sum.add(Float64Array.of(value));
    assertEquals(sum.total()[0], defined(values));
  }));
});

Deno.test("any split into runs of whole leaves gives the same bits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), fc.array(fc.nat({ max: 60 })), (leaves, seed, cuts) => {
      const values = someNumbers(leaves, seed);
      const blocks: TreeBlock<Float64Array>[] = values.map((value, start) => ({
        start,
        leaves: 1,
        value: Float64Array.of(value),
      }));
      const at = [...new Set([0, ...cuts.filter((cut) => cut < leaves), leaves])].sort((a, b) => a - b);
      const runs = at.slice(1).map((end, i) => joinBlocks(blocks.slice(at[i], end), addFloats));
      assertEquals(sumBlocks(runs.flat(), addFloats), sumBlocks(blocks, addFloats));
    }),
  );
});

Deno.test("TreeSum copies what it is given and sums in its precision", () => {
  const [a, b] = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
  const sum = new TreeSum<Float32Array>();
  sum.add(a);
  sum.add(b);
  assertEquals(sum.total(), Float32Array.of(4, 6));
  assertEquals([a, b], [Float32Array.of(1, 2), Float32Array.of(3, 4)]);
});
