/**
 * POST: starts a fetch from Bybit from its form (JSON) and answers with the fetch; its progress comes by the stream.
 * @module
 */
import { jsonBody, refusing } from "../../../../server/api.ts";
import { startFetch } from "../../../../server/data_fetches.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const form = await jsonBody(ctx.req);
    return Response.json(await refusing(() => startFetch(form)), { status: 201 });
  },
});
