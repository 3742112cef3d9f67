/**
 * Opens the WebGPU engine: adapter, device with the adapter's own limits, and a numeric check against the float64 twin.
 * It falls back to nothing: without a suitable adapter it throws.
 * @module
 */
import type { Engine, EngineInfo } from "../engine.ts";
import { adapterName, findAdapter, isSoftware } from "./adapter.ts";
import { WebGpuEngine } from "./engine.ts";
import { programMethods } from "../programmed.ts";
import { Gpu } from "./gpu.ts";
import type { Budget, Path } from "./plan.ts";
import { routeEngine } from "../route.ts";
import { GpuPrograms } from "./program/executor.ts";
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
  /** The path to take where it can be taken, instead of choosing by shape; `programs` leaves out all kernels written by hand. */
  readonly path?: Path | "programs";
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
  return new Gpu(await adapter.requestDevice({ requiredLimits }), mostGroups);
}

/** An engine on a device that is open already, untested. */
export function engineOn(gpu: Gpu, adapter: GPUAdapter, options: Omit<WebGpuOptions, "allowFallback">): Engine {
  const { device } = gpu;
  const limits = Object.fromEntries(LIMITS.map((name) => [name, device.limits[name]]));
  const buffer = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize, 2 ** 32 - 4);
  const budget: Budget = {
    buffer: Math.min(buffer, options.budget?.buffer ?? buffer),
    total: options.budget?.total ?? TOTAL_BYTES,
  };
  const info: EngineInfo = Object.freeze({
    backend: "webgpu",
    adapter: adapterName(adapter),
    isFallback: isSoftware(adapter),
    threads: 1,
    limits: Object.freeze(limits),
  });
  const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX } = device.limits;
  const shared = {
    iterations: info.isFallback ? SOFTWARE_ITERATIONS : Infinity,
    workgroupBytes: Math.min(maxComputeWorkgroupStorageSize, options.workgroupBytes ?? Infinity),
    workgroupLanes: Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX),
  };
  const executor = new GpuPrograms(gpu, info.adapter, {
    ...shared,
    budget,
    functions: info.isFallback ? SHADER_FUNCTIONS.software : SHADER_FUNCTIONS.hardware,
    ...(info.isFallback ? { workgroupLanes: SOFTWARE_LANES } : {}),
  });
  const programs: ReturnType<typeof programMethods> = {
    ...programMethods(executor),
    openTraining: (plan, learner, moments) => executor.openTraining(plan, learner, moments),
  };
  const path = options.path === "programs" ? undefined : options.path;
  const fused = new WebGpuEngine(gpu, info, { budget, limits: { ...shared, path } });
  if (options.path !== "programs") return routeEngine(fused, programs);
  return {
    ...programs,
    info,
    get heldBytes(): number {
      return fused.heldBytes;
    },
    [Symbol.asyncDispose]: () => fused[Symbol.asyncDispose](),
  };
}

/**
 * Opens a WebGPU engine.
 *
 * @throws {NoGpuError} There is no adapter, or only a software one where that is not allowed.
 * @throws {Error} The device computes wrong results; the message has the figures.
 */
export async function openWebGpuEngine(options: WebGpuOptions): Promise<Engine> {
  const adapter = await findAdapter(options.allowFallback);
  const engine = engineOn(await openGpu(adapter, options.mostGroups), adapter, options);
  try {
    await selfTest(engine);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  return engine;
}
