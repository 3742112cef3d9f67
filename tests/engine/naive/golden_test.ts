import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { goldenSuite } from "../golden_suite.ts";

goldenSuite("the float64 twin", () => Promise.resolve(openNaiveEngine()), { tolerance: 1e-6 });
