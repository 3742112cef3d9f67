/**
 * GET: the overview's live stream; see `run_events.ts`.
 * @module
 */
import { connectRuns } from "../../../server/run_events.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: () => connectRuns() });
