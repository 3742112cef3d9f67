/**
 * POST `{ id }`: cancels a fetch.
 * @module
 */
import { HttpError } from "fresh";
import { jsonBody } from "../../../../server/api.ts";
import { cancelFetch } from "../../../../server/data_fetches.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const id = (await jsonBody(ctx.req) as { readonly id?: unknown } | null)?.id;
    if (typeof id !== "string" || !cancelFetch(id)) throw new HttpError(404, "There is no such fetch under way.");
    return new Response(null, { status: 204 });
  },
});
