/**
 * The WebGPU engine under the suite of properties that every engine passes.
 */
import { hasGpu } from "../../gpu.ts";
import { propertySuite } from "../property_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

propertySuite("The WebGPU engine", sharedEngine, !hasGpu);
