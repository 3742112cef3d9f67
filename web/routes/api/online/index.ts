/**
 * GET: all paper traders. POST: starts one from its settings (JSON) and answers with it.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { summariseTraders, summaryOf } from "../../../server/online_events.ts";
import { onlineManager } from "../../../server/online_manager.ts";
import { define } from "../../../utils.ts";

/** The handlers. */
export const handler = define.handlers({
  async GET() {
    return Response.json(summariseTraders((await onlineManager()).store));
  },
  async POST(ctx) {
    const settings = await jsonBody(ctx.req);
    const manager = await onlineManager();
    return Response.json(summaryOf(await refusing(() => manager.start(settings))), { status: 201 });
  },
});
