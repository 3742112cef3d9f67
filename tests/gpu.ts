/**
 * The one place that says how much of the WebGPU tests runs here. A hardware adapter runs all; a software one a smoke set, each kind
 * of step and each kernel once, for it compiles slowly; Mesa's OpenGL none, for it compiles single shaders in minutes.
 * ADAPTRADE_REQUIRE_GPU=1 demands all, on a software adapter too, and fails without one. skips_test.ts says what is left out.
 */
import { adapterName, requestAdapter } from "../lib/engine/webgpu/adapter.ts";
import { permits } from "./permissions.ts";

const INSTALL = "apt-get install mesa-vulkan-drivers libvulkan1 (Debian)";
const COMMAND = "ADAPTRADE_REQUIRE_GPU=1 deno task test";

const adapter = await requestAdapter();
const name = adapter && adapterName(adapter);
const required = permits("env") && Deno.env.get("ADAPTRADE_REQUIRE_GPU") === "1";

/** A software adapter over OpenGL: wgpu knows no subgroups there and gives the widest range that WebGPU allows. */
const isOpenGl = adapter !== null && adapter.info.isFallbackAdapter && adapter.info.subgroupMinSize === 4 &&
  adapter.info.subgroupMaxSize === 128;
const hasGpu = adapter !== null && !isOpenGl;
const allOfGpu = hasGpu && (required || !adapter.info.isFallbackAdapter);

if (required && !hasGpu) {
  const found = isOpenGl ? `${name} over OpenGL alone` : "no adapter";
  throw new Error(`ADAPTRADE_REQUIRE_GPU is set but WebGPU finds ${found}: ${INSTALL}`);
}

/** Whether a WebGPU test runs here: all on hardware or on demand, those of the smoke set on any adapter that will do. */
export function gpuRuns({ smoke = false }: { readonly smoke?: boolean } = {}): boolean {
  return allOfGpu || (hasGpu && smoke);
}

/** What of the WebGPU tests is left out, why, and how to run it; undefined where all of them run. */
export const gpuSkips: string | undefined = allOfGpu
  ? undefined
  : hasGpu
  ? `WebGPU tests beyond a smoke set: ${name} is software; ${COMMAND} runs all`
  : isOpenGl
  ? `WebGPU tests: ${name} over OpenGL compiles for minutes; after ${INSTALL} they run`
  : `WebGPU tests: no adapter; after ${INSTALL} they run`;
