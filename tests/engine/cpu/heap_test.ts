/**
 * The allocator of the kernels' memory.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { openHeap } from "../../../lib/engine/cpu/heap.ts";

Deno.test("openHeap() never hands out overlapping blocks, whatever is given back", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 200_000 }), fc.boolean()), { maxLength: 40 }), (steps) => {
      const heap = openHeap(new WebAssembly.Memory({ initial: 1 }), 100);
      const held: { at: number; size: number }[] = [];
      for (const [size, giveBack] of steps) {
        if (giveBack && held.length > 0) heap.give(held.splice(size % held.length, 1)[0].at);
        const at = heap.take(size);
        assertEquals(at % 64, 0);
        assert(at >= 100 && at + size <= heap.bytes);
        for (const other of held) assert(at + size <= other.at || other.at + other.size <= at);
        held.push({ at, size });
      }
    }),
    { numRuns: 100, seed: 5 },
  );
});

Deno.test("openHeap() uses again what was given back, and joins neighbours", () => {
  const heap = openHeap(new WebAssembly.Memory({ initial: 1 }), 0);
  const blocks = [heap.take(30_000), heap.take(30_000), heap.take(30_000)];
  const { bytes } = heap;
  for (const block of [blocks[1], blocks[0], blocks[2]]) heap.give(block);
  assertEquals(heap.take(90_000), blocks[0]);
  assertEquals(heap.bytes, bytes);
});

Deno.test("openHeap() gives fresh views after the memory has grown", () => {
  const heap = openHeap(new WebAssembly.Memory({ initial: 1 }), 0);
  heap.floats()[1000] = 7;
  const at = heap.take(500_000);
  heap.floats()[(at + 499_996) / 4] = 3;
  assertEquals([heap.floats()[1000], heap.floats()[(at + 499_996) / 4]], [7, 3]);
});

Deno.test("openHeap() says what it holds and what was asked for when the memory cannot grow", () => {
  const heap = openHeap(new WebAssembly.Memory({ initial: 1, maximum: 32 }), 0);
  assertThrows(() => heap.take(2 ** 30), RangeError, "it holds 1 MiB and 1024 MiB more were asked for");
  assertEquals(heap.take(2 ** 20) % 64, 0);
});
