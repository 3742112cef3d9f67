/**
 * GET: the live stream of the benchmark.
 * @module
 */
import { connectEngine } from "../../../server/engine.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: () => connectEngine() });
