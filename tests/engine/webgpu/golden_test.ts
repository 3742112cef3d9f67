/**
 * The WebGPU engine against PyTorch's autograd, by both of its paths; the fused one also without room for its parameters.
 */
import { gpuRuns } from "../../gpu.ts";
import { goldenSuite } from "../golden_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

const SMOKE = ["maml_tiny", "implicit"];

for (const path of ["batched", "fused"] as const) {
  goldenSuite(`The WebGPU engine (${path})`, () => sharedEngine({ path }), {
    tolerance: 1e-4,
    ignore: (name) => !gpuRuns({ smoke: SMOKE.includes(name) }),
  });
}

goldenSuite(
  "The WebGPU engine (fused, parameters in storage)",
  () => sharedEngine({ path: "fused", workgroupBytes: 0 }),
  { tolerance: 1e-4, ignore: () => !gpuRuns(), only: ["maml_seed_network", "anil", "learned_loss"] },
);
