// Programs as generated WGSL against the float64 interpreter: every primitive, random programs, sums over tasks.
import { assert, assertEquals, assertLess } from "@std/assert";
import { TreeSum } from "../../../lib/engine/tree_sum.ts";
import { GpuPrograms } from "../../../lib/engine/webgpu/program/executor.ts";
import { grad } from "../../../lib/program/grad.ts";
import { createGraph } from "../../../lib/program/graph.ts";
import type { Graph } from "../../../lib/program/graph_type.ts";
import { PRIMITIVES } from "../../../lib/program/primitives.ts";
import { toProgram } from "../../../lib/program/program.ts";
import type { Value } from "../../../lib/program/value.ts";
import { gpuRuns } from "../../gpu.ts";
import { randomNumbers, randomProgram } from "../../program/random_program.ts";
import { normals } from "./run_kernel.ts";
import { LIMITS, runTasks, type TaskData, taskErrors } from "./run_tasks.ts";
import { sharedGpu } from "./shared_engine.ts";

function test(name: string, fn: () => Promise<void>, smoke = true): void {
  Deno.test({ name, ignore: !gpuRuns({ smoke }), fn });
}

function assertNear(errors: Readonly<Record<string, number>>, tolerance = 1e-4): void {
  for (const [name, error] of Object.entries(errors)) assertLess(error, tolerance, name);
}

/** Every primitive, each in a shape where its axes, edges and order matter. */
function everyPrimitive(g: Graph): Record<string, Value> {
  const [x, y, b] = [g.input("x", [5, 7]), g.input("y", [7, 3]), g.input("b", [5, 1])];
  const identity = g.constant(Array.from({ length: 25 }, (_, i) => i % 6 === 0 ? 2 : 0), [5, 5]);
  const rows = g.constant([4, 0, 9, 2, 2]);
  const stack = g.reshape(g.concat([x, g.tanh(x)], 0), [2, 5, 7]);
  return {
    unary: g.add(g.add(g.exp(x), g.log(g.add(1, g.abs(x)))), g.sqrt(g.softplus(x))),
    chosen: g.select(g.step(x), g.mul(g.sign(x), b), g.stop(g.recip(g.add(3, g.square(x))))),
    products: g.matmul(stack, g.transpose(stack, [0, 2, 1])),
    exchanged: g.matmul(g.transpose(stack, [1, 0, 2]), g.broadcast(y, [5, 7, 3])),
    filled: g.matmul(g.constant(0.5, [4, 5]), x),
    both: g.matmul(y, x, { transposeA: true, transposeB: true }),
    solved: g.solve(g.add(identity, g.matmul(x, x, { transposeB: true })), g.slice(x, 1, { start: 2, end: 5 })),
    sums: g.sum(stack, [0, 2]),
    folded: g.sum(g.square(g.matmul(stack, g.broadcast(y, [2, 7, 3])))),
    largest: g.max(stack, 1),
    after: g.mul(2, g.after(x, g.exp(x))),
    gathered: g.gather(x, rows),
    scattered: g.scatter(x, rows, 5),
    padded: g.pad(g.slice(x, 0, { start: 1, end: 4 }), 0, { before: 2, after: 1 }),
  };
}

function everyWork(): { work: Parameters<typeof runTasks>[0]; data: TaskData } {
  const work = { program: toProgram(everyPrimitive(createGraph())), shared: ["y"], summed: ["products", "folded"] };
  const tasks = Array.from({ length: 3 }, (_, t) => ({ x: normals(35, 10 + t), b: normals(5, 20 + t) }));
  return { work, data: { shared: { y: normals(21, 1) }, tasks } };
}

test("a program of every primitive is the interpreter's, one dispatch a step", async () => {
  const { work, data } = everyWork();
  const missing = Object.keys(PRIMITIVES).filter((op) => !work.program.nodes.some((node) => node.op === op));
  assertEquals(missing, [], "primitives that the test leaves out");
  assertNear(taskErrors(work, data, await runTasks(work, data)), 1e-5);
});

test("a task in one workgroup, in its memory or in storage, gives the same bits as one dispatch a step", async () => {
  const g = createGraph();
  const [x, y] = [g.input("x", [6, 4]), g.input("y", [4, 9])];
  const hidden = g.gelu(g.matmul(x, y));
  const loss = g.mean(g.square(hidden));
  const [byX, byY] = grad(g, loss, [x, y]);
  const work = { program: toProgram({ loss, byX, byY }), shared: ["y"], summed: ["byY"] };
  const data = { shared: { y: normals(36, 2) }, tasks: Array.from({ length: 5 }, (_, t) => ({ x: normals(24, t) })) };
  const apart = await runTasks(work, data);
  assertNear(taskErrors(work, data, apart), 1e-5);
  assertEquals(await runTasks(work, data, { functions: 64 }), apart, "in workgroup memory");
  assertEquals(await runTasks(work, data, { functions: 64, workgroupBytes: 0 }), apart, "in storage");
});

