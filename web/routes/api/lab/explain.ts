/**
 * POST {run, market, time, steps}: what the features and the support bars did to the forecast.
 * @module
 */
import { jsonBody, refusing } from "../../../server/api.ts";
import { askLab } from "../../../server/lab_process.ts";
import { parseLabSteps } from "../../../server/lab_query.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const body = await jsonBody(ctx.req);
    return Response.json(await askLab({ kind: "explain", ...await refusing(() => parseLabSteps(body)) }));
  },
});
