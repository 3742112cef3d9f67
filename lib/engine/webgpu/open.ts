/**
 * Opens the WebGPU engine: adapter, device with the adapter's own limits, and a numeric check against the float64 twin.
 * It falls back to nothing: without a suitable adapter it throws.
 * @module
 */
import { type Engine, type EngineInfo, NoGpuError } from "../engine.ts";
import { WebGpuEngine } from "./engine.ts";
import { Gpu } from "./gpu.ts";
import type { Budget, Path } from "./plan.ts";
import { selfTest } from "./self_test.ts";

/** What {@linkcode openWebGpuEngine} takes. */
export interface WebGpuOptions {
  /** Whether a software adapter will do. */
  readonly allowFallback: boolean;
  /** Bytes that a batch may use, if less than the adapter allows; larger batches are split. */
  readonly budget?: Budget;
  /** Bytes that a workgroup may share, if less than the adapter allows. */
  readonly workgroupBytes?: number;
  /** The path to take where it can be taken, instead of choosing by shape. */
  readonly path?: Path;
}

/** Loop iterations after which Mesa's software adapter leaves every loop of a thread, less a margin. */
const SOFTWARE_ITERATIONS = 50_000;

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

const INSTALL = "on Debian or Ubuntu a software adapter comes with `apt-get install mesa-vulkan-drivers libvulkan1`, " +
  "a hardware one with the GPU's Vulkan driver";

async function findAdapter(allowFallback: boolean): Promise<GPUAdapter> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (!gpu) throw new NoGpuError("Cannot open a WebGPU engine: this runtime has no WebGPU (navigator.gpu)");
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) throw new NoGpuError(`Cannot open a WebGPU engine: no adapter found; ${INSTALL}`);
  if (adapter.info.isFallbackAdapter && !allowFallback) {
    throw new NoGpuError(
      `Cannot open a WebGPU engine: expected a hardware adapter, found the software adapter ${adapterName(adapter)}; ` +
        "ask for webgpu by name to use it",
    );
  }
  return adapter;
}

function adapterName({ info }: GPUAdapter): string {
  // Browsers often tell vendor and architecture alone.
  return info.description || info.device || `${info.vendor} ${info.architecture}`.trim() || "unknown adapter";
}

/**
 * Opens a WebGPU engine.
 *
 * @throws {NoGpuError} There is no adapter, or only a software one where that is not allowed.
 * @throws {Error} The device computes wrong results; the message has the figures.
 */
export async function openWebGpuEngine(options: WebGpuOptions): Promise<Engine> {
  const adapter = await findAdapter(options.allowFallback);
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
  const device = await adapter.requestDevice({ requiredLimits });
  const limits = Object.fromEntries(LIMITS.map((name) => [name, device.limits[name]]));
  const buffer = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize, 2 ** 32 - 4);
  const budget: Budget = {
    buffer: Math.min(buffer, options.budget?.buffer ?? buffer),
    total: options.budget?.total ?? TOTAL_BYTES,
  };
  const info: EngineInfo = Object.freeze({
    backend: "webgpu",
    adapter: adapterName(adapter),
    isFallback: adapter.info.isFallbackAdapter === true,
    threads: 1,
    limits: Object.freeze(limits),
  });
  const engine = new WebGpuEngine(new Gpu(device), info, {
    budget,
    limits: {
      iterations: info.isFallback ? SOFTWARE_ITERATIONS : Infinity,
      workgroupBytes: Math.min(device.limits.maxComputeWorkgroupStorageSize, options.workgroupBytes ?? Infinity),
      workgroupLanes: Math.min(device.limits.maxComputeInvocationsPerWorkgroup, device.limits.maxComputeWorkgroupSizeX),
      path: options.path,
    },
  });
  try {
    await selfTest(engine);
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
  return engine;
}
