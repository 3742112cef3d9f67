/**
 * GET: the live stream of the list of searches; see `kept_events.ts`.
 * @module
 */
import { connectSearches } from "../../../server/kept_events.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: () => connectSearches() });
