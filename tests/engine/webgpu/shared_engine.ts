/**
 * One device for all tests of a file, so that each pipeline is compiled once, which a software adapter does slowly, and one engine on
 * it for each choice of options. None of them is self-tested; the tests that open an engine of their own are.
 */
import type { Engine } from "../../../lib/engine/engine.ts";
import { findAdapter } from "../../../lib/engine/webgpu/adapter.ts";
import type { Gpu } from "../../../lib/engine/webgpu/gpu.ts";
import { engineOn, openGpu, type WebGpuOptions } from "../../../lib/engine/webgpu/open.ts";

let opening: Promise<{ readonly adapter: GPUAdapter; readonly gpu: Gpu }> | undefined;
const engines = new Map<string, Engine>();

async function open(): Promise<{ readonly adapter: GPUAdapter; readonly gpu: Gpu }> {
  const adapter = await findAdapter(true);
  return { adapter, gpu: await openGpu(adapter) };
}

/** The device that a file's tests share. */
export async function sharedGpu(): Promise<Gpu> {
  return (await (opening ??= open())).gpu;
}

/** The engine that a file's tests share for these options; it is disposed with the file. */
export async function sharedEngine(options: Omit<WebGpuOptions, "allowFallback" | "mostGroups"> = {}): Promise<Engine> {
  const { adapter, gpu } = await (opening ??= open());
  const key = JSON.stringify(options);
  const engine = engines.get(key) ?? engineOn(gpu, adapter, options).engine;
  engines.set(key, engine);
  return new Proxy(engine, {
    get(target, name): unknown {
      if (name === Symbol.asyncDispose) return (): Promise<void> => Promise.resolve();
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

globalThis.addEventListener("unload", () => {
  opening?.then(({ gpu }) => gpu.destroy());
});
