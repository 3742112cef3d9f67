/**
 * The WebGPU engine against PyTorch's autograd, by both of its paths; the fused one also without room for its parameters.
 */
import { openWebGpuEngine } from "../../../lib/engine/webgpu/open.ts";
import { hasGpu } from "../../gpu.ts";
import { goldenSuite } from "../golden_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

for (const path of ["batched", "fused"] as const) {
  goldenSuite(`The WebGPU engine (${path})`, () => sharedEngine(path), { tolerance: 1e-4, ignore: !hasGpu });
}

goldenSuite(
  "The WebGPU engine (fused, parameters in storage)",
  () => openWebGpuEngine({ allowFallback: true, path: "fused", workgroupBytes: 0 }),
  { tolerance: 1e-4, ignore: !hasGpu, only: ["maml_seed_network", "anil", "learned_loss"] },
);
