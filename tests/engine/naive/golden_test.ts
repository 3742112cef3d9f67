import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { goldenSuite } from "../golden_suite.ts";
import { methodGoldenSuite } from "../method_golden_suite.ts";

const open = () => Promise.resolve(openNaiveEngine());

goldenSuite("the float64 interpreter", open, { tolerance: 1e-6 });
methodGoldenSuite("the float64 interpreter", open, { tolerance: 1e-9, rounded: 1e-6 });
