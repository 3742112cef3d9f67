/**
 * GET: the live stream of the list of studies; see `kept_events.ts`.
 * @module
 */
import { connectStudies } from "../../../server/kept_events.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: () => connectStudies() });
