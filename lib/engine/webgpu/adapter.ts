/**
 * Finds an adapter, without the noise that drivers make, or says what to install. It opens no device.
 * @module
 */
import { NoGpuError } from "../engine.ts";

const INSTALL = "on Debian or Ubuntu a software adapter comes with `apt-get install mesa-vulkan-drivers libvulkan1`, " +
  "a hardware one with the GPU's Vulkan driver";

/** Where a desktop keeps its sockets. Without it Mesa's drivers print "error: XDG_RUNTIME_DIR is invalid" at each request. */
const RUNTIME_DIR = "XDG_RUNTIME_DIR";

/** The part of Deno that is used here, in Deno. */
interface Host {
  readonly permissions: {
    querySync(wish: { readonly name: "env"; readonly variable: string }): { readonly state: string };
  };
  readonly env: {
    get(name: string): string | undefined;
    set(name: string, value: string): void;
    delete(name: string): void;
  };
}

/**
 * Asks WebGPU for an adapter, the fastest one. Drivers that look for a desktop and complain on stderr where there is none are
 * told of an empty one meanwhile, if this runs in Deno and may set that variable.
 *
 * @returns The adapter; null where there is none, or no WebGPU.
 */
export async function requestAdapter(): Promise<GPUAdapter | null> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (!gpu) return null;
  const host = (globalThis as { readonly Deno?: Host }).Deno;
  const mayTell = host?.permissions.querySync({ name: "env", variable: RUNTIME_DIR }).state === "granted" &&
    host.env.get(RUNTIME_DIR) === undefined;
  if (mayTell) host.env.set(RUNTIME_DIR, "/nonexistent");
  try {
    return await gpu.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  } finally {
    if (mayTell) host.env.delete(RUNTIME_DIR);
  }
}

/**
 * Finds an adapter to compute on.
 *
 * @param allowFallback Whether a software adapter will do.
 * @throws {NoGpuError} There is none, or only a software one where that is not allowed.
 */
export async function findAdapter(allowFallback: boolean): Promise<GPUAdapter> {
  if (!globalThis.navigator?.gpu) {
    throw new NoGpuError("Cannot open a WebGPU engine: this runtime has no WebGPU (navigator.gpu)");
  }
  const adapter = await requestAdapter();
  if (!adapter) throw new NoGpuError(`Cannot open a WebGPU engine: no adapter found; ${INSTALL}`);
  if (isSoftware(adapter) && !allowFallback) {
    throw new NoGpuError(
      `Cannot open a WebGPU engine: expected a hardware adapter, found the software adapter ${adapterName(adapter)}; ` +
        "ask for webgpu by name to use it",
    );
  }
  return adapter;
}

/** Names of adapters that compute on the processor, whatever they say of themselves. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** Whether an adapter computes in software: it says so, or is known to by its name. */
export function isSoftware(adapter: GPUAdapter): boolean {
  return adapter.info.isFallbackAdapter === true ||
    SOFTWARE.test(`${adapterName(adapter)} ${adapter.info.architecture}`);
}

/** What an adapter calls itself. */
export function adapterName({ info }: GPUAdapter): string {
  // Browsers often tell vendor and architecture alone.
  return info.description || info.device || `${info.vendor} ${info.architecture}`.trim() || "unknown adapter";
}
