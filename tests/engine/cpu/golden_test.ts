/**
 * The CPU engine's derivatives against PyTorch's, on every build and with more than one thread.
 */
import { openCpuEngine } from "../../../lib/engine/cpu/open.ts";
import { goldenSuite } from "../golden_suite.ts";

import { methodGoldenSuite } from "../method_golden_suite.ts";

for (const build of ["relaxedShared", "relaxed", "simdShared", "simd"] as const) {
  goldenSuite(`The CPU engine (${build})`, () => openCpuEngine({ build, threads: 2 }), { tolerance: 1e-4 });
  methodGoldenSuite(`The CPU engine (${build})`, () => openCpuEngine({ build, threads: 2 }), { tolerance: 1e-4 });
}
