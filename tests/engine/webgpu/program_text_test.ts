// What is generated for a program, without a GPU: which operations share a step, where numbers lie, what is dispatched.
import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { generate, laneIterations } from "../../../lib/engine/webgpu/program/generated.ts";
import { layOut, type Place } from "../../../lib/engine/webgpu/program/layout.ts";
import { chooseTile } from "../../../lib/engine/webgpu/program/product_text.ts";
import { schedule } from "../../../lib/engine/webgpu/program/schedule.ts";
import { groupSteps } from "../../../lib/engine/webgpu/program/steps.ts";
import type { TaskProgram } from "../../../lib/engine/webgpu/program/task_program.ts";
import { metaGradientProgram } from "../../../lib/method/programs.ts";
import { mlp } from "../../../lib/net/mlp.ts";
import { grad } from "../../../lib/program/grad.ts";
import { createGraph } from "../../../lib/program/graph.ts";
import type { Graph } from "../../../lib/program/graph_type.ts";
import { type Program, toProgram } from "../../../lib/program/program.ts";
import type { Value } from "../../../lib/program/value.ts";
import { randomProgram } from "../../program/random_program.ts";

const LIMITS = { workgroupBytes: 16384, workgroupLanes: 256, iterations: Infinity, functions: 64 };

function build(write: (g: Graph) => Record<string, Value>): Program {
  return toProgram(write(createGraph()));
}

function plain(program: Program): TaskProgram {
  return { program, shared: [], summed: [] };
}

function randomGradient(seed: number): TaskProgram {
  const g = createGraph();
  const { inputs, scalar } = randomProgram(g, { seed, steps: 40, analytic: false });
  const slopes = grad(g, scalar, Object.values(inputs));
  return plain(toProgram({ scalar, ...Object.fromEntries(slopes.map((slope, i) => [`slope${i}`, slope])) }));
}

Deno.test("groupSteps() makes one step of a dense layer: product, bias and activation", () => {
  const program = build((g) => {
    const product = g.matmul(g.input("x", [20, 10]), g.input("w", [10, 64]));
    return { y: g.gelu(g.add(product, g.input("b", [64]))) };
  });
  const { steps, stored } = groupSteps(program);
  assertEquals(steps.map(({ kind, outputs }) => ({ kind, outputs })), [{ kind: "product", outputs: ["y"] }]);
  assertEquals(stored.size, 0);
});

Deno.test("groupSteps() computes products of one shape together, and sums without storing what they add", () => {
  const program = build((g) => {
    const [a, b] = [g.input("a", [8, 8]), g.input("b", [8, 8])];
    const sum = g.add(g.matmul(a, b), g.matmul(b, a, { transposeB: true }));
    return { loss: g.sum(g.mul(g.square(g.input("c", [100])), 0.5)), sum };
  });
  const { steps, stored } = groupSteps(program);
  assertEquals(steps.map(({ kind }) => kind), ["product", "fold"]);
  assertEquals(stored.size, 0);
});

Deno.test("groupSteps() computes every operation once, after what it reads", () => {
  for (let seed = 0; seed < 40; seed++) {
    const { program } = randomGradient(seed);
    const { steps, stored } = groupSteps(program);
    const done = new Set<number>();
    for (const { nodes, reads } of steps) {
      for (const i of reads) assert(done.has(i), `seed ${seed}: value ${i} is read before it is there`);
      for (const i of nodes) assert(!done.has(i), `seed ${seed}: value ${i} is computed twice`);
      nodes.forEach((i) => done.add(i));
    }
    for (const i of stored) assert(done.has(i));
  }
});

