/**
 * Times the CPU engine alone on the reference problem: network 10-64-64-1 relu, 20 support and 10 query rows, 5 inner steps,
 * exact second order. It prints the least and the median of many runs; `bench/` compares with others.
 * Usage: deno run bench/micro/cpu.ts [threads] [build]
 */
import { compileBuild, openMemory } from "../../lib/engine/cpu/build.ts";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import type { InnerProblem, OuterGradient, Samples, Task } from "../../lib/engine/problem.ts";
import { initParams } from "../../lib/net/init.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";

const threads = Number(Deno.args[0] ?? navigator.hardwareConcurrency);
const build = Deno.args[1] as "relaxedShared" | undefined;
const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
const stream = random(1);
const inner: InnerProblem = {
  net,
  loss: { kind: "mse" },
  steps: 5,
  rate: { per: "scalar", perStep: false },
  headOnly: false,
  proximal: 0,
};
const gradient: OuterGradient = { kind: "unrolled", backpropSteps: 5, stepWeights: [0, 0, 0, 0, 0, 1] };

function samples(rows: number): Samples {
  const draw = (count: number): Float32Array => Float32Array.from({ length: count }, () => stream.normal());
  return { rows, x: draw(rows * net.inputs), y: draw(rows) };
}

async function time(label: string, body: () => Promise<unknown>, per = 1): Promise<number> {
  const took: number[] = [];
  const end = performance.now() + 1500;
  for (let i = 0; i < 20 || (performance.now() < end && i < 3000); i++) {
    const from = performance.now();
    await body();
    took.push((performance.now() - from) * 1e3 / per);
  }
  took.sort((a, b) => a - b);
  const [least, median] = [took[0], took[took.length >> 1]];
  console.log(
    `${label.padEnd(24)} least ${least.toFixed(2).padStart(10)} µs  median ${median.toFixed(2).padStart(10)} µs`,
  );
  return least;
}

/** Best rate of the micro-kernel alone, [20, 64] times [64, 64], in GFLOP/s. */
async function microKernelPeak(): Promise<number> {
  const memory = openMemory(false);
  memory.grow(2);
  const { exports } = await WebAssembly.instantiate(await compileBuild("relaxed"), { env: { memory } });
  const multiply = exports.multiply as (...scalars: number[]) => void;
  const [a, b, c, zero] = [65536, 73728, 98304, 106496];
  let least = Infinity;
  for (let run = 0; run < 300; run++) {
    const from = performance.now();
    for (let i = 0; i < 200; i++) multiply(20, 64, 64, a, b, 0, 0, 256, 256, c, 256, zero, 0, 0);
    least = Math.min(least, performance.now() - from);
  }
  return 200 * 2 * 20 * 64 * 64 / least * 1e-6;
}

const learner = {
  params: initParams(net, 3),
  logLr: Float32Array.of(Math.log(0.01)),
  phi: new Float32Array(3),
  weightDecay: 0,
};
await using engine = await openCpuEngine({ threads, build });
const peak = await microKernelPeak() * engine.info.threads;
console.log(`${engine.info.adapter}, threads ${engine.info.threads}, micro-kernel ${peak.toFixed(1)} GFLOP/s`);
const zeros = new Float32Array(net.parameterCount + 5);
await using training = await engine.openTraining(
  {
    inner,
    learn: { params: true, lr: false, loss: false, weightDecay: false },
    rule: {
      optimizer: "adam",
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      momentum: 0,
      weightDecay: 0,
      clipNorm: Infinity,
    },
  },
  learner,
  { first: zeros, second: zeros, step: 0 },
);
for (const count of [1, 4, 16, 64, 256]) {
  const tasks: Task[] = Array.from({ length: count }, () => ({ support: samples(20), query: samples(10) }));
  const least = await time(`step, ${count} tasks`, () => training.step(tasks, { lr: 1e-3, gradient }));
  console.log(
    `${"".padEnd(24)} ${(8.3e3 * count / least).toFixed(1)} GFLOP/s of the dense count, ${
      (8.3e5 * count / least / peak).toFixed(0)
    }% of the micro-kernel's`,
  );
}
const one = [samples(20)];
await time("adapt, 1 task", () => engine.adapt(inner, learner, one));
const pairs = Array.from({ length: 8760 }, () => ({ support: samples(20), x: samples(1).x }));
await time("adaptPredict, a bar", () => engine.adaptPredict(inner, learner, pairs), pairs.length);
console.log(`held ${(engine.heldBytes / 2 ** 20).toFixed(1)} MiB`);
