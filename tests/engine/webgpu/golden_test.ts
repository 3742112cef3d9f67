/**
 * The WebGPU engine against PyTorch's autograd.
 */
import { hasGpu } from "../../gpu.ts";
import { goldenSuite } from "../golden_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

goldenSuite("The WebGPU engine", sharedEngine, { tolerance: 1e-4, ignore: !hasGpu });
