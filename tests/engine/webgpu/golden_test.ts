/**
 * The WebGPU engine against PyTorch's autograd, by both of its paths.
 */
import { hasGpu } from "../../gpu.ts";
import { goldenSuite } from "../golden_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

for (const path of ["batched", "fused"] as const) {
  goldenSuite(`The WebGPU engine (${path})`, () => sharedEngine(path), { tolerance: 1e-4, ignore: !hasGpu });
}
