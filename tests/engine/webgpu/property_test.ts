/**
 * The WebGPU engine under the suite of properties that every engine passes, by both of its paths.
 */
import { hasGpu } from "../../gpu.ts";
import { propertySuite } from "../property_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

for (const path of ["batched", "fused"] as const) {
  propertySuite(`The WebGPU engine (${path})`, () => sharedEngine(path), !hasGpu);
}
