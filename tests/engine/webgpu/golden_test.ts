/**
 * The WebGPU engine against PyTorch's autograd.
 */
import { gpuRuns } from "../../gpu.ts";
import { goldenSuite } from "../golden_suite.ts";
import { methodGoldenSuite } from "../method_golden_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

const SMOKE = ["maml_tiny", "implicit", "rule_momentum"];

const options = { tolerance: 1e-4, ignore: (name: string) => !gpuRuns({ smoke: SMOKE.includes(name) }) };

goldenSuite("The WebGPU engine", () => sharedEngine(), options);
methodGoldenSuite("The WebGPU engine", () => sharedEngine(), options);
