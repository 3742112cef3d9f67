/**
 * GET: the live stream of one study, `?file=&name=`; see `kept_events.ts`.
 * @module
 */
import { HttpError } from "fresh";
import { connectStudy } from "../../../server/kept_events.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async GET(ctx) {
    const { searchParams } = ctx.url;
    const response = await connectStudy(searchParams.get("file") ?? "", searchParams.get("name") ?? "");
    if (response === null) throw new HttpError(404, "There is no such study.");
    return response;
  },
});
