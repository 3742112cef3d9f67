/**
 * Opens the WebGPU engine: adapter, device with the adapter's own limits, and a numeric check against float64.
 * It falls back to nothing: without a suitable adapter it throws.
 * @module
 */
import type { Engine, EngineInfo } from "../engine.ts";
import { adapterName, findAdapter, isSoftware } from "./adapter.ts";
import { programMethods } from "../programmed.ts";
import { Gpu } from "./gpu.ts";
import { GpuPrograms } from "./program/executor.ts";
import type { Budget, TaskLimits } from "./program/task_run.ts";
import { selfTest } from "./self_test.ts";

/** What {@linkcode openWebGpuEngine} takes. */
export interface WebGpuOptions {
  /** Whether a software adapter will do. */
  readonly allowFallback: boolean;
  /** Bytes that a batch may use, if less than the adapter allows; larger batches are split. */
  readonly budget?: Budget;
  /** Bytes that a workgroup may share, if less than the adapter allows. */
  readonly workgroupBytes?: number;
  /** Most workgroups along one axis of a dispatch, if fewer than every adapter allows. */
  readonly mostGroups?: number;
}

/** Loop iterations after which Mesa's software adapter leaves every loop of a thread, less a margin. */
const SOFTWARE_ITERATIONS = 50_000;

/** Functions of a generated shader; a software adapter compiles in a time that grows with the square of them. */
const SHADER_FUNCTIONS = { hardware: 64, software: 1 };

/** Lanes of a generated shader's workgroup on a software adapter, where more share no work. */
const SOFTWARE_LANES = 64;

/** Bytes that a batch may use in all, unless told otherwise: beyond it splitting costs nothing worth having. */
const TOTAL_BYTES = 2 ** 31;

/** Limits asked of the device as far as the adapter has them. */
const LIMITS = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

/** The device of an adapter, with the adapter's own limits; what is opened on it shares its pipelines. */
export async function openGpu(adapter: GPUAdapter, mostGroups?: number): Promise<Gpu> {
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  return new Gpu(await adapter.requestDevice({ requiredLimits }), mostGroups === undefined ? {} : { mostGroups });
}

/** What a device lets programs use; on a software adapter as far as that has a use. */
export function limitsOf({ limits }: GPUDevice, adapter: GPUAdapter, options: Partial<WebGpuOptions> = {}): TaskLimits {
  const isFallback = isSoftware(adapter);
  const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize } = limits;
  const buffer = Math.min(maxStorageBufferBindingSize, maxBufferSize, 2 ** 32 - 4);
  const lanes = Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX);
  return {
    iterations: isFallback ? SOFTWARE_ITERATIONS : Infinity,
    functions: isFallback ? SHADER_FUNCTIONS.software : SHADER_FUNCTIONS.hardware,
    workgroupBytes: Math.min(maxComputeWorkgroupStorageSize, options.workgroupBytes ?? Infinity),
    workgroupLanes: isFallback ? Math.min(lanes, SOFTWARE_LANES) : lanes,
    budget: { buffer: Math.min(buffer, options.budget?.buffer ?? buffer), total: options.budget?.total ?? TOTAL_BYTES },
  };
}

/** An engine on a device that is open already, untested, and what runs its programs. */
export function engineOn(
  gpu: Gpu,
  adapter: GPUAdapter,
  options: Omit<WebGpuOptions, "allowFallback">,
): { readonly engine: Engine; readonly executor: GpuPrograms } {
  const { device } = gpu;
  const executor = new GpuPrograms(gpu, limitsOf(device, adapter, options));
  const info: EngineInfo = Object.freeze({
    backend: "webgpu",
    adapter: adapterName(adapter),
    isFallback: isSoftware(adapter),
    threads: 1,
    limits: Object.freeze(Object.fromEntries(LIMITS.map((name) => [name, device.limits[name]]))),
  });
  const engine: Engine = {
    ...programMethods(executor),
    openTraining: (plan, learner, moments) => executor.openTraining(plan, learner, moments),
    info,
    get heldBytes(): number {
      return gpu.heldBytes;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await device.queue.onSubmittedWorkDone();
      gpu.destroy();
    },
  };
  return { engine, executor };
}

/**
 * Opens a WebGPU engine.
 *
 * @throws {NoGpuError} There is no adapter, or only a software one where that is not allowed.
 * @throws {Error} The device computes wrong results; the message has the figures.
 */
export async function openWebGpuEngine(options: WebGpuOptions): Promise<Engine> {
  const adapter = await findAdapter(options.allowFallback);
  const { engine, executor } = engineOn(await openGpu(adapter, options.mostGroups), adapter, options);
  try {
    await selfTest(executor, engine.info.adapter);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  return engine;
}
