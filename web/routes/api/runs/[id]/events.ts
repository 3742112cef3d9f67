/**
 * GET: the live stream of one run, from `?after=STEP` or the browser's last event on; see `run_events.ts`.
 * @module
 */
import { HttpError } from "fresh";
import { connectRun } from "../../../../server/run_events.ts";
import { runManager } from "../../../../server/run_manager.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET(ctx) {
    const { id } = ctx.params;
    if ((await runManager()).store.get(id) === undefined) throw new HttpError(404, "There is no such run.");
    const after = Number(ctx.req.headers.get("last-event-id") ?? ctx.url.searchParams.get("after") ?? -1);
    return connectRun(id, Number.isInteger(after) ? after : -1);
  },
});
