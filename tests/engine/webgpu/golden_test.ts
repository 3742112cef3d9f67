/**
 * The WebGPU engine against PyTorch's autograd.
 */
import { openWebGpuEngine } from "../../../lib/engine/webgpu/open.ts";
import { hasGpu } from "../../gpu.ts";
import { goldenSuite } from "../golden_suite.ts";

goldenSuite("webgpu", () => openWebGpuEngine({ allowFallback: true }), { tolerance: 1e-4, ignore: !hasGpu });
