/**
 * The engine that every worker computes on: the CPU's, of one thread. Which build its kernels are decides its bits.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { guardEngine } from "../engine/guarded.ts";

/** Builds of the CPU kernels that workers run: each has one thread and memory of its own. */
export type PoolBuild = "relaxed" | "simd";

/** Requires a build that workers run, or none. */
export function requireBuild(action: string, build: PoolBuild | undefined): void {
  if (build === undefined || build === "relaxed" || build === "simd") return;
  throw new TypeError(`${action}: expected build to be relaxed or simd, received ${JSON.stringify(build)}`);
}

/** Opens it; by default with the fastest build that this machine runs. */
export async function openJobEngine(build?: PoolBuild): Promise<Engine> {
  const { openCpuEngine } = await import("../engine/cpu/open.ts");
  return guardEngine(await openCpuEngine({ threads: 1, ...(build ? { build } : {}) }));
}
