/**
 * GET: the live stream of the list of paper traders; see `online_events.ts`.
 * @module
 */
import { connectTraders } from "../../../server/online_events.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: () => connectTraders() });
