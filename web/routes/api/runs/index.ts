/**
 * GET: all runs, summed up. POST: queues a run from its settings (JSON) and answers with its record.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { summariseAll } from "../../../server/run_events.ts";
import { runManager } from "../../../server/run_manager.ts";
import { checkedRun } from "../../../server/run_check.ts";
import { define } from "../../../utils.ts";

/** The handlers. */
export const handler = define.handlers({
  async GET() {
    return Response.json(summariseAll((await runManager()).store));
  },
  async POST(ctx) {
    const settings = await jsonBody(ctx.req);
    const manager = await runManager();
    return Response.json(await refusing(async () => manager.start(await checkedRun(settings))), { status: 201 });
  },
});