test("sums over tasks follow the fixed tree, however many fit on the device at once", async () => {
  const g = createGraph();
  const x = g.input("x", [3]);
  const work = { program: toProgram({ same: g.mul(1, x), twice: g.mul(2, x) }), shared: [], summed: ["same"] };
  const tasks = Array.from({ length: 75 }, (_, t) => ({ x: normals(3, t) }));
  const add = (rows: readonly Float32Array[]): Float32Array =>
    rows.slice(1).reduce((sum, row) => sum.map((value, i) => value + row[i]), rows[0]);
  const leaves = [0, 16, 32, 48, 64].map((start) => add(tasks.slice(start, start + 16).map((own) => own.x)));
  const expected = add([add([add([leaves[0], leaves[1]]), add([leaves[2], leaves[3]])]), leaves[4]]);
  const perTask = 4 * 9;
  for (const most of [75, 40, 9, 1]) {
    const budget = { buffer: 2 ** 27, total: most * perTask };
    const { sum, each } = await runTasks(work, { tasks }, { budget });
    assertEquals(sum.same, expected, `${most} tasks at once`);
    assertEquals(each.map(({ twice }) => twice), tasks.map((own) => own.x.map((value) => 2 * value)));
  }
});

test("tasks of several programs are summed in task order, and each gets its own outputs", async () => {
  const programs = [2, 5].map((rows) => {
    const g = createGraph();
    const x = g.input("x", [3]);
    const wide = g.broadcast(x, [rows, 3]);
    return toProgram({ own: g.mul(g.input("factor", []), wide), share: g.add(x, g.tanh(x)) });
  });
  const tasks = Array.from(
    { length: 37 },
    (_, t) => ({ program: programs[t * t % 5 % 2], inputs: { x: normals(3, t) } }),
  );
  const executor = new GpuPrograms(await sharedGpu(), LIMITS);
  const { each, sum } = await executor.run({ shared: { factor: [2] }, tasks, sum: ["share"] });
  assertEquals(each.map(({ own }) => own.length), tasks.map(({ program }) => program === programs[0] ? 6 : 15));
  each.forEach(({ own }, t) => assertEquals(own.slice(-3), tasks[t].inputs.x.map((value) => 2 * value)));
  const shares = await Promise.all(
    tasks.map(async (task) =>
      (await executor.run({ shared: { factor: [2] }, tasks: [task], sum: ["share"] })).sum.share
    ),
  );
  const tree = new TreeSum<Float32Array>();
  for (const share of shares) tree.add(Float32Array.from(share));
  assertEquals(sum.share, tree.total());
});

test("a wide product is shared out over workgroups without a change in its bits", async () => {
  const g = createGraph();
  const [a, b] = [g.input("a", [70, 90]), g.input("b", [90, 150])];
  const work = { program: toProgram({ y: g.relu(g.matmul(a, b)) }), shared: [], summed: [] };
  const data = { tasks: [{ a: normals(6300, 1), b: normals(13500, 2) }] };
  const whole = await runTasks(work, data, { iterations: 40_000 });
  assertNear(taskErrors(work, data, whole), 1e-5);
  assertEquals(await runTasks(work, data, { iterations: 200 }), whole);
});

test("what is no number stays none, and no function overflows before its value does", async () => {
  const g = createGraph();
  const x = g.input("x", [8]);
  const outputs = {
    tanh: g.tanh(x),
    softplus: g.softplus(x),
    step: g.step(x),
    kept: g.mul(0, x),
    inf: g.constant(Infinity, [2]),
  };
  const work = { program: toProgram(outputs), shared: [], summed: [] };
  const numbers = Float32Array.of(NaN, Infinity, -Infinity, 100, -100, 1e-6, 20, 0);
  const { each: [{ tanh, softplus, step, kept, inf }] } = await runTasks(work, { tasks: [{ x: numbers }] });
  assert(Number.isNaN(tanh[0]) && Number.isNaN(kept[0]) && Number.isNaN(kept[1]) && !Number.isNaN(kept[7]));
  assertEquals([...tanh.slice(1, 5)], [1, -1, 1, -1]);
  assertEquals(tanh[5], numbers[5]);
  assertEquals([...softplus.slice(1, 4)], [Infinity, 0, 100]);
  assertEquals([...step], [0, 1, 0, 1, 0, 1, 1, 0]);
  assertEquals([...inf], [Infinity, Infinity]);
});

for (const seed of [2, 7, 11, 23, 31, 42, 57, 64]) {
  test(`gradients of random program ${seed} are the interpreter's`, async () => {
    const g = createGraph();
    const { inputs, scalar } = randomProgram(g, { seed, steps: 5 + seed % 40, analytic: false });
    const slopes = grad(g, scalar, Object.values(inputs));
    const names = Object.keys(inputs);
    const program = toProgram({ scalar, ...Object.fromEntries(slopes.map((slope, i) => [`by ${names[i]}`, slope])) });
    const work = { program, shared: [], summed: ["scalar"] };
    const tasks = [1, 2].map((t) => randomNumbers(inputs, 100 * seed + t)).map((numbers) =>
      Object.fromEntries(Object.entries(numbers).map(([name, values]) => [name, Float32Array.from(values)]))
    );
    assertNear(taskErrors(work, { tasks }, await runTasks(work, { tasks })));
  }, seed < 3);
}
