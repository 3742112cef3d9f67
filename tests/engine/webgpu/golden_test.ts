/**
 * The WebGPU engine against PyTorch's autograd, by each of its paths; the fused one also without room for its parameters. Models,
 * losses and inner rules that no kernel was written for run as programs.
 */
import { gpuRuns } from "../../gpu.ts";
import { goldenSuite } from "../golden_suite.ts";
import { methodGoldenSuite } from "../method_golden_suite.ts";
import { sharedEngine } from "./shared_engine.ts";

const SMOKE = {
  batched: ["maml_tiny", "implicit"],
  fused: ["maml_tiny", "implicit"],
  programs: ["maml_tiny"],
  methods: ["rule_momentum"],
};

for (const path of ["batched", "fused", "programs"] as const) {
  goldenSuite(`The WebGPU engine (${path})`, () => sharedEngine({ path }), {
    tolerance: 1e-4,
    ignore: (name) => !gpuRuns({ smoke: SMOKE[path].includes(name) }),
  });
}

methodGoldenSuite("The WebGPU engine", () => sharedEngine(), {
  tolerance: 1e-4,
  ignore: (name) => !gpuRuns({ smoke: SMOKE.methods.includes(name) }),
});

goldenSuite(
  "The WebGPU engine (fused, parameters in storage)",
  () => sharedEngine({ path: "fused", workgroupBytes: 0 }),
  { tolerance: 1e-4, ignore: () => !gpuRuns(), only: ["maml_seed_network", "anil", "learned_loss"] },
);
