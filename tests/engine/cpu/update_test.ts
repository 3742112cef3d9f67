// The outer update in WebAssembly and on the host: the same bits, whatever the lengths, the rule and what is learned.
import { assertEquals } from "@std/assert";
import { openMemory } from "../../../lib/engine/cpu/build.ts";
import { openHeap } from "../../../lib/engine/cpu/heap.ts";
import { residentUpdate } from "../../../lib/engine/cpu/update.ts";
import { openUpdateKernels } from "../../../lib/engine/cpu/update_kernels.ts";
import { holdDecay, learnedNorm, outerUpdate } from "../../../lib/engine/outer_update.ts";
import type { OuterRule } from "../../../lib/engine/problem.ts";
import { random } from "../../../lib/net/random.ts";

const RULE: OuterRule = {
  optimizer: "adam",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  momentum: 0.9,
  weightDecay: 0.01,
  clipNorm: Infinity,
  ratesFactor: 3,
};
const ALL = { params: true, lr: true, loss: true, weightDecay: true, others: true };
/** Lengths that are no multiple of four lanes, one part alone, no rates in front of φ, and parts that stay. */
const LAYOUTS = [
  { parameterCount: 1, rates: 1, phi: 0, others: 0, learn: ALL },
  { parameterCount: 1003, rates: 6, phi: 3, others: 5, learn: ALL },
  { parameterCount: 21, rates: 0, phi: 7, others: 4, learn: ALL },
  { parameterCount: 18, rates: 5, phi: 3, others: 9, learn: { ...ALL, params: false, others: false } },
];

Deno.test("the resident update moves learnables and moments by the same bits as the host's", async () => {
  const memory = openMemory(false);
  const heap = openHeap(memory, 64);
  const resident = residentUpdate(await openUpdateKernels(memory, { relaxed: false, shared: false }), heap);
  const stream = random(3);
  for (const layout of LAYOUTS) {
    const length = layout.parameterCount + layout.rates + layout.phi + 1 + layout.others;
    const draw = (scale: number): Float32Array => Float32Array.from({ length }, () => scale * stream.normal());
    for (const optimizer of ["adam", "sgd"] as const) {
      for (const clipNorm of [Infinity, 0.3]) {
        const host = { values: draw(1), first: draw(0.1), second: draw(0.1).map(Math.abs), gradient: draw(1) };
        const bytes = Math.ceil(length / 16) * 64;
        const at = heap.take(4 * bytes);
        const view = (i: number): Float32Array => heap.floats().subarray((at + i * bytes) / 4).subarray(0, length);
        [host.values, host.first, host.second, host.gradient].forEach((values, i) => view(i).set(values));
        const gradient = at + 3 * bytes;
        for (const step of [1, 2, 50]) {
          const gradNorm = learnedNorm(host.gradient, layout);
          assertEquals(resident.norm(gradient, layout), gradNorm);
          const update = { rule: { ...RULE, optimizer, clipNorm }, lr: 0.03 / step, step, gradNorm };
          outerUpdate(host, layout, update);
          resident.apply({ values: at, first: at + bytes, second: at + 2 * bytes, gradient }, layout, update);
          holdDecay(view(0), layout);
          assertEquals([view(0), view(1), view(2)], [host.values, host.first, host.second]);
        }
        heap.give(at);
      }
    }
  }
});

Deno.test("a resident gradient is divided by the same bits as the host's, and nothing beside it", async () => {
  const memory = openMemory(false);
  const heap = openHeap(memory, 64);
  const resident = residentUpdate(await openUpdateKernels(memory, { relaxed: false, shared: false }), heap);
  const stream = random(5);
  for (const length of [0, 1, 4, 7, 1003]) {
    const at = heap.take(4 * (length + 3));
    const view = heap.floats().subarray(at / 4, at / 4 + length + 3);
    const sums = Float32Array.from({ length: length + 3 }, () => stream.normal());
    for (const divisor of [1, 3, 64]) {
      view.set(sums);
      resident.divide(at + 4, length, divisor);
      assertEquals(view, sums.map((sum, i) => i > 0 && i <= length ? sum / divisor : sum));
    }
    heap.give(at);
  }
});

Deno.test("outerUpdate() moves the log rates alone by their factor, also where there are none", () => {
  const layout = { parameterCount: 1, rates: 0, phi: 1, others: 0, learn: ALL };
  const moved = (ratesFactor: number): Float32Array => {
    const [values, first, second] = [1, 2, 3].map(() => new Float32Array(3));
    const update = { rule: { ...RULE, ratesFactor }, lr: 0.1, step: 1, gradNorm: 1 };
    outerUpdate({ values, first, second, gradient: Float32Array.of(-1, -2, -3) }, layout, update);
    return values;
  };
  assertEquals(moved(3), moved(1));
  assertEquals(moved(1).map((value) => Math.round(1e4 * value)), Float32Array.of(1000, 1000, 1000));
});
