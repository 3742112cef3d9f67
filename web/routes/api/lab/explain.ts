/**
 * POST {run, market, time, steps}: what the features and the support bars did to the forecast.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { labExplanation, parseLabQuery } from "../../../server/lab_view.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const query = await jsonBody(ctx.req);
    const { steps } = (query ?? {}) as { readonly steps?: unknown };
    return Response.json(await refusing(() => labExplanation(parseLabQuery(query), steps)));
  },
});
