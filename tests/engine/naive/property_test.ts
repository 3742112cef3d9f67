import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { propertySuite } from "../property_suite.ts";

propertySuite("the float64 interpreter", () => Promise.resolve(openNaiveEngine()));
