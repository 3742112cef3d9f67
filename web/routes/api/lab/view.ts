/**
 * POST {run, market, time}: the moment adapted in 0 to 20 inner steps.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { labView, parseLabQuery } from "../../../server/lab_view.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const query = await jsonBody(ctx.req);
    return Response.json(await refusing(() => labView(parseLabQuery(query))));
  },
});
