/**
 * POST {run, market, time}: the moment adapted in 0 to 20 inner steps.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { askLab } from "../../../server/lab_process.ts";
import { parseLabQuery } from "../../../server/lab_query.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const body = await jsonBody(ctx.req);
    const query = await refusing(() => parseLabQuery(body));
    return Response.json(await askLab({ kind: "view", query }));
  },
});
