/**
 * GET: the equity of paper traders, `?id=` each, over what they began with, on one axis: `along=time` or `along=bars`.
 * @module
 */
import { HttpError } from "fresh";
import { onlineManager } from "../../../server/online_manager.ts";
import { MOST_TRADERS, overlaidTraders } from "../../../server/online_overlay.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const ids = [...new Set(searchParams.getAll("id"))];
    const along = searchParams.get("along");
    if (ids.length > MOST_TRADERS) {
      throw new HttpError(400, `Cannot lay over each other: expected at most ${MOST_TRADERS} traders.`);
    }
    if (along !== "time" && along !== "bars") {
      throw new HttpError(400, "Cannot lay over each other: expected along to be time or bars.");
    }
    return Response.json(await overlaidTraders((await onlineManager()).store, ids, along));
  },
});
