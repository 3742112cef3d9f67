/**
 * GET: the live stream of one paper trader; see `online_events.ts`.
 * @module
 */
import { HttpError } from "fresh";
import { connectTrader } from "../../../../server/online_events.ts";
import { onlineManager } from "../../../../server/online_manager.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET(ctx) {
    const { id } = ctx.params;
    if ((await onlineManager()).store.get(id) === undefined) throw new HttpError(404, "There is no such trader.");
    return await connectTrader(id);
  },
});
