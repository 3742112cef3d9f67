/**
 * The WebGPU engine under the suite of properties that every engine passes, by each of its paths.
 */
import { gpuRuns, onHardware } from "../../gpu.ts";
import { propertySuite } from "../property_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

const SMOKE = [
  "the meta-gradient is the twin's for the learned loss on the head, rates by layer, proximal",
  "the meta-gradient is the twin's when Reptile",
  "adaptPredict is adapt, then forward",
  "a step that diverges leaves the last good state",
];

for (const path of ["batched", "fused"] as const) {
  propertySuite(
    `The WebGPU engine (${path})`,
    () => sharedEngine({ path }),
    (title) => !gpuRuns({ smoke: SMOKE.includes(title) }),
  );
}

// Every problem is a program of its own, which a software adapter compiles for long: there the smoke set is all that there is.
propertySuite(
  "The WebGPU engine (programs)",
  () => sharedEngine({ path: "programs" }),
  () => !gpuRuns(),
  (title) => onHardware || SMOKE.includes(title),
);
