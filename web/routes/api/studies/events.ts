/**
 * GET: the live stream of the list of studies; see `study_events.ts`.
 * @module
 */
import { connectStudies } from "../../../server/study_events.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: () => connectStudies() });
