/**
 * The one flag that says whether tests can use WebGPU here, and whether they must.
 * With ADAPTRADE_REQUIRE_GPU=1 a missing adapter is a failure, not a skip.
 */
const adapter = await navigator.gpu?.requestAdapter().catch(() => null) ?? null;

if (!adapter && Deno.env.get("ADAPTRADE_REQUIRE_GPU") === "1") {
  throw new Error(
    "ADAPTRADE_REQUIRE_GPU is set but WebGPU finds no adapter: install mesa-vulkan-drivers and libvulkan1",
  );
}

/** True when WebGPU has an adapter, hardware or software. */
export const hasGpu: boolean = adapter !== null;

if (!hasGpu) {
  console.log(
    "WebGPU tests are skipped: no Vulkan driver here. On Debian: apt-get install mesa-vulkan-drivers libvulkan1",
  );
}