Deno.test("layOut() overwrites nothing that is still read, and waits where lanes could meet", () => {
  const overlap = (a: Place, b: Place): boolean => a.at < b.at + b.size && b.at < a.at + a.size;
  for (let seed = 0; seed < 40; seed++) {
    const work = randomGradient(seed);
    const grouped = groupSteps(work.program);
    const { nodes, waits, sizes } = layOut(work, grouped);
    const live = new Map<number, Place>();
    let unseen: Place[] = [];
    let readers: Place[] = [];
    grouped.steps.forEach(({ nodes: computed, reads }, s) => {
      if (waits[s]) [unseen, readers] = [[], []];
      for (const i of reads) {
        assertEquals(live.get(i), nodes.get(i), `seed ${seed}: value ${i} was overwritten`);
        assert(!unseen.some((place) => overlap(place, nodes.get(i)!)), `seed ${seed}: step ${s} reads too early`);
        readers.push(nodes.get(i)!);
      }
      for (const i of computed.filter((i) => grouped.stored.has(i))) {
        const place = nodes.get(i)!;
        assert(place.at + place.size <= sizes.arena);
        assert(
          ![...unseen, ...readers].some((other) => overlap(other, place)),
          `seed ${seed}: step ${s} writes too early`,
        );
        for (const [other, at] of live) if (overlap(at, place)) live.delete(other);
        live.set(i, place);
        unseen.push(place);
      }
    });
  }
});

const NET = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });

function reference(steps: number, rows = { support: 20, query: 10 }): TaskProgram {
  const inner = {
    net: NET,
    loss: { kind: "mse" },
    steps,
    rate: { per: "scalar", perStep: false },
    headOnly: false,
    proximal: 0,
  } as const;
  const stepWeights = Array.from({ length: steps + 1 }, (_, k) => k === steps ? 1 : 0);
  const gradient = { kind: "unrolled", backpropSteps: steps, stepWeights } as const;
  const program = metaGradientProgram(inner, gradient, { rows, rates: 1 });
  return { program, shared: ["theta", "logLr", "weightDecay"], summed: ["theta", "logLr", "weightDecay"] };
}

Deno.test("generate() writes one function for the inner steps that differ in places alone", () => {
  const functions = (steps: number): number =>
    generate(reference(steps), LIMITS).shaders.join("").split("fn step_").length - 1;
  const [five, nine] = [functions(5), functions(9)];
  assertLess(nine - five, 3, `${five} functions for 5 inner steps, ${nine} for 9`);
  assertLess(five, 60);
});

Deno.test("generate() holds a small program in workgroup memory, and writes equal text for equal programs", () => {
  const small = plain(build((g) => ({ y: g.exp(g.sum(g.square(g.input("x", [30])))) })));
  assert(generate(small, LIMITS).held);
  assert(!generate(small, { ...LIMITS, workgroupBytes: 64 }).held);
  assertEquals(generate(randomGradient(3), LIMITS), generate(randomGradient(3), LIMITS));
});

Deno.test("schedule() runs every step once, in order, and shares out what would take a workgroup long", () => {
  const generated = generate(reference(3), LIMITS);
  for (const tasks of [1, 7, 5000]) {
    const ranges = schedule(generated, { tasks, iterations: 50_000 });
    assertEquals(ranges[0].first, 0);
    assertEquals(ranges.at(-1)!.end, generated.words.length);
    ranges.slice(1).forEach((range, i) => assertEquals(range.first, ranges[i].end));
    assert(ranges.every(({ parts }) => tasks < 5000 || parts === 1), "many tasks keep the device busy by themselves");
  }
  const wide = generate(
    plain(build((g) => ({ y: g.matmul(g.input("a", [512, 512]), g.input("b", [512, 512])) }))),
    LIMITS,
  );
  assertGreater(schedule(wide, { tasks: 1, iterations: 50_000 })[0].parts, 16);
});

Deno.test("schedule() lets no thread run longer than the device does, and says where it cannot", () => {
  const generated = generate(reference(5), { ...LIMITS, functions: 1 });
  for (const { first, end, parts } of schedule(generated, { tasks: 4, iterations: 2000 })) {
    const inside = generated.steps.filter(({ at }) => at >= first && at < end);
    const all = inside.reduce((sum, step) => sum + laneIterations(step, generated.workgroup, parts), 0);
    assert(all <= 2000, `${all} iterations in one dispatch`);
  }
  assertThrows(() => schedule(generated, { tasks: 4, iterations: 5 }), RangeError, "iterations of a loop, it allows 5");
});

Deno.test("chooseTile() grows tiles while lanes stay busy", () => {
  assertEquals(chooseTile(1, 64, 64), { rows: 4, columns: 4 });
  assertEquals(chooseTile(1, 20, 64), { rows: 4, columns: 2 });
  assertEquals(chooseTile(1, 1, 10_000), { rows: 1, columns: 4 });
  assertEquals(chooseTile(1, 3, 3), { rows: 1, columns: 1 });
});
