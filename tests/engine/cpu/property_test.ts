/**
 * The CPU engine against the suite of properties that every engine is held to.
 */
import { openCpuEngine } from "../../../lib/engine/cpu/open.ts";
import { propertySuite } from "../property_suite.ts";

propertySuite("The CPU engine", () => openCpuEngine({ threads: 2 }));
