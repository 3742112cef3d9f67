/**
 * One WebGPU engine a path for all tests of a file: opening compiles pipelines, which a software adapter does slowly.
 */
import type { Engine } from "../../../lib/engine/engine.ts";
import { openWebGpuEngine } from "../../../lib/engine/webgpu/open.ts";
import type { Path } from "../../../lib/engine/webgpu/plan.ts";

const opened = new Map<Path | undefined, Promise<Engine>>();

/** The engine that a file's tests share, on its own choice of path or on the one given; it is disposed with the file. */
export async function sharedEngine(path?: Path): Promise<Engine> {
  let opening = opened.get(path);
  if (!opening) opened.set(path, opening = openWebGpuEngine({ allowFallback: true, path }));
  const engine = await opening;
  return new Proxy(engine, {
    get(target, name): unknown {
      if (name === Symbol.asyncDispose) return (): Promise<void> => Promise.resolve();
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

globalThis.addEventListener("unload", () => {
  for (const opening of opened.values()) opening.then((engine) => engine[Symbol.asyncDispose]());
});
