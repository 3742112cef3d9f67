/**
 * The WebGPU engine under the suite of properties that every engine passes.
 */
import { gpuRuns } from "../../gpu.ts";
import { propertySuite } from "../property_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

const SMOKE = [
  "the meta-gradient is the twin's for the learned loss on the head, rates by layer, proximal",
  "the meta-gradient is the twin's when Reptile",
  "adaptPredict is adapt, then forward",
  "a step that diverges leaves the last good state",
];

propertySuite("The WebGPU engine", () => sharedEngine(), (title) => !gpuRuns({ smoke: SMOKE.includes(title) }));
