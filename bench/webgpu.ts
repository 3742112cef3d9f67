/**
 * What a meta-step costs on this machine's WebGPU adapter, by its two schedules: a dispatch a step of the program, and a workgroup
 * a task. `deno run --allow-all bench/webgpu.ts [--tasks 1,4,16] [--seconds S] [--schedules steps,tasks]`. On a software adapter times
 * are good for ratios alone; dispatches, workgroups, waits and bytes are the same on any.
 * @module
 */
import { parseArgs } from "node:util";
import { maml, metaInit, mlp, random } from "@adaptrade/adaptrade";
import type { Training } from "../lib/engine/engine.ts";
import type { Task } from "../lib/engine/problem.ts";
import { adapterName, findAdapter } from "../lib/engine/webgpu/adapter.ts";
import type { Gpu } from "../lib/engine/webgpu/gpu.ts";
import { limitsOf, openGpu } from "../lib/engine/webgpu/open.ts";
import { GpuPrograms } from "../lib/engine/webgpu/program/executor.ts";
import { resolveConfig } from "../lib/meta/resolve.ts";
import { summarise } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: "1,4,16,64,256" },
    seconds: { type: "string", default: "2" },
    schedules: { type: "string", default: "steps,tasks" },
  },
});

/** Functions of a shader: with one, each step is a dispatch; with many, a task's steps are. */
const FUNCTIONS: Readonly<Record<string, number>> = { steps: 1, tasks: 64 };

/** What a device was told since it was last asked. */
interface Counts {
  dispatches: number;
  workgroups: number;
  shaders: number;
  characters: number;
}

const counts: Counts = { dispatches: 0, workgroups: 0, shaders: 0, characters: 0 };

function taken(): Counts {
  const found = { ...counts };
  Object.assign(counts, { dispatches: 0, workgroups: 0, shaders: 0, characters: 0 });
  return found;
}

function countCalls(): void {
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y = 1, z): undefined {
    counts.dispatches++;
    counts.workgroups += x * y;
    dispatchWorkgroups.call(this, x, y, z);
  };
  const { createShaderModule } = GPUDevice.prototype;
  GPUDevice.prototype.createShaderModule = function (descriptor): GPUShaderModule {
    counts.shaders++;
    counts.characters += descriptor.code.length;
    return createShaderModule.call(this, descriptor);
  };
}

interface Contender {
  readonly name: string;
  readonly gpu: Gpu;
  readonly training: Training;
  readonly facts: string;
  readonly times: number[];
}

countCalls();
const adapter = await findAdapter(true);
console.log(`${adapterName(adapter)}; network 10-64-64-1, 20 + 10 rows, 5 inner steps, second order`);
const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
const state = metaInit(maml({ net, inner: { steps: 5, lr: 0.01 }, outer: { lr: 1e-3 } }), { seed: 1 });
const plan = resolveConfig(state.config);
const stream = random(1);
const normals = (length: number): Float32Array => Float32Array.from({ length }, () => stream.normal());
const samples = (rows: number) => ({ rows, x: normals(rows * net.inputs), y: normals(rows) });

async function step(training: Training, tasks: readonly Task[]): Promise<number> {
  const start = performance.now();
  await training.step(tasks, { lr: 1e-3, gradient: plan.gradientAt(0) });
  await training.read();
  return performance.now() - start;
}

async function open(name: string, tasks: readonly Task[]): Promise<Contender> {
  const gpu = await openGpu(adapter);
  const executor = new GpuPrograms(gpu, { ...limitsOf(gpu.device, adapter), functions: FUNCTIONS[name] });
  const training = await executor.openTraining(plan, state, state.moments);
  taken();
  const first = await step(training, tasks);
  const { shaders, characters } = taken();
  await step(training, tasks);
  const { dispatches, workgroups } = taken();
  const held = gpu.heldBytes / 1024 / tasks.length;
  const facts = `first step ${first.toFixed(0)} ms, ${shaders} shaders of ${characters} characters, ` +
    `${dispatches} dispatches, ${workgroups} workgroups, ${held.toFixed(0)} KiB a task`;
  return { name, gpu, training, facts, times: [] };
}

for (const count of values.tasks.split(",").map(Number)) {
  const tasks = Array.from({ length: count }, () => ({ support: samples(20), query: samples(10) }));
  const contenders: Contender[] = [];
  for (const name of values.schedules.split(",")) contenders.push(await open(name, tasks));
  const end = performance.now() + 1000 * Number(values.seconds) * contenders.length;
  while (contenders[0].times.length < 5 || performance.now() < end) {
    for (const { training, times } of contenders) times.push(await step(training, tasks));
  }
  for (const { name, gpu, training, facts, times } of contenders) {
    const { median, low, high } = summarise(times);
    console.log(`${count} tasks, ${name}: ${median.toFixed(2)} ms (${low.toFixed(2)} to ${high.toFixed(2)}); ${facts}`);
    await training[Symbol.asyncDispose]();
    gpu.destroy();
  }
}
