/**
 * GET: the data page's live stream; see `data_events.ts`.
 * @module
 */
import { connectData } from "../../../server/data_events.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({ GET: () => connectData() });
