/**
 * POST: tries every engine and its self-test (`{"again": true}`: anew) and answers with what was found.
 * @module
 */
import { jsonBody } from "../../../server/api.ts";
import { probeEngines } from "../../../server/engine.ts";
import { define } from "../../../utils.ts";

/** The handler. */
export const handler = define.handlers({
  async POST(ctx) {
    const { again } = Object(await jsonBody(ctx.req));
    return Response.json(await probeEngines(again === true));
  },
});
