/**
 * One WebGPU engine for all tests of a file: opening compiles every pipeline, which a software adapter does slowly.
 */
import type { Engine } from "../../../lib/engine/engine.ts";
import { openWebGpuEngine } from "../../../lib/engine/webgpu/open.ts";

let opened: Promise<Engine> | undefined;

/** The engine that a file's tests share; it is disposed with the file. */
export async function sharedEngine(): Promise<Engine> {
  const engine = await (opened ??= openWebGpuEngine({ allowFallback: true }));
  return new Proxy(engine, {
    get(target, name): unknown {
      if (name === Symbol.asyncDispose) return (): Promise<void> => Promise.resolve();
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

globalThis.addEventListener("unload", () => {
  opened?.then((engine) => engine[Symbol.asyncDispose]());
});
