/** Calls of an engine as programs: how many programs there are. */
import { assertEquals } from "@std/assert";
import type { InnerProblem, OuterGradient, Samples } from "../../lib/engine/problem.ts";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { gradientBatch } from "../../lib/engine/programmed.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";

const net = mlp({ inputs: 2, hidden: [3], outputs: 1 });
const rate = { per: "scalar", perStep: false } as const;
const problem = (steps: number): InnerProblem => ({
  ...{ net, loss: { kind: "mse" }, steps, rate, headOnly: false, proximal: 1 },
});
const stream = random(4);
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => stream.normal());
const samples = (rows: number): Samples => ({ rows, x: draw(2 * rows), y: draw(rows) });
const learned = { theta: draw(net.parameterCount), logLr: [-2], phi: [], weightDecay: [0] };
const tasks = [3, 9, 30].map((rows) => ({ support: samples(rows), query: samples(5) }));
const unrolled = (steps: number): OuterGradient => ({
  kind: "unrolled",
  backpropSteps: steps,
  stepWeights: Array.from({ length: steps + 1 }, (_, k) => k === steps ? 1 : 0),
});

Deno.test("gradientBatch() makes one program of tasks whose supports no inner step reads, whatever their sizes", () => {
  const programs = (steps: number, gradient: OuterGradient): number =>
    new Set(gradientBatch({ inner: problem(steps), gradient, learned }, tasks).tasks.map(({ program }) => program))
      .size;
  assertEquals(programs(0, unrolled(0)), 1);
  assertEquals(programs(1, unrolled(1)), 3);
  assertEquals(programs(0, { kind: "implicit", cgSteps: 2, tolerance: 0 }), 3);
});

Deno.test("a gradient without inner steps is that of any supports, to the bit", async () => {
  await using cpu = await openCpuEngine({ threads: 1 });
  const others = tasks.map(({ query }, t) => ({ support: samples(4 + t), query }));
  const { theta, logLr, phi } = learned;
  const learner = { params: theta, logLr: Float32Array.from(logLr), phi: Float32Array.from(phi), weightDecay: 0 };
  for (const engine of [openNaiveEngine(), cpu]) {
    const [found, wanted] = [tasks, others].map((of) => engine.metaGradient(problem(0), unrolled(0), learner, of));
    assertEquals(await found, await wanted);
  }
});
