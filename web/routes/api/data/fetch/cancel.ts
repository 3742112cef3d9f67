/**
 * POST `{ id }`: cancels a fetch.
 * @module
 */
import { HttpError } from "fresh";
import { jsonBody, refusing } from "../../../../server/api.ts";
import { cancelFetch } from "../../../../server/data_fetches.ts";
import { requireSettings } from "../../../../server/settings.ts";
import { define } from "../../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const body = await jsonBody(ctx.req);
    const { id } = await refusing(() => requireSettings<{ id: unknown }>("Cannot cancel a fetch", body, ["id"]));
    if (typeof id !== "string" || !cancelFetch(id)) throw new HttpError(404, "There is no such fetch under way.");
    return new Response(null, { status: 204 });
  },
});
